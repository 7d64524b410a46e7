// @ts-check
/**
 * Sub-workflows: graphs under a name, with declared inputs and outputs, used by nodes of kind `@name`.
 *
 * A path of names leads from the document to the sub-workflow that is edited; every edit works on each of them alike.
 */

import { nodeIds, wiresFrom, SUBWORKFLOW } from "./document.js";
import { keysOf, own } from "./json.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {import("./document.js").Interface} Interface
 */

/**
 * The document, and the sub-workflows that a path leads through; fewer if it leads nowhere.
 * @param {Document} document @param {string[]} path @returns {Document[]}
 */
export function scopesAt(document, path) {
  const scopes = [document];
  for (const name of path) {
    const inner = own(scopes[scopes.length - 1].workflows, name);
    if (!inner) break;
    scopes.push(inner);
  }
  return scopes;
}

/**
 * Change the sub-workflow that a path leads to; the document itself for an empty one.
 * @param {Document} document @param {string[]} path @param {(workflow: Document) => Document} change
 * @returns {Document}
 */
export function changeWorkflow(document, [name, ...rest], change) {
  if (name === undefined) return change(document);
  const before = own(document.workflows, name);
  const after = before && changeWorkflow(before, rest, change);
  return after === before ? document : { ...document, workflows: { ...document.workflows, [name]: after } };
}

/** A name that no sub-workflow has. @param {Document} document @param {string} wish */
export function newName(document, wish) {
  let name = wish;
  for (let number = 2; own(document.workflows, name); number += 1) name = `${wish} ${number}`;
  return name;
}

/** The nodes that use a sub-workflow. @param {Document} document @param {string} name */
export const usersOf = (document, name) =>
  nodeIds(document).filter((id) => document.nodes[id].kind === SUBWORKFLOW + name);

/**
 * What the users of a sub-workflow would lose if it had another interface.
 * @param {Document} document @param {string} name @param {Interface} face
 * @returns {{node: string, inputs: string[], outputs: string[]}[]}
 */
export function lostBy(document, name, face) {
  const lost = usersOf(document, name).map((node) => {
    const taken = new Set(wiresFrom(document, node).map(({ from }) => from.output));
    return {
      node,
      inputs: keysOf(document.nodes[node].inputs).filter((input) => !own(face.inputs, input)),
      outputs: [...taken].filter((output) => !own(face.outputs, output)),
    };
  });
  return lost.filter(({ inputs, outputs }) => inputs.length + outputs.length > 0);
}
