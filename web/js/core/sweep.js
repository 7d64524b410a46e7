// @ts-check
/** A sweep: the variants of a workflow in which a few inputs have each of several values. */

import { descendants, executionOrder, nodeIds, nodeOf, SUBWORKFLOW } from "./document.js";
import { setInput } from "./edit_nodes.js";
import { ownerOf } from "./places.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {{node: string, input: string, values: any[]}} Axis
 * @typedef {{at: number[], document: Document}} Variant `at`: which value of each axis
 */

export const MOST_AXES = 3; // columns, rows, pages
export const MOST_VARIANTS = 100;

/** How many variants there are. @param {Axis[]} axes */
export const countOf = (axes) => axes.reduce((count, { values }) => count * values.length, 1);

/**
 * All variants, in an order in which what lies near the sources changes least often, so that most of what one made is
 * still kept when the next one asks for it.
 * @param {Document} document @param {Axis[]} axes @returns {Variant[]}
 */
export function variantsOf(document, axes) {
  const order = executionOrder(document);
  const place = (/** @type {number} */ axis) => order.indexOf(axes[axis].node);
  const slowFirst = [...axes.keys()].toSorted((one, other) => place(one) - place(other));
  const places = slowFirst.reduce(
    (all, axis) => all.flatMap((at) => axes[axis].values.map((_value, index) => at.with(axis, index))),
    [axes.map(() => 0)],
  );
  return places.map((at) => ({ at, document: variantAt(document, axes, at) }));
}

/** @param {Document} document @param {Axis[]} axes @param {number[]} at @returns {Document} */
const variantAt = (document, axes, at) =>
  axes.reduce((changed, { node, input, values }, axis) => setInput(changed, { node, input }, values[at[axis]]), document);

/**
 * How many times nodes run for all variants together, what they share once, and how many it were if each ran alone.
 * @param {Document} document @param {Axis[]} axes whose nodes may be inner ones, as the server calls them
 * @param {{run: Record<string, any>, order: string[]}} plan of the first variant @returns {{shared: number, alone: number}}
 */
export function nodeRuns(document, axes, { run, order }) {
  const outerOf = (/** @type {string} */ id) => ownerOf(document, id) ?? id; // a sub-workflow counts as a whole
  const reached = axes.map(({ node }) => descendants(document, alike(document, outerOf(node))));
  const count = countOf(axes);
  let [shared, alone] = [0, 0];
  for (const id of order) {
    const varying = axes.filter((_axis, index) => reached[index].has(outerOf(id)));
    if (!varying.length && !Object.hasOwn(run, id)) continue;
    shared += countOf(varying);
    alone += count;
  }
  return { shared, alone };
}

/** The nodes that change with a node: all that use the same sub-workflow. @param {Document} document @param {string} id */
function alike(document, id) {
  const kind = nodeOf(document, id)?.kind ?? "";
  return kind.startsWith(SUBWORKFLOW) ? nodeIds(document).filter((other) => nodeOf(document, other)?.kind === kind) : [id];
}
