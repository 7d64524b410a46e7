// @ts-check
/** Nodes as text on the clipboard: a small document of our own format, which can be saved as a file as it is. */

import { fragment, paste } from "./copies.js";
import { canonical, framesOf, nodeIds, positionOf, save } from "./document.js";
import { isObject, parse } from "./json.js";
import { Refused } from "./refused.js";
import { holdsItself } from "./subworkflows.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {import("./copies.js").Copied} Copied
 * @typedef {[x: number, y: number]} Point
 */

/**
 * The text of nodes, and of frames by their index. Wires from other nodes are no part of it.
 * @param {Document} document @param {Iterable<string>} ids @param {number[]} [frames]
 * @param {Document[]} [scopes] the document, and the sub-workflows down to the nodes' own @returns {string}
 */
export const copyText = (document, ids, frames = [], scopes = [document]) =>
  save(fragment(document, ids, { frames: framesOf(document).filter((_frame, index) => frames.includes(index)), scopes }));

/**
 * Put what a text holds into a document, under new ids, its upper left node at a place, or a bit beside its own.
 * @param {Document} document @param {string} text @param {Point} [at]
 * @param {Document[]} [scopes] the document, and the sub-workflows down to this one @returns {Copied}
 * @throws {Refused} with code `not_pasteable`, `holds_itself`, or one of `canonical`; then nothing has changed
 */
export function pasteText(document, text, at, scopes = [document]) {
  const part = readClipboard(text);
  const [x, y] = corner(part);
  const pasted = paste(document, part, at ? [at[0] - x, at[1] - y] : [40, 40], { scopes });
  const inside = [...scopes.slice(0, -1), pasted.document];
  if (pasted.ids.some((id) => holdsItself(pasted.document.nodes[id].kind, inside, scopes.slice(1)))) {
    throw new Refused("holds_itself", "A sub-workflow cannot hold itself.");
  }
  return pasted;
}

/** The part of a workflow that a text holds. @param {string} text @returns {Document} @throws {Refused} */
export function readClipboard(text) {
  const data = parsed(text);
  if (!isObject(data) || !("graphengine" in data)) throw notPasteable();
  const part = canonical(data);
  if (nodeIds(part).length + framesOf(part).length === 0) throw notPasteable();
  return part;
}

/** @param {string} text */
function parsed(text) {
  try {
    return parse(text);
  } catch {
    throw notPasteable();
  }
}

const notPasteable = () => new Refused("not_pasteable", "The text on the clipboard is no part of a workflow.");

/** @param {Document} part @returns {Point} */
function corner(part) {
  const nodes = nodeIds(part).map((id) => positionOf(part, id) ?? [0, 0]);
  const frames = framesOf(part).map(({ bounding }) => bounding.slice(0, 2).map(Number));
  const places = nodes.length ? nodes : frames;
  return [Math.min(...places.map(([x]) => x)), Math.min(...places.map(([, y]) => y))];
}
