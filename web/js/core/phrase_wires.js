// @ts-check
/** Wires that phrases name by their ends: what may be joined, and what may be parted. */

import { inputOf, isLink, nodeIds, nodeOf, wires } from "./document.js";
import { refusal } from "./connecting.js";
import { connect, disconnect } from "./edit_wires.js";
import { namesOf } from "./names.js";
import { createIndex } from "./search.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {import("./document.js").Source} Source
 * @typedef {import("./document.js").Target} Target
 * @typedef {import("./kinds.js").Kinds} Kinds
 * @typedef {{document: Document, scopes: Document[], kinds: Kinds, selection: string[]}} About
 * @typedef {{id: string, port: import("./ports.js").Port}} End
 */

const MOST = 40; // ends that are tried on each side

/**
 * The joints between an output and an input, each named by port and node in any order: an input that is free before
 * one that is not, the same type before one that fits.
 * @param {About} about @param {string} from empty for what is selected @param {string} to
 * @returns {{source: Source, target: Target, change: (document: Document) => Document}[]}
 */
export function joins({ document, scopes, kinds, selection }, from, to) {
  const ids = from ? nodeIds(document) : selection;
  const outputs = endsLike({ document, scopes, kinds }, ids, "outputs", from);
  const inputs = to ? endsLike({ document, scopes, kinds }, nodeIds(document), "inputs", to) : [];
  const pairs = outputs.flatMap((output) => inputs.map((input) => ({ output, input })));
  const may = pairs.filter(({ output, input }) => output.id !== input.id && !refusal(document, kinds, sourceOf(output), targetOf(input), scopes));
  const cost = (/** @type {typeof pairs[0]} */ { output, input }) =>
    (output.port.type === input.port.type ? 0 : 1) + (isTaken(document, input) ? 2 : 0);
  return may.toSorted((one, other) => cost(one) - cost(other)).map(({ output, input }) => {
    const [source, target] = [sourceOf(output), targetOf(input)];
    return { source, target, change: (/** @type {Document} */ now) => connect(now, source, target) };
  });
}

/** @param {Document} document @param {End} end */
function isTaken(document, { id, port }) {
  const node = nodeOf(document, id);
  return node !== undefined && isLink(inputOf(node, port.name));
}

/** @param {End} end @returns {Source} */
const sourceOf = ({ id, port }) => ({ node: id, output: port.name });
/** @param {End} end @returns {Target} */
const targetOf = ({ id, port }) => ({ node: id, input: port.name });

/**
 * Ports of nodes by the words of both.
 * @param {{document: Document, scopes: Document[], kinds: Kinds}} about @param {string[]} ids @param {"inputs" | "outputs"} side
 * @param {string} query @returns {End[]}
 */
function endsLike({ document, scopes, kinds }, ids, side, query) {
  const ends = ids.flatMap((id) => {
    const node = nodeOf(document, id);
    return node ? kinds.portsOf(node, scopes)[side].map((port) => ({ id, port })) : [];
  });
  return query ? createIndex(ends, (end) => namesOfEnd({ document, kinds }, end))(query, { limit: MOST }) : ends.slice(0, MOST);
}

/** @param {{document: Document, kinds: Kinds}} about @param {End} end */
function namesOfEnd({ document, kinds }, { id, port }) {
  const { strong, weak } = namesOf(document, kinds, id);
  return { strong: [port.label ?? port.name, ...strong], weak };
}

/**
 * The wires whose inputs are named so.
 * @param {About} about @param {string} query
 * @returns {{target: Target, change: (document: Document) => Document}[]}
 */
export function parts({ document, kinds }, query) {
  const linked = wires(document).map(({ to }) => ({ id: to.node, port: { name: to.input, type: "" } }));
  return createIndex(linked, (end) => namesOfEnd({ document, kinds }, end))(query, { limit: MOST }).map((end) => {
    const target = targetOf(end);
    return { target, change: (/** @type {Document} */ now) => disconnect(now, target) };
  });
}
