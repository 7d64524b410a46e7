// @ts-check
/** The layout section of a document, read: where nodes stand, how they look, frames. Execution ignores all of it. */

import { isNumber, isObject, keysOf, own } from "./json.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {import("./document.js").Entry} Entry
 * @typedef {import("./document.js").Frame} Frame
 * @typedef {import("./document.js").Note} Note
 */

const FURTHEST = 1e6; // no coordinate of a layout is believed beyond

/** The layout entry of a node. @param {Document} document @param {string} id @returns {Entry} */
export function entryOf(document, id) {
  const entries = document.layout?.nodes;
  const entry = isObject(entries) ? own(entries, id) : undefined;
  return isObject(entry) ? entry : NOTHING;
}

/** @type {Entry} */
const NOTHING = Object.freeze({});

/**
 * Where the part of a node below its header begins; undefined if nobody has placed it.
 * @param {Document} document @param {string} id
 */
export const positionOf = (document, id) => pointOf(entryOf(document, id).pos);

/** @param {Document} document @param {string} id */
export const sizeOf = (document, id) => pointOf(entryOf(document, id).size);

/** @param {Document} document @param {string} id */
export const isCollapsed = (document, id) => entryOf(document, id).collapsed === true;

/** Two coordinates that can be believed. @param {any} data @returns {[number, number] | undefined} */
export function pointOf(data) {
  if (!Array.isArray(data) || data.length !== 2 || !data.every(isNumber)) return undefined;
  const [x, y] = data.map(Number);
  return Math.abs(x) < FURTHEST && Math.abs(y) < FURTHEST ? [x, y] : undefined;
}

/** Whether every node has its place. @param {Document} document */
export const isPlaced = (document) => keysOf(document.nodes).every((id) => positionOf(document, id) !== undefined);

/** @param {Document} document @returns {Frame[]} */
export function framesOf(document) {
  const groups = document.layout?.groups;
  return Array.isArray(groups) ? groups : [];
}

/** The nodes that a folded frame hides; undefined for one that is open. @param {Frame} frame @returns {string[] | undefined} */
export const foldedIn = ({ folded }) =>
  Array.isArray(folded) ? folded.filter((id) => typeof id === "string") : undefined;

/** @type {Note[]} */
const NONE = [];

/** @param {Document} document @returns {Note[]} */
export function notesOf(document) {
  const notes = document.layout?.notes;
  return Array.isArray(notes) && notes.every((note) => note && typeof note === "object") ? notes : NONE;
}

/** What is done with values of a node at each run, by input. @param {Document} document @param {string} id @returns {Record<string, any>} */
export function controlsOf(document, id) {
  const { control } = entryOf(document, id);
  return isObject(control) ? control : NOTHING;
}

/**
 * What is done with a value at each run: `fixed`, `randomize`, `increment` or `decrement`; of choices also `increment-wrap`.
 * @param {Document} document @param {string} id @param {string} input @returns {string}
 */
export const controlOf = (document, id, input) => own(controlsOf(document, id), input) ?? "fixed";

/** The mean of where nodes stand. @param {Document} document @param {Set<string>} ids @returns {[number, number]} */
export function middle(document, ids) {
  const places = [...ids].map((id) => positionOf(document, id) ?? [0, 0]);
  const mean = (/** @type {0 | 1} */ axis) => places.reduce((sum, place) => sum + place[axis], 0) / places.length;
  return [mean(0), mean(1)];
}
