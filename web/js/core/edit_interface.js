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
  if (same(document.interface, isEmpty ? undefined : face)) return document;
  const { interface: _before, ...rest } = document;
  return isEmpty ? rest : { ...document, interface: face };
}

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
