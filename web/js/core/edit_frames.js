// @ts-check
/** Edits of frames: `layout.groups`, drawn in the order of the list. A frame is named by its index there. */

import { foldedIn, framesOf, notesOf } from "./document.js";
import { changeLayout, moveNodesBy, rounded, shifted } from "./edit_layout.js";
import { editNote } from "./edit_notes.js";
import { entriesOf, ordered, same, without } from "./json.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {import("./document.js").Frame} Frame
 * @typedef {{nodes: string[], frames: number[], notes?: number[]}} Contents
 */

/** @param {Document} document @param {Frame[]} groups @returns {Document} */
const setFrames = (document, groups) =>
  changeLayout(document, (layout) =>
    groups.length ? { ...layout, groups } : without(layout, new Set(["groups"])),
  );

/**
 * Add a frame, in front of the others.
 * @param {Document} document @param {Frame} frame @returns {{document: Document, index: number}}
 */
export function addFrame(document, frame) {
  const frames = framesOf(document);
  return { document: setFrames(document, [...frames, frame]), index: frames.length };
}

/**
 * Change a frame's title, colour, place, or anything else; what is undefined is taken away.
 * @param {Document} document @param {number} index @param {Partial<Frame>} changes @returns {Document}
 */
export function editFrame(document, index, changes) {
  const frame = framesOf(document)[index];
  if (!frame) return document;
  const changed = entriesOf({ ...frame, ...changes }).filter(([, value]) => value !== undefined);
  return setFrames(document, framesOf(document).with(index, /** @type {Frame} */ (ordered(changed))));
}

/**
 * Fold a frame to its title, with the nodes that are in it; or open it again without any.
 * @param {Document} document @param {number} index @param {string[]} [nodes] @returns {Document}
 */
export function foldFrame(document, index, nodes) {
  const { folded: _before, ...frame } = framesOf(document)[index];
  return setFrames(document, framesOf(document).with(index, nodes ? { ...frame, folded: nodes } : frame));
}

/**
 * The frames with other names for the nodes that they hide.
 * @param {Frame[]} frames @param {(id: string) => string | undefined} nameOf undefined: the node is gone
 * @returns {Frame[]}
 */
export function withFolded(frames, nameOf) {
  const renamed = (/** @type {Frame} */ frame) => {
    const before = foldedIn(frame);
    const folded = before?.map(nameOf).filter((id) => id !== undefined);
    return !before || same(before, folded) ? frame : { ...frame, folded };
  };
  const changed = frames.map(/** @type {(frame: Frame) => Frame} */ (renamed));
  return changed.every((frame, index) => frame === frames[index]) ? frames : changed;
}

/**
 * Move a frame with what is in it (`geometry.frameContents`).
 * @param {Document} document @param {number} index @param {[number, number]} by @param {Contents} contents
 * @returns {Document}
 */
export function moveFrame(document, index, by, { nodes, frames, notes = [] }) {
  const moving = new Set([index, ...frames]);
  const moved = framesOf(document).map((frame, other) => (moving.has(other) ? shiftedFrame(frame, by) : frame));
  const places = notes.map((note) => ({ note, pos: rounded(shifted(notesOf(document)[note].pos, by)) }));
  const noted = places.reduce((changed, { note, pos }) => editNote(changed, note, { pos }), setFrames(document, moved));
  return moveNodesBy(noted, nodes, by);
}

/** @param {Frame} frame @param {[number, number]} by @returns {Frame} */
export function shiftedFrame(frame, [dx, dy]) {
  const [x, y, width, height] = frame.bounding.map(Number);
  return { ...frame, bounding: [Math.round(x + dx), Math.round(y + dy), width, height] };
}

/** Take a frame away; the nodes in it stay. @param {Document} document @param {number} index @returns {Document} */
export function removeFrame(document, index) {
  const frames = framesOf(document);
  return frames[index] ? setFrames(document, frames.filter((_frame, other) => other !== index)) : document;
}
