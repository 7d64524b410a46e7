// @ts-check
/**
 * Edits of where nodes stand and how they look. They change the layout section and nothing else.
 *
 * Places are the document's: a node's `pos` is where the part below its header begins (`geometry.js` knows its box).
 */

import { entryOf, positionOf } from "./document.js";
import { entriesOf, keysOf, same, without } from "./json.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {import("./document.js").Entry} Entry
 * @typedef {import("./document.js").Layout} Layout
 * @typedef {import("./geometry.js").Box} Box
 * @typedef {[number, number]} Point
 */

/**
 * Change the layout; one that is empty is left out.
 * @param {Document} document @param {(layout: Layout) => Layout} change @returns {Document}
 */
export function changeLayout(document, change) {
  const before = document.layout ?? {};
  const layout = change(before);
  if (layout === before) return document;
  if (keysOf(layout).length) return { ...document, layout };
  return /** @type {Document} */ (without(document, new Set(["layout"])));
}

/**
 * @param {Document} document @param {Record<string, Entry>} entries of nodes, which take the place of theirs
 * @returns {Document}
 */
function setEntries(document, entries) {
  const changed = entriesOf(entries).filter(([id, entry]) => !same(entryOf(document, id), entry));
  if (changed.length === 0) return document;
  const news = Object.fromEntries(changed);
  return changeLayout(document, (layout) => ({ ...layout, nodes: { ...layout.nodes, ...news } }));
}

/** @param {Document} document @param {string} id @param {(entry: Entry) => Entry} change @returns {Document} */
export const changeEntry = (document, id, change) => setEntries(document, { [id]: change(entryOf(document, id)) });

/** @param {Point} point @returns {Point} */
export const rounded = ([x, y]) => [Math.round(x), Math.round(y)];

/** Put nodes at these places. @param {Document} document @param {Record<string, Point>} places @returns {Document} */
export const moveNodes = (document, places) =>
  setEntries(document, mapValues(places, (id, place) => ({ ...entryOf(document, id), pos: rounded(place) })));

/**
 * Move nodes by a step, from where they are.
 * @param {Document} document @param {Iterable<string>} ids @param {Point} by @returns {Document}
 */
export const moveNodesBy = (document, ids, by) =>
  moveNodes(document, Object.fromEntries([...ids].map((id) => [id, shifted(positionOf(document, id) ?? [0, 0], by)])));

/**
 * Take the places of a whole layout, as from "tidy".
 * @param {Document} document @param {Record<string, Point>} places @returns {Document}
 */
export const setLayout = (document, places) => moveNodes(document, places);

/** @param {Point} point @param {Point} by @returns {Point} */
export const shifted = ([x, y], [dx, dy]) => [x + dx, y + dy];

/**
 * @param {Document} document @param {string} id
 * @param {[width: number, height: number]} size of the part below the header @returns {Document}
 */
export const resizeNode = (document, id, size) =>
  changeEntry(document, id, (entry) => ({ ...entry, size: rounded(size) }));

/**
 * Fold nodes to their header, or unfold them.
 * @param {Document} document @param {Iterable<string>} ids @param {boolean} [folded] @returns {Document}
 */
export const collapse = (document, ids, folded = true) =>
  setEntries(document, Object.fromEntries([...ids].map((id) => [id, foldedEntry(entryOf(document, id), folded)])));

/** @param {Entry} entry @param {boolean} folded @returns {Entry} */
const foldedEntry = (entry, folded) =>
  folded ? { ...entry, collapsed: true } : /** @type {Entry} */ (without(entry, new Set(["collapsed"])));

/** @typedef {"left" | "right" | "top" | "bottom" | "center" | "middle"} Side */

/**
 * Put nodes in line: on a side, or with their centers above (`center`) or beside (`middle`) each other.
 * @param {Document} document @param {Record<string, Box>} boxes of the nodes @param {Side} side @returns {Document}
 */
export function align(document, boxes, side) {
  const all = Object.values(boxes);
  const [start, size] = side === "left" || side === "right" || side === "center" ? across : down;
  const low = Math.min(...all.map(start));
  const high = Math.max(...all.map((box) => start(box) + size(box)));
  const share = side === "left" || side === "top" ? 0 : side === "right" || side === "bottom" ? 1 : 0.5;
  return moveEach(document, boxes, start === across[0], (box) => low + (high - low - size(box)) * share - start(box));
}

/** @type {((box: Box) => number)[]} */
const across = [(box) => box.x, (box) => box.width];
/** @type {((box: Box) => number)[]} */
const down = [(box) => box.y, (box) => box.height];

/**
 * Make the gaps between nodes equal, the outermost stay.
 * @param {Document} document @param {Record<string, Box>} boxes @param {"across" | "down"} axis @returns {Document}
 */
export function distribute(document, boxes, axis) {
  const [start, size] = axis === "across" ? across : down;
  const sorted = Object.values(boxes).sort((one, other) => start(one) - start(other));
  if (sorted.length < 3) return document;
  const end = Math.max(...sorted.map((box) => start(box) + size(box)));
  const filled = sorted.reduce((sum, box) => sum + size(box), 0);
  const gap = (end - start(sorted[0]) - filled) / (sorted.length - 1);
  const starts = new Map();
  let next = start(sorted[0]);
  for (const box of sorted) {
    starts.set(box, next);
    next += size(box) + gap;
  }
  return moveEach(document, boxes, axis === "across", (box) => starts.get(box) - start(box));
}

/**
 * @param {Document} document @param {Record<string, Box>} boxes @param {boolean} horizontally
 * @param {(box: Box) => number} stepOf @returns {Document}
 */
function moveEach(document, boxes, horizontally, stepOf) {
  const places = mapValues(boxes, (id, box) => {
    const step = stepOf(box);
    return shifted(positionOf(document, id) ?? [0, 0], horizontally ? [step, 0] : [0, step]);
  });
  return moveNodes(document, places);
}

/**
 * @template T, U @param {Record<string, T>} object @param {(key: string, value: T) => U} change
 * @returns {Record<string, U>}
 */
const mapValues = (object, change) =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(key, value)]));
