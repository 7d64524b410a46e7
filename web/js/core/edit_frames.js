// @ts-check
/** Edits of frames: `layout.groups`, drawn in the order of the list. A frame is named by its index there. */

import { framesOf, notesOf } from "./document.js";
import { changeLayout, moveNodesBy, rounded, shifted } from "./edit_layout.js";
import { editNote } from "./edit_notes.js";
import { without } from "./json.js";

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
 * Change a frame's title, colour, place, or anything else.
 * @param {Document} document @param {number} index @param {Partial<Frame>} changes @returns {Document}
 */
export function editFrame(document, index, changes) {
  const frame = framesOf(document)[index];
  return frame ? setFrames(document, framesOf(document).with(index, { ...frame, ...changes })) : document;
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
