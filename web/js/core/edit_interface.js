// @ts-check
/** Edits of the interface: what a workflow shows outside, in the form view and as a sub-workflow. */

import { entriesOf, keysOf, ordered, own, same, without } from "./json.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {import("./document.js").Interface} Interface
 * @typedef {import("./document.js").Source} Source
 * @typedef {import("./document.js").Target} Target
 */

/**
 * Set the whole interface; an empty one is left out.
 * @param {Document} document @param {Interface} face @returns {Document}
 */
export function setInterface(document, face) {
  const isEmpty = Object.values(face).every((part) => keysOf(part ?? {}).length === 0);
  if (same(document.interface, isEmpty ? undefined : face) && portOrder(document.interface) === portOrder(face)) return document;
  const { interface: _before, ...rest } = document;
  return isEmpty ? rest : { ...document, interface: face };
}

/** The names of the ports as they follow each other, which is how forms and nodes show them. @param {Interface} [face] */
export const portOrder = ({ inputs, outputs } = { inputs: {}, outputs: {} }) =>
  JSON.stringify([keysOf(inputs ?? {}), keysOf(outputs ?? {})]);

/** Whether two documents that are the same have the ports of each interface in one order. @param {Document} one @param {Document} other @returns {boolean} */
export const samePortOrder = (one, other) =>
  one === other ||
  (portOrder(one.interface) === portOrder(other.interface) &&
    keysOf(one.workflows ?? {}).every((name) => samePortOrder(own(one.workflows, name), own(other.workflows, name))));

/** @param {Document} document @param {(face: Interface) => Interface} change @returns {Document} */
const changeInterface = (document, change) =>
  setInterface(document, change({ inputs: {}, outputs: {}, ...document.interface }));

/**
 * Show an input outside, under a name; one that has the name already sets it too.
 * @param {Document} document @param {string} name @param {Target} target @returns {Document}
 */
export function exposeInput(document, name, target) {
  if (exposedName(document, target) === name) return document;
  return changeInterface(hideInput(document, target), (face) => ({
    ...face,
    inputs: { ...face.inputs, [name]: [...(own(face.inputs, name) ?? []), target] },
  }));
}

/** Show an input outside no longer. @param {Document} document @param {Target} target @returns {Document} */
export function hideInput(document, { node, input }) {
  if (exposedName(document, { node, input }) === undefined) return document;
  return changeInterface(document, (face) => {
    const other = (/** @type {Target} */ target) => target.node !== node || target.input !== input;
    const left = entriesOf(face.inputs).map(([name, targets]) => [name, targets.filter(other)]);
    return { ...face, inputs: ordered(/** @type {[string, any][]} */ (left.filter(([, targets]) => targets.length))) };
  });
}

/**
 * The name under which an input is shown outside.
 * @param {Document} document @param {Target} target @returns {string | undefined}
 */
export function exposedName(document, { node, input }) {
  const found = entriesOf(document.interface?.inputs ?? {}).find(([, targets]) =>
    targets.some((/** @type {Target} */ target) => target.node === node && target.input === input),
  );
  return found?.[0];
}

/**
 * Give an output outside, under a name.
 * @param {Document} document @param {string} name @param {Source} source @returns {Document}
 */
export const exposeOutput = (document, name, source) =>
  changeInterface(document, (face) => ({ ...face, outputs: { ...face.outputs, [name]: source } }));

/** @param {Document} document @param {string} name @returns {Document} */
export const hideOutput = (document, name) =>
  changeInterface(document, (face) => ({ ...face, outputs: without(face.outputs, new Set([name])) }));

/** The name under which an output is given outside. @param {Document} document @param {Source} source @returns {string | undefined} */
export const givenName = (document, { node, output }) =>
  entriesOf(document.interface?.outputs ?? {}).find(([, source]) => source.node === node && source.output === output)?.[0];

/** A name that no port has. @param {Record<string, any>} ports @param {string} wish */
export function freePortName(ports, wish) {
  let name = wish;
  for (let number = 2; own(ports, name); number += 1) name = `${wish}_${number}`;
  return name;
}

/** @typedef {"inputs" | "outputs"} Side */

/**
 * An interface with a port under another name, in its place in the order.
 * @param {Interface} face @param {Side} side @param {string} from @param {string} to @returns {Interface}
 */
export function renamedPort(face, side, from, to) {
  const named = (/** @type {Record<string, any>} */ ports) =>
    ordered(entriesOf(ports).map(([name, port]) => [name === from ? to : name, port]));
  return withDocs({ ...face, [side]: named(face[side] ?? {}) }, side, named(face.docs?.[side] ?? {}));
}

/**
 * An interface with a port a step earlier or later.
 * @param {Interface} face @param {Side} side @param {string} name @param {-1 | 1} by @returns {Interface}
 */
export function movedPort(face, side, name, by) {
  const ports = entriesOf(/** @type {Record<string, any>} */ (face[side] ?? {}));
  const at = ports.findIndex(([other]) => other === name);
  if (at < 0 || !ports[at + by]) return face;
  return { ...face, [side]: ordered(ports.with(at, ports[at + by]).with(at + by, ports[at])) };
}

/**
 * An interface that says of a port what it is for.
 * @param {Interface} face @param {Side} side @param {string} name @param {string} words none take them away
 * @returns {Interface}
 */
export function describedPort(face, side, name, words) {
  const others = without(face.docs?.[side] ?? {}, new Set([name]));
  return withDocs(face, side, words ? { ...others, [name]: words } : others);
}

/** An interface without a port. @param {Interface} face @param {Side} side @param {string} name @returns {Interface} */
export const removedPort = (face, side, name) =>
  describedPort({ ...face, [side]: without(/** @type {Record<string, any>} */ (face[side] ?? {}), new Set([name])) }, side, name, "");

/** @param {Interface} face @param {Side} side @param {Record<string, string>} words @returns {Interface} */
function withDocs({ docs: before, ...face }, side, words) {
  const { [side]: _before, ...other } = before ?? {};
  const docs = keysOf(words).length ? { ...other, [side]: words } : other;
  return /** @type {Interface} */ (keysOf(docs).length ? { ...face, docs } : face);
}
