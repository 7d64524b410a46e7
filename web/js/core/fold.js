// @ts-check
/** Nodes made a sub-workflow, with a node that uses it in their place; `unfold.js` takes it back. */

import { fragment } from "./copies.js";
import { middle, nodeIds, nodeOf, SUBWORKFLOW, wires } from "./document.js";
import { newId, relinked } from "./edit_nodes.js";
import { moveNodes } from "./edit_layout.js";
import { entriesOf, ordered } from "./json.js";
import { Refused } from "./refused.js";
import { forgetInLayout } from "./remove.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {import("./document.js").Source} Source
 * @typedef {import("./document.js").Target} Target
 * @typedef {{name: string, source?: Source, targets: Target[]}} Given an input of the sub-workflow
 * @typedef {{given: Map<string, Given>, taken: Map<string, {name: string, source: Source}>}} Boundary
 */

/**
 * Make nodes a sub-workflow; what comes in and goes out becomes its interface.
 * @param {Document} document @param {Iterable<string>} ids @param {string} name of the new sub-workflow
 * @returns {{document: Document, id: string}} @throws {Refused} if nodes left outside stand between them
 */
export function fold(document, ids, name) {
  const inside = new Set([...ids].filter((id) => nodeOf(document, id)));
  refuseCircle(document, inside);
  const id = newId(document, name);
  const boundary = boundaryOf(document, inside);
  const workflows = { ...document.workflows, [name]: innerWorkflow(document, inside, boundary) };
  const nodes = outerNodes(document, inside, boundary, id, name);
  const folded = forgetInLayout({ ...outerInterface(document, inside, boundary, id), nodes, workflows }, inside);
  return { document: moveNodes(folded, { [id]: middle(document, inside) }), id };
}

/** @param {Document} document @param {Set<string>} inside */
function refuseCircle(document, inside) {
  const outside = new Set();
  const reach = (/** @type {(id: string) => boolean} */ from) =>
    wires(document).filter(({ from: { node }, to }) => from(node) && !inside.has(to.node) && !outside.has(to.node));
  let found = reach((id) => inside.has(id));
  while (found.length) {
    for (const { to } of found) outside.add(to.node);
    found = reach((id) => outside.has(id));
  }
  const back = wires(document).find(({ from, to }) => outside.has(from.node) && inside.has(to.node));
  if (back) {
    const message = `'${back.from.node}' stands between the nodes, and would depend on itself.`;
    throw new Refused("fold_circle", message, { node: back.from.node });
  }
}

/**
 * What leads into nodes and out of them, under names for an interface.
 * @param {Document} document @param {Set<string>} inside @returns {Boundary}
 */
function boundaryOf(document, inside) {
  const { inputs = {}, outputs = {} } = document.interface ?? {};
  /** @type {Boundary} */
  const boundary = { given: new Map(), taken: new Map() };
  const [inNames, outNames] = [new Set(), new Set()];
  /** @param {string} key @param {string} wish @param {Target[]} targets @param {Source} [source] */
  const give = (key, wish, targets, source) => {
    const known = boundary.given.get(key) ?? { name: unused(inNames, wish), source, targets: [] };
    boundary.given.set(key, { ...known, targets: [...known.targets, ...targets] });
  };
  const take = (/** @type {Source} */ source, wish = source.output) => {
    const key = keyOf(source);
    if (!boundary.taken.has(key)) boundary.taken.set(key, { name: unused(outNames, wish), source });
  };
  for (const [name, targets] of entriesOf(inputs)) {
    const inner = targets.filter((/** @type {Target} */ { node }) => inside.has(node));
    if (inner.length) give(exposureKey(name), name, inner);
  }
  for (const [name, source] of entriesOf(outputs)) if (inside.has(source.node)) take(source, name);
  for (const { from, to } of wires(document)) {
    if (!inside.has(from.node) && inside.has(to.node)) give(keyOf(from), to.input, [to], from);
    if (inside.has(from.node) && !inside.has(to.node)) take(from);
  }
  return boundary;
}

/** @param {Source} source */
const keyOf = ({ node, output }) => JSON.stringify([node, output]);

/** @param {string} name */
const exposureKey = (name) => JSON.stringify([name]);

/** @param {Set<string>} taken @param {string} wish */
function unused(taken, wish) {
  let name = wish;
  for (let number = 2; taken.has(name); number += 1) name = `${wish}_${number}`;
  taken.add(name);
  return name;
}

/** @param {Document} document @param {Set<string>} inside @param {Boundary} boundary @returns {Document} */
function innerWorkflow(document, inside, { given, taken }) {
  const { graphengine: _format, workflows: _known, ...part } = fragment(document, inside);
  const inputs = ordered([...given.values()].map(({ name, targets }) => [name, targets]));
  const outputs = ordered([...taken.values()].map(({ name, source }) => [name, source]));
  return { ...part, interface: { inputs, outputs } };
}

/**
 * The nodes outside, and in the place of the first inside the one that uses the sub-workflow.
 * @param {Document} document @param {Set<string>} inside @param {Boundary} boundary @param {string} id
 * @param {string} name
 */
function outerNodes(document, inside, { given, taken }, id, name) {
  const linked = [...given.values()].filter(({ source }) => source);
  const inputs = ordered(linked.map((input) => [input.name, { link: input.source }]));
  const user = { kind: SUBWORKFLOW + name, inputs };
  const first = nodeIds(document).find((other) => inside.has(other));
  const kept = nodeIds(document).filter((other) => other === first || !inside.has(other));
  const outputOf = (/** @type {Source} */ source) => taken.get(keyOf(source))?.name ?? source.output;
  const instead = (/** @type {Source} */ source) => ({ node: id, output: outputOf(source) });
  return ordered(
    kept.map((other) => (other === first ? [id, user] : [other, relinked(document.nodes[other], inside, instead)])),
  );
}

/**
 * @param {Document} document @param {Set<string>} inside @param {Boundary} boundary @param {string} id
 * @returns {Document}
 */
function outerInterface(document, inside, { given, taken }, id) {
  if (!document.interface) return document;
  const { inputs = {}, outputs = {}, ...rest } = document.interface;
  const outer = entriesOf(inputs).map(([name, targets]) => {
    const outside = targets.filter((/** @type {Target} */ { node }) => !inside.has(node));
    const folded = given.get(exposureKey(name));
    const instead = folded ? [{ node: id, input: folded.name }] : [];
    return /** @type {[string, Target[]]} */ ([name, [...outside, ...instead]]);
  });
  const sources = entriesOf(outputs).map(([name, source]) => {
    const folded = taken.get(keyOf(source));
    return /** @type {[string, Source]} */ ([name, folded ? { node: id, output: folded.name } : source]);
  });
  return { ...document, interface: { ...rest, inputs: ordered(outer), outputs: ordered(sources) } };
}
