// @ts-check
/** What may be joined to what: whether two ports may, why not, and which port or kind would do. */

import { ancestors, descendants, inputOf, isLink, linksOf, nodeIds, nodeOf } from "./document.js";
import { addNode } from "./edit_nodes.js";
import { connect, wouldCycle } from "./edit_wires.js";
import { CHOICE, converters, fits, inputType, outputType, WIDGETS } from "./types.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {import("./document.js").Source} Source
 * @typedef {import("./document.js").Target} Target
 * @typedef {import("./document.js").Wire} Wire
 * @typedef {import("./kinds.js").Kinds} Kinds
 * @typedef {import("./ports.js").Kind} Kind
 * @typedef {{code: "missing"} | {code: "cycle", loop: string[]}
 *   | {code: "type", given: string, wanted: string, converters: Kind[]}} Refusal
 */

/**
 * Why an output may not be joined to an input; undefined if it may.
 * @param {Document} document @param {Kinds} kinds @param {Source} from @param {Target} to @param {Document[]} [scopes]
 * @returns {Refusal | undefined}
 */
export function refusal(document, kinds, from, to, scopes = [document]) {
  const [source, target] = [nodeOf(document, from.node), nodeOf(document, to.node)];
  if (!source || !target || !kinds.outputOf(source, from.output, scopes) || !kinds.inputOf(target, to.input, scopes)) {
    return { code: "missing" };
  }
  const [given, wanted] = [outputType(document, kinds, from, scopes), inputType(document, kinds, to, scopes)];
  if (!fits(given, wanted)) return { code: "type", given, wanted, converters: converters(kinds, given, wanted) };
  const loop = wouldCycle(document, from, to);
  return loop && { code: "cycle", loop };
}

/**
 * The input of a node that an output would best be joined to: free before linked, its very type before one that fits,
 * one that takes links only before one with a value.
 * @param {Document} document @param {Kinds} kinds @param {Source} from @param {string} id @param {Document[]} [scopes]
 * @returns {string | undefined}
 */
export function bestInput(document, kinds, from, id, scopes = [document]) {
  const node = nodeOf(document, id);
  if (!node) return undefined;
  const given = outputType(document, kinds, from, scopes);
  const possible = kinds
    .portsOf(node, scopes)
    .inputs.filter(({ name }) => !refusal(document, kinds, from, { node: id, input: name }, scopes))
    .filter(({ name, unknown }) => !unknown || !isLink(inputOf(node, name)));
  const cost = (/** @type {import("./ports.js").Port} */ { name, type }) =>
    (isLink(inputOf(node, name)) ? 4 : 0) + (type === given ? 0 : 2) + (WIDGETS.has(type) ? 1 : 0);
  return possible.toSorted((one, other) => cost(one) - cost(other))[0]?.name;
}

/**
 * The output of a node that would best feed an input.
 * @param {Document} document @param {Kinds} kinds @param {Target} to @param {string} id @param {Document[]} [scopes]
 * @returns {string | undefined}
 */
export function bestOutput(document, kinds, to, id, scopes = [document]) {
  const node = nodeOf(document, id);
  if (!node) return undefined;
  const wanted = inputType(document, kinds, to, scopes);
  const possible = kinds
    .portsOf(node, scopes)
    .outputs.filter(({ name }) => !refusal(document, kinds, { node: id, output: name }, to, scopes));
  return (possible.find(({ type }) => type === wanted) ?? possible[0])?.name;
}

/**
 * The wires that an output could begin, or an input end, but for the one that is there; those of its very type come first.
 * @param {Document} document @param {Kinds} kinds @param {Source | Target} end @param {Document[]} [scopes]
 * @returns {Wire[]}
 */
export function possibleWires(document, kinds, end, scopes = [document]) {
  const begins = "output" in end;
  const closed = begins ? ancestors(document, [end.node]) : descendants(document, [end.node]);
  const own = begins ? outputType(document, kinds, end, scopes) : inputType(document, kinds, end, scopes);
  const found = nodeIds(document).filter((id) => !closed.has(id)).flatMap((id) => {
    const { inputs, outputs } = kinds.portsOf(/** @type {any} */ (nodeOf(document, id)), scopes);
    const wires = begins
      ? inputs.map(({ name }) => ({ from: end, to: { node: id, input: name } }))
      : outputs.map(({ name }) => ({ from: { node: id, output: name }, to: end }));
    return wires.map((wire) => ({ wire, type: begins ? inputType(document, kinds, wire.to, scopes) : outputType(document, kinds, wire.from, scopes) }));
  });
  return found
    .filter(({ wire, type }) => (begins ? fits(own, type) : fits(type, own)) && !isThere(document, wire))
    .toSorted((one, other) => Number(other.type === own) - Number(one.type === own))
    .map(({ wire }) => wire);
}

/** @param {Document} document @param {Wire} wire */
function isThere(document, { from, to }) {
  const held = inputOf(/** @type {any} */ (nodeOf(document, to.node)), to.input);
  return isLink(held) && held.link.node === from.node && held.link.output === from.output;
}

/**
 * The ports with which a node would go into a wire; undefined if it does not fit, or has a wire there already.
 * @param {Document} document @param {Kinds} kinds @param {string} id @param {Wire} wire @param {Document[]} [scopes]
 * @returns {{input: string, output: string} | undefined}
 */
export function fittingPorts(document, kinds, id, { from, to }, scopes = [document]) {
  const node = nodeOf(document, id);
  if (!node || from.node === id || to.node === id) return undefined;
  const input = bestInput(document, kinds, from, id, scopes);
  const free = linksOf(node).every(([name]) => name !== input);
  const joined = input && free ? connect(document, from, { node: id, input }) : document; // binds a generic output
  const output = joined === document ? undefined : bestOutput(joined, kinds, to, id, scopes);
  return input && output ? { input, output } : undefined;
}

/** Whether a kind has an input that one would look for from an output. @param {Kind} kind @param {string} given */
export const takes = ({ inputs }, given) =>
  inputs.some(({ type }) => fits(given, type) && (type !== CHOICE || given === CHOICE)); // a text fits any choice

/** Whether a kind has an output that feeds a type. @param {Kind} kind @param {string} wanted */
export const gives = ({ outputs }, wanted) => outputs.some(({ type }) => fits(type, wanted));

/**
 * Add a node of a kind and join it to the port that it was looked for from.
 * @param {Document} document @param {Kinds} kinds @param {string} kind @param {[number, number]} at
 * @param {{from: Source} | {to: Target}} end @param {Document[]} [scopes]
 * @returns {{document: Document, id: string}}
 */
export function addConnected(document, kinds, kind, at, end, scopes = [document]) {
  const { document: added, id } = addNode(document, kind, at);
  if ("from" in end) {
    const input = bestInput(added, kinds, end.from, id, scopes);
    return { document: input ? connect(added, end.from, { node: id, input }) : added, id };
  }
  const output = bestOutput(added, kinds, end.to, id, scopes);
  return { document: output ? connect(added, { node: id, output }, end.to) : added, id };
}

/**
 * Join two ports with a converter between them.
 * @param {Document} document @param {Kinds} kinds @param {string} kind of the converter @param {[number, number]} at
 * @param {Wire} wire @param {Document[]} [scopes] @returns {{document: Document, id: string}}
 */
export function addConverter(document, kinds, kind, at, { from, to }, scopes = [document]) {
  const { document: added, id } = addConnected(document, kinds, kind, at, { from }, scopes);
  const output = bestOutput(added, kinds, to, id, scopes);
  return { document: output ? connect(added, { node: id, output }, to) : added, id };
}
