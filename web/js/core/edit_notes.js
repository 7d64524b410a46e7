// @ts-check
/**
 * Edits of notes: `layout.notes`, texts on the canvas that mean nothing to a run. A note is named by its index there.
 */

import { notesOf } from "./document.js";
import { changeLayout } from "./edit_layout.js";
import { same, without } from "./json.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {import("./document.js").Note} Note
 */

/** @param {Document} document @param {Note[]} notes @returns {Document} */
const setNotes = (document, notes) =>
  changeLayout(document, (layout) => (notes.length ? { ...layout, notes } : without(layout, new Set(["notes"]))));

/**
 * Add a note, in front of the others.
 * @param {Document} document @param {Note} note @returns {{document: Document, index: number}}
 */
export function addNote(document, note) {
  const notes = notesOf(document);
  return { document: setNotes(document, [...notes, note]), index: notes.length };
}

/**
 * Change a note's text, place, size, or anything else.
 * @param {Document} document @param {number} index @param {Partial<Note>} changes @returns {Document}
 */
export function editNote(document, index, changes) {
  const note = notesOf(document)[index];
  const changed = { ...note, ...changes };
  return note && !same(note, changed) ? setNotes(document, notesOf(document).with(index, changed)) : document;
}

/** @param {Document} document @param {number} index @returns {Document} */
export function removeNote(document, index) {
  const notes = notesOf(document);
  return notes[index] ? setNotes(document, notes.filter((_note, other) => other !== index)) : document;
}
