// @ts-check
/**
 * Where nodes stand when nobody has placed them: in columns, every node right of all that it is linked to.
 *
 * Columns are longest paths from the sources; in a column, nodes are ordered by the mean height of what they are linked
 * to, then moved there as far as there is room.
 */

import { columnsOf, inTurn, mean, neighbours, of, SWEEPS, untangled } from "./columns.js";
import { isPlaced, nodeIds, positionOf } from "./document.js";
import { moveNodes, shifted } from "./edit_layout.js";
import { bounds, boxesOf, boxOf, posOfCorner } from "./geometry.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {import("./kinds.js").Kinds} Kinds
 * @typedef {import("./boxes.js").Box} Box
 * @typedef {[x: number, y: number]} Point
 * @typedef {import("./columns.js").Neighbours} Neighbours
 */

const COLUMN_GAP = 80;
const ROW_GAP = 32;

/**
 * The document with a place for every node that has none.
 * @param {Document} document @param {Kinds} kinds @param {Document[]} [scopes] @returns {Document}
 */
export function laidOut(document, kinds, scopes = [document]) {
  if (isPlaced(document)) return document;
  const ids = nodeIds(document);
  const missing = ids.filter((id) => positionOf(document, id) === undefined);
  const places = layered(document, kinds, missing, scopes);
  const placed = ids.filter((id) => positionOf(document, id) !== undefined);
  const around = bounds(placed.map((id) => boxOf(document, kinds, id, scopes)));
  return moveNodes(document, around ? below(places, around) : places);
}

/** @param {Record<string, Point>} places @param {Box} box @returns {Record<string, Point>} */
const below = (places, { x, y, height }) =>
  Object.fromEntries(Object.entries(places).map(([id, place]) => [id, shifted(place, [x, y + height + COLUMN_GAP])]));

/**
 * Places (`pos`) for these nodes, of all if none are named, from the origin on.
 * @param {Document} document @param {Kinds} kinds @param {string[]} [ids] @param {Document[]} [scopes]
 * @returns {Record<string, Point>}
 */
export function layered(document, kinds, ids = nodeIds(document), scopes = [document]) {
  const boxes = boxesOf(document, kinds, ids, scopes);
  const beside = neighbours(document, ids);
  const columns = untangled(columnsOf(ids, beside), beside);
  const tops = aligned(columns, beside, boxes);
  const least = Math.min(0, ...tops.values());
  /** @type {Record<string, Point>} */
  const places = {};
  let x = 0;
  for (const column of columns) {
    for (const id of column) places[id] = posOfCorner([x, (tops.get(id) ?? 0) - least]);
    x += Math.max(...column.map((id) => boxes[id].width)) + COLUMN_GAP;
  }
  return places;
}

/**
 * The upper edge of every node: near the middle of what it is linked to, none above another.
 * @param {string[][]} columns @param {Neighbours} beside @param {Record<string, Box>} boxes
 * @returns {Map<string, number>}
 */
function aligned(columns, { sources, targets }, boxes) {
  const tops = new Map();
  for (const column of columns) stack(column.map(() => 0), column, boxes, tops);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const others = sweep % 2 === 0 ? sources : targets;
    for (const index of inTurn(columns.length, sweep)) {
      const middle = (/** @type {string} */ id) => tops.get(id) + boxes[id].height / 2;
      const wish = (/** @type {string} */ id) => mean(of(others, id).map(middle)) ?? middle(id);
      const top = (/** @type {string} */ id) => wish(id) - boxes[id].height / 2;
      stack(columns[index].map(top), columns[index], boxes, tops);
    }
  }
  return tops;
}

/**
 * Put the nodes of a column as near to their wishes as their order and their heights allow: those that would overlap
 * are joined to a block, which stands at the mean of its wishes.
 * @param {number[]} wishes @param {string[]} column
 * @param {Record<string, Box>} boxes @param {Map<string, number>} tops
 */
function stack(wishes, column, boxes, tops) {
  /** @type {{ids: string[], height: number, top: number}[]} */
  const blocks = [];
  column.forEach((id, row) => {
    let block = { ids: [id], height: boxes[id].height + ROW_GAP, top: wishes[row] };
    for (let above = blocks.at(-1); above && above.top + above.height > block.top; above = blocks.at(-1)) {
      blocks.pop();
      block = joined(above, block);
    }
    blocks.push(block);
  });
  for (const { ids, top } of blocks) {
    let y = top;
    for (const id of ids) {
      tops.set(id, y);
      y += boxes[id].height + ROW_GAP;
    }
  }
}

/**
 * @typedef {{ids: string[], height: number, top: number}} Block @param {Block} above @param {Block} below
 * @returns {Block}
 */
function joined(above, { ids, height, top }) {
  const [many, more] = [above.ids.length, ids.length];
  const wish = (above.top * many + (top - above.height) * more) / (many + more);
  return { ids: [...above.ids, ...ids], height: above.height + height, top: wish };
}
