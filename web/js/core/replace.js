// @ts-check
/** Replacing the kind of a node: what matches by name and type stays, and what does not is told. */

import { isLink, literalOf, nodeOf, wiresFrom } from "./document.js";
import { connectAll, disconnectAll } from "./edit_wires.js";
import { setNode } from "./edit_nodes.js";
import { entriesOf, ordered } from "./json.js";
import { fits, inputType, outputType, WIDGETS } from "./types.js";
import { widgetOf } from "./widgets.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {import("./document.js").Node} Node
 * @typedef {import("./document.js").Wire} Wire
 * @typedef {import("./kinds.js").Kinds} Kinds
 * @typedef {import("./ports.js").Port} Port
 */

/**
 * Let a node be of another kind. An input or output whose name is not found goes to the only one of its type, unless
 * that is a type of plain values.
 * @param {Document} document @param {string} id @param {string} kind @param {Kinds} kinds @param {Document[]} [scopes]
 * @returns {{document: Document, dropped: {inputs: string[], outputs: string[]}}}
 */
export function replaceKind(document, id, kind, kinds, scopes = [document]) {
  const before = nodeOf(document, id);
  if (!before) return { document, dropped: { inputs: [], outputs: [] } };
  const { version: _version, ports: _ports, ...rest } = before;
  const fresh = /** @type {Node} */ ({ ...rest, kind, ...versionOf(kinds, kind), inputs: {} });
  const { inputs, dropped } = keptInputs(document, id, before, fresh, kinds, scopes);
  const changed = setNode(document, id, { ...fresh, inputs });
  return movedOutputs(document, changed, id, dropped, kinds, scopes);
}

/** @param {Kinds} kinds @param {string} kind */
function versionOf(kinds, kind) {
  const version = kinds.of(kind)?.version ?? 1;
  return version === 1 ? {} : { version };
}

/**
 * @param {Document} document @param {string} id @param {Node} before @param {Node} fresh @param {Kinds} kinds
 * @param {Document[]} scopes
 */
function keptInputs(document, id, before, fresh, kinds, scopes) {
  const ports = kinds.portsOf(fresh, scopes).inputs;
  const taken = new Set(Object.keys(before.inputs));
  const free = (/** @type {Port} */ port) => !taken.has(port.name);
  const placed = entriesOf(before.inputs).map(([name, value]) => {
    const named = ports.find((port) => port.name === name);
    const given = isLink(value) ? outputType(document, kinds, value.link, scopes) : "";
    const type = given || inputType(document, kinds, { node: id, input: name }, scopes);
    const suits = named && (given ? fits(type, named.type) : takes(named, type, literalOf(value)));
    const to = suits ? named : given ? only(ports.filter(free), type) : undefined;
    if (to) taken.add(to.name);
    return { name, to: to?.name, value };
  });
  const kept = placed.filter(({ to }) => to !== undefined);
  const inputs = ordered(kept.map(({ to, value }) => [/** @type {string} */ (to), value]));
  return { inputs, dropped: placed.filter(({ to }) => to === undefined).map(({ name }) => name) };
}

/**
 * Whether a literal that was for one type may stay at this port.
 * @param {Port} port @param {string} type @param {any} value
 */
const takes = (port, type, value) =>
  widgetOf(port) !== "" && fits(type, port.type) && (!port.choices || port.choices.includes(value));

/** The only port of a type, if it is one that plain values do not have. @param {Port[]} ports @param {string} type */
function only(ports, type) {
  const found = ports.filter((port) => port.type === type && !WIDGETS.has(type));
  return found.length === 1 ? found[0] : undefined;
}

/**
 * @param {Document} document @param {Document} changed @param {string} id @param {string[]} inputs that were dropped
 * @param {Kinds} kinds @param {Document[]} scopes
 */
function movedOutputs(document, changed, id, inputs, kinds, scopes) {
  const { outputs } = kinds.portsOf(/** @type {Node} */ (nodeOf(changed, id)), scopes);
  const wires = wiresFrom(document, id);
  /** @type {Map<string, string | undefined>} */
  const names = new Map();
  for (const { from } of wires) {
    const type = outputType(document, kinds, from, scopes);
    const named = outputs.find((port) => port.name === from.output && fits(port.type, type));
    names.set(from.output, (named ?? only(outputs, type))?.name);
  }
  const isKept = (/** @type {Wire} */ { from }) => names.get(from.output) !== undefined;
  const outputOf = (/** @type {Wire} */ { from }) => names.get(from.output) ?? from.output;
  const kept = wires.filter(isKept).map((wire) => ({ from: { node: id, output: outputOf(wire) }, to: wire.to }));
  const dropped = [...names.keys()].filter((output) => names.get(output) === undefined);
  const cut = disconnectAll(changed, wires.filter((wire) => !isKept(wire)));
  return { document: connectAll(cut, kept), dropped: { inputs, outputs: dropped } };
}
