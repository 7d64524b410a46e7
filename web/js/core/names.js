// @ts-check
/** What nodes are called: to be read, and to be found by. */

import { nodeIds, nodeOf, SUBWORKFLOW } from "./document.js";

/** @typedef {import("./document.js").Document} Document */
/** @typedef {import("./kinds.js").Kinds} Kinds */

/** What a node is called, and its id where several are called so. @param {Document} document @param {Kinds} kinds @param {string} id */
export function uniqueTitle(document, kinds, id) {
  const titleOf = (/** @type {string} */ one) => kinds.titleOf(/** @type {any} */ (nodeOf(document, one)));
  const title = titleOf(id);
  return nodeIds(document).filter((other) => titleOf(other) === title).length > 1 ? `${title} (${id})` : title;
}

/** What a node is found by. @param {Document} document @param {Kinds} kinds @param {string} id */
export function namesOf(document, kinds, id) {
  const node = /** @type {import("./document.js").Node} */ (nodeOf(document, id));
  return { strong: [kinds.titleOf(node), node.kind.replace(SUBWORKFLOW, ""), id], weak: [kinds.of(node.kind)?.category ?? ""] };
}
