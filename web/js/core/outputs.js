// @ts-check
/** Which nodes a run goes to for a node of the graph: itself, or for a sub-workflow what that gives and shows. */

import { definitionOf, nodeIds, nodeOf } from "./document.js";

/**
 * @param {string} id @param {import("./kinds.js").Kinds} kinds
 * @param {import("./document.js").Document[]} scopes the document, and the sub-workflows down to the node's own
 * @param {string} prefix of the names of the nodes beside it @returns {string[]} as the server names them
 */
export function outputsOf(id, kinds, scopes, prefix) {
  const node = nodeOf(scopes[scopes.length - 1], id);
  const inner = node && definitionOf(node.kind, scopes);
  if (!inner) return [prefix + id];
  const { workflow } = inner;
  const given = new Set(Object.values(workflow.interface?.outputs ?? {}).map((source) => source.node));
  const isOutput = (/** @type {string} */ one) => given.has(one) || kinds.of(workflow.nodes[one].kind)?.output === true;
  const wanted = nodeIds(workflow).filter((one) => isOutput(one) && !workflow.nodes[one].mode);
  if (scopes.includes(workflow)) return [];
  return wanted.flatMap((one) => outputsOf(one, kinds, inner.scopes, `${prefix}${id}:`));
}
