// @ts-check
/**
 * Where the parts of a document are: boxes of nodes and frames, what lies in a frame.
 *
 * A node's `pos` is where the part below its header begins, as in ComfyUI's files; its box begins HEADER above.
 * Everything comes from kinds and documents (`shapes.js`), nothing from the page.
 */

import { entryOf, foldedIn, framesOf, isCollapsed, nodeIds, nodeOf, notesOf, pointOf, positionOf, sizeOf } from "./document.js";
import { bounds, center, holds, inflated, within } from "./boxes.js";
import { HEADER, shape, viewOf } from "./shapes.js";

export { bounds, boxAround, center, holds, inflated, overlap, within } from "./boxes.js";
export { FIELD, HEADER, INSET, PADDING, portHeight, ROW, TEXT } from "./shapes.js";
export { wireBox, wireCrosses, wireDistance, wirePath, wirePoint } from "./curves.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {import("./document.js").Entry} Entry
 * @typedef {import("./document.js").Frame} Frame
 * @typedef {import("./document.js").Node} Node
 * @typedef {import("./kinds.js").Kinds} Kinds
 * @typedef {import("./ports.js").Ports} Ports
 * @typedef {import("./shapes.js").Shape} Shape
 * @typedef {import("./boxes.js").Box} Box
 * @typedef {import("./boxes.js").Point} Point
 */

const FRAME_HEADER = 36;
const FRAME_PADDING = 20;
const FOLDED = 220; // the width of a folded frame
const NOTE = [240, 120]; // the size of one that tells none

/** @type {WeakMap<Ports, WeakMap<Entry, Shape>>} */
const knownShapes = new WeakMap();

/** @param {Document} document @param {Kinds} kinds @param {string} id @param {Document[]} [scopes] @returns {Shape} */
export function shapeOf(document, kinds, id, scopes = [document]) {
  const node = nodeOf(document, id);
  if (!node) throw new Error(`There is no node '${id}'.`);
  const [ports, entry] = [kinds.portsOf(node, scopes), entryOf(document, id)];
  const shapes = knownShapes.get(ports) ?? new WeakMap();
  knownShapes.set(ports, shapes);
  const found = shapes.get(entry) ?? shape(ports, wishOf(document, kinds, id, node));
  shapes.set(entry, found);
  return found;
}

/** @param {Document} document @param {Kinds} kinds @param {string} id @param {Node} node */
function wishOf(document, kinds, id, node) {
  const kind = kinds.of(node.kind);
  const [size, collapsed] = [sizeOf(document, id), isCollapsed(document, id)];
  return { size, collapsed, view: viewOf(kind), title: kind?.title ?? node.kind };
}

/** @param {Document} document @param {Kinds} kinds @param {string} id @param {Document[]} [scopes] @returns {Box} */
export function boxOf(document, kinds, id, scopes) {
  const { width, height } = shapeOf(document, kinds, id, scopes);
  const [x, y] = positionOf(document, id) ?? [0, 0];
  return { x, y: y - HEADER, width, height };
}

/**
 * The boxes of nodes, of all if none are named.
 * @param {Document} document @param {Kinds} kinds @param {Iterable<string>} [ids] @param {Document[]} [scopes]
 * @returns {Record<string, Box>}
 */
export const boxesOf = (document, kinds, ids = nodeIds(document), scopes = [document]) =>
  Object.fromEntries([...ids].map((id) => [id, boxOf(document, kinds, id, scopes)]));

/** The `pos` of a node whose box has this corner. @param {Point} corner @returns {Point} */
export const posOfCorner = ([x, y]) => [x, y + HEADER];

/** @param {Frame} frame @returns {Box} */
export function frameBox({ bounding }) {
  const sides = Array.isArray(bounding) ? bounding.map(Number) : [];
  const [x, y, width, height] = sides.length === 4 && sides.every(Number.isFinite) ? sides : [0, 0, 0, 0];
  return { x, y, width: Math.abs(width), height: Math.abs(height) };
}

/** Where a frame is seen: one that is folded is its title only. @param {Frame} frame @returns {Box} */
export const shownFrameBox = (frame) => (foldedIn(frame) ? { ...frameBox(frame), width: FOLDED, height: HEADER } : frameBox(frame));

/** @param {import("./document.js").Note} note @returns {Box} */
export function noteBox({ pos, size }) {
  const [[x, y], [width, height]] = [pointOf(pos) ?? [0, 0], pointOf(size) ?? NOTE];
  return { x, y, width, height };
}

/**
 * The place of a frame around boxes, with room for its title.
 * @param {Iterable<Box>} boxes @returns {Frame["bounding"]}
 */
export function frameAround(boxes) {
  const around = bounds(boxes) ?? { x: 0, y: 0, width: 200, height: 100 };
  const { x, y, width, height } = inflated(around, FRAME_PADDING);
  const bounding = [x, y - FRAME_HEADER, width, height + FRAME_HEADER].map(Math.round);
  return /** @type {Frame["bounding"]} */ (bounding);
}

/**
 * What moves with a frame: the nodes and notes whose centers it holds, and smaller frames in it. A folded one holds the
 * nodes that it did when it was folded.
 * @param {Document} document @param {Kinds} kinds @param {number} index @param {Document[]} [scopes]
 */
export function frameContents(document, kinds, index, scopes) {
  const frames = framesOf(document).map(frameBox);
  const outer = frames[index];
  const folded = foldedIn(framesOf(document)[index])?.filter((id) => nodeOf(document, id));
  const nodes = folded ?? nodeIds(document).filter((id) => holds(outer, center(boxOf(document, kinds, id, scopes))));
  const notes = notesOf(document).map(noteBox);
  const smaller = (/** @type {Box} */ box) => within(box, outer) && box.width * box.height < outer.width * outer.height;
  return {
    nodes,
    frames: [...frames.keys()].filter((other) => other !== index && smaller(frames[other])),
    notes: [...notes.keys()].filter((note) => holds(outer, center(notes[note]))),
  };
}
