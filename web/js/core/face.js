// @ts-check
/** The interface of a workflow, read: of what type a port is outside, and what it stands for inside. */

import { keysOf, own } from "./json.js";
import { ANY, fits, inputType, isGeneric, outputType } from "./types.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {import("./kinds.js").Kinds} Kinds
 * @typedef {import("./edit_interface.js").Side} Side
 * @typedef {{node: string, port: string, type: string}} Inner
 * @typedef {{name: string, type: string, help?: string, inner: Inner[]}} FacePort
 */

/**
 * The ports on one side of an interface, in their order.
 * @param {Kinds} kinds @param {Document[]} scopes the document, and the sub-workflows down to the one that is meant
 * @param {Side} side @returns {FacePort[]}
 */
export function facePorts(kinds, scopes, side) {
  const workflow = scopes[scopes.length - 1];
  const ports = /** @type {Record<string, any>} */ (workflow.interface?.[side] ?? {});
  const outside = kinds.portsOutside(scopes)[side];
  return keysOf(ports).map((name, at) => {
    const { type, help } = outside[at];
    const inner = [own(ports, name)].flat().map(({ node, input, output }) => ({
      node,
      port: input ?? output,
      type: side === "inputs" ? inputType(workflow, kinds, { node, input }, scopes) : outputType(workflow, kinds, { node, output }, scopes),
    }));
    return { name, type: isGeneric(type) ? ANY : type, help, inner };
  });
}

/** Whether what a port stands for inside is of several types; one that takes anything is of each. @param {FacePort} port */
export const differs = ({ inner }) => new Set(inner.map(({ type }) => type).filter((type) => type !== ANY)).size > 1;

/** What does not take all that the port takes outside. @param {FacePort} port @returns {Inner[]} */
export const unfitting = ({ type, inner }) => inner.filter((one) => !fits(type, one.type));
