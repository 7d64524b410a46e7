// @ts-check
/**
 * A spatial index: which boxes a rectangle touches, for showing only what is in view and for selecting by a box.
 *
 * The plane is cut into square cells, and each cell knows the boxes that reach into it.
 */

import { overlap } from "./boxes.js";

/** @typedef {import("./boxes.js").Box} Box */
/** @typedef {ReturnType<typeof createGrid>} Grid */

const CELL = 512; // about two nodes
const MANY = 4096; // cells; to ask so many takes longer than to look at every box

export function createGrid() {
  /** @type {Map<string, Box>} */
  const boxes = new Map();
  /** @type {Map<string, Set<string>>} */
  const cells = new Map();

  /** Put a box there, in the place of the one that had its id. @param {string} id @param {Box} box */
  function set(id, box) {
    const before = boxes.get(id);
    if (before && sameBox(before, box)) return;
    remove(id);
    boxes.set(id, box);
    for (const cell of cellsOf(box)) {
      const held = cells.get(cell);
      if (held) held.add(id);
      else cells.set(cell, new Set([id]));
    }
  }

  /** @param {string} id */
  function remove(id) {
    const box = boxes.get(id);
    if (!box) return;
    boxes.delete(id);
    for (const cell of cellsOf(box)) {
      const held = cells.get(cell);
      held?.delete(id);
      if (held?.size === 0) cells.delete(cell);
    }
  }

  /** The ids of the boxes that a box touches. @param {Box} box @returns {Set<string>} */
  function touching(box) {
    const near = cellCount(box) > Math.min(cells.size, MANY) ? boxes.keys() : candidates(box);
    const found = new Set();
    for (const id of near) if (overlap(/** @type {Box} */ (boxes.get(id)), box)) found.add(id);
    return found;
  }

  /** @param {Box} box */
  function* candidates(box) {
    for (const cell of cellsOf(box)) yield* cells.get(cell) ?? [];
  }

  return {
    set,
    remove,
    touching,
    /** @param {string} id */
    get: (id) => boxes.get(id),
    clear() {
      boxes.clear();
      cells.clear();
    },
    get size() {
      return boxes.size;
    },
  };
}

/** @param {Box} one @param {Box} other */
const sameBox = (one, other) =>
  one.x === other.x && one.y === other.y && one.width === other.width && one.height === other.height;

/** @param {Box} box the first and last column and row of cells that it reaches into */
const range = ({ x, y, width, height }) => [x, x + width, y, y + height].map((place) => Math.floor(place / CELL));

/** @param {Box} box */
function cellCount(box) {
  const [left, right, top, bottom] = range(box);
  return (right - left + 1) * (bottom - top + 1);
}

/** @param {Box} box */
function* cellsOf(box) {
  const [left, right, top, bottom] = range(box);
  for (let column = left; column <= right; column += 1) {
    for (let row = top; row <= bottom; row += 1) yield `${column},${row}`;
  }
}
