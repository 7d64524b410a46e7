// @ts-check
/**
 * Sub-workflows: graphs under a name, with declared inputs and outputs, used by nodes of kind `@name`.
 *
 * A path of names leads from the document to the sub-workflow that is edited; every edit works on each of them alike.
 */

import { definitionOf, nodeIds } from "./document.js";
import { own } from "./json.js";

/** @typedef {import("./document.js").Document} Document */

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

/**
 * A name that no sub-workflow has that can be seen from a workflow.
 * @param {Document[]} scopes the document, and the sub-workflows down to that one @param {string} wish
 */
export function newName(scopes, wish) {
  let name = wish;
  const isTaken = () => scopes.some(({ workflows }) => own(workflows, name));
  for (let number = 2; isTaken(); number += 1) name = `${wish} ${number}`;
  return name;
}

/**
 * Whether a kind is one of the sub-workflows around a place, or uses one: a node of it there would hold itself.
 * @param {string} kind @param {Document[]} scopes the document, and the sub-workflows down to the place @param {Document[]} [around]
 */
export function holdsItself(kind, scopes, around = scopes.slice(1)) {
  const seen = new Set();
  /** @type {(kind: string, scopes: Document[]) => boolean} */
  const leadsBack = (kind, scopes) => {
    const found = definitionOf(kind, scopes);
    if (!found || seen.has(found.workflow)) return false;
    seen.add(found.workflow);
    const { nodes } = found.workflow;
    return around.includes(found.workflow) || nodeIds(found.workflow).some((id) => leadsBack(nodes[id].kind, found.scopes));
  };
  return leadsBack(kind, scopes);
}
