// @ts-check
/** Edits of wires. An input has at most one: a new one takes the place of what was there. No edit closes a circle. */

import { inputOf, isLink, nodeOf, wiresFrom, wiresInto } from "./document.js";
import { changeNodes, setRaw } from "./edit_nodes.js";
import { without } from "./json.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {import("./document.js").Source} Source
 * @typedef {import("./document.js").Target} Target
 * @typedef {import("./document.js").Wire} Wire
 */

/**
 * The circle that a wire would close: the ids along it, from its target on to its source; undefined if it closes none.
 * @param {Document} document @param {Source} from @param {Target} to @returns {string[] | undefined}
 */
export function wouldCycle(document, from, to) {
  const before = new Map([[to.node, ""]]);
  for (const id of before.keys()) {
    if (id === from.node) return pathTo(id, before);
    for (const wire of wiresFrom(document, id)) if (!before.has(wire.to.node)) before.set(wire.to.node, id);
  }
  return undefined;
}

/** @param {string} id @param {Map<string, string>} before @returns {string[]} */
function pathTo(id, before) {
  const path = [];
  for (let at = id; at !== ""; at = before.get(at) ?? "") path.unshift(at);
  return path;
}

/**
 * Join an output to an input. What is not there, or would close a circle, changes nothing.
 * @param {Document} document @param {Source} from @param {Target} to @returns {Document}
 */
export function connect(document, { node, output }, to) {
  if (!nodeOf(document, node) || wouldCycle(document, { node, output }, to)) return document;
  return setRaw(document, to, { link: { node, output } });
}

/** Join several, each where it can be. @param {Document} document @param {Wire[]} wires @returns {Document} */
export const connectAll = (document, wires) =>
  wires.reduce((changed, { from, to }) => connect(changed, from, to), document);

/** Take the wire of an input away; a literal stays. @param {Document} document @param {Target} target */
export const disconnect = (document, { node, input }) => unlinked(document, new Map([[node, new Set([input])]]));

/** Take wires away, as those that were cut. @param {Document} document @param {Wire[]} wires */
export function disconnectAll(document, wires) {
  const inputs = new Map(wires.map(({ to }) => [to.node, /** @type {Set<string>} */ (new Set())]));
  for (const { to } of wires) inputs.get(to.node)?.add(to.input);
  return unlinked(document, inputs);
}

/** @param {Document} document @param {Map<string, Set<string>>} inputs by node @returns {Document} */
const unlinked = (document, inputs) =>
  changeNodes(document, inputs.keys(), (node, id) => {
    const linked = [...(inputs.get(id) ?? [])].filter((input) => isLink(inputOf(node, input)));
    return linked.length ? { ...node, inputs: without(node.inputs, new Set(linked)) } : node;
  });

/** Take all wires of a node away. @param {Document} document @param {string} id @returns {Document} */
export const isolate = (document, id) =>
  disconnectAll(document, [...wiresInto(document, id), ...wiresFrom(document, id)]);

/**
 * Let the end of a wire be at another input.
 * @param {Document} document @param {Wire} wire @param {Target} to @returns {Document}
 */
export function moveWire(document, { from, to: before }, to) {
  const moved = connect(disconnect(document, before), from, to);
  return inputHas(moved, to, from) ? moved : document;
}

/**
 * Let all wires of an output begin at another one.
 * @param {Document} document @param {Source} from @param {Source} to @returns {Document}
 */
export const moveWires = (document, from, to) =>
  connectAll(document, wiresFrom(document, from.node, from.output).map((wire) => ({ from: to, to: wire.to })));

/** @param {Document} document @param {Target} target @param {Source} source */
function inputHas(document, { node: id, input }, { node, output }) {
  const held = nodeOf(document, id);
  const value = held && inputOf(held, input);
  return isLink(value) && value.link.node === node && value.link.output === output;
}

/**
 * Put a node into a wire.
 * @param {Document} document @param {string} id @param {Wire} wire
 * @param {{input: string, output: string}} ports of the node (`fittingPorts` finds them) @returns {Document}
 */
export function insertOnWire(document, id, { from, to }, { input, output }) {
  const first = connect(document, from, { node: id, input });
  const both = connect(first, { node: id, output }, to);
  return first !== document && both !== first ? both : document;
}
