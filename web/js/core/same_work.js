// @ts-check
/** Whether a node does the same in two documents. */

import { linksOf, nodeOf, SUBWORKFLOW } from "./document.js";
import { same } from "./json.js";

/** @typedef {import("./document.js").Document} Document */

/**
 * Whether a node and all that leads to it are alike: kinds, whether they take part, what their inputs have.
 * @param {Document} one @param {Document} other @param {string} id
 */
export function sameWork(one, other, id) {
  const waiting = [id];
  const seen = new Set(waiting);
  for (const node of waiting) {
    const [mine, theirs] = [nodeOf(one, node), nodeOf(other, node)];
    if (!mine || !theirs || mine.kind !== theirs.kind || mine.mode !== theirs.mode) return false;
    if (!same(mine.inputs, theirs.inputs)) return false;
    if (mine.kind.startsWith(SUBWORKFLOW) && !same(one.workflows, other.workflows)) return false;
    for (const [, link] of linksOf(mine)) if (!seen.has(link.node)) waiting.push(link.node), seen.add(link.node);
  }
  return true;
}
