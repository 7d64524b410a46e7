// @ts-check
/**
 * Where nodes stand when nobody has placed them: in columns, every node right of all that it is linked to.
 *
 * Quick, and good enough to read; "tidy" uses dagre in a worker. Columns are longest paths from the sources; in a
 * column, nodes are ordered by the mean height of what they are linked to, then moved there as far as there is room.
 */

import { isPlaced, nodeIds, positionOf, wires } from "./document.js";
import { moveNodes, shifted } from "./edit_layout.js";
import { bounds, boxesOf, boxOf, posOfCorner } from "./geometry.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {import("./kinds.js").Kinds} Kinds
 * @typedef {import("./boxes.js").Box} Box
 * @typedef {[x: number, y: number]} Point
 * @typedef {{sources: Map<string, string[]>, targets: Map<string, string[]>}} Neighbours
 */

const COLUMN_GAP = 80;
const ROW_GAP = 32;
const SWEEPS = 6;

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
 * What a layout in the worker needs to know: sizes of boxes, and which are joined.
 * @param {Document} document @param {Kinds} kinds @param {string[]} [ids] @param {Document[]} [scopes]
 */
export function layoutTask(document, kinds, ids = nodeIds(document), scopes = [document]) {
  const boxes = boxesOf(document, kinds, ids, scopes);
  const { targets } = neighbours(document, ids);
  return {
    nodes: ids.map((id) => ({ id, width: boxes[id].width, height: boxes[id].height })),
    edges: ids.flatMap((from) => (targets.get(from) ?? []).map((to) => ({ from, to }))),
  };
}

/** @param {Document} document @param {string[]} ids @returns {Neighbours} */
function neighbours(document, ids) {
  const wanted = new Set(ids);
  const sources = new Map(ids.map((id) => [id, new Set()]));
  const targets = new Map(ids.map((id) => [id, new Set()]));
  for (const { from, to } of wires(document)) {
    if (from.node === to.node || !wanted.has(from.node) || !wanted.has(to.node)) continue;
    sources.get(to.node)?.add(from.node);
    targets.get(from.node)?.add(to.node);
  }
  return { sources: listed(sources), targets: listed(targets) };
}

/** @param {Map<string, Set<any>>} sets @returns {Map<string, string[]>} */
const listed = (sets) => new Map([...sets].map(([id, others]) => [id, [...others]]));

/** @param {string[]} ids @param {Neighbours} beside @returns {string[][]} */
function columnsOf(ids, { sources, targets }) {
  const missing = new Map(ids.map((id) => [id, of(sources, id).length]));
  const column = new Map(ids.map((id) => [id, 0]));
  const order = ids.filter((id) => missing.get(id) === 0);
  for (const id of order) {
    for (const target of of(targets, id)) {
      column.set(target, Math.max(of(column, target), of(column, id) + 1));
      missing.set(target, of(missing, target) - 1);
      if (missing.get(target) === 0) order.push(target);
    }
  }
  for (const id of order.toReversed()) {
    // a source stands just left of its first target, not at the far left
    const right = of(targets, id).filter((target) => missing.get(target) === 0).map((target) => of(column, target));
    if (right.length) column.set(id, Math.min(...right) - 1);
  }
  const last = Math.max(-1, ...column.values()) + 1; // for nodes of a circle, and those behind one
  const columns = Array.from({ length: last + 1 }, () => /** @type {string[]} */ ([]));
  for (const id of ids) columns[missing.get(id) === 0 ? of(column, id) : last].push(id);
  return columns.filter((all) => all.length > 0);
}

/** @template T @param {Map<string, T>} map @param {string} id @returns {T} */
const of = (map, id) => /** @type {T} */ (map.get(id));

/**
 * The columns, each ordered by the mean height of what its nodes are linked to, to and fro.
 * @param {string[][]} columns @param {Neighbours} beside
 */
function untangled(columns, { sources, targets }) {
  const height = new Map(columns.flatMap((column) => column.map((id, row) => [id, row / column.length])));
  let sorted = columns;
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const others = sweep % 2 === 0 ? sources : targets;
    for (const index of inTurn(sorted.length, sweep)) {
      const heights = (/** @type {string} */ id) => of(others, id).map((other) => of(height, other));
      const wish = new Map(sorted[index].map((id) => [id, mean(heights(id)) ?? of(height, id)]));
      const column = sorted[index].toSorted((one, other) => of(wish, one) - of(wish, other));
      column.forEach((id, row) => height.set(id, row / column.length));
      sorted = sorted.with(index, column);
    }
  }
  return sorted;
}

/** The indices of columns, from the left or from the right. @param {number} count @param {number} sweep */
function inTurn(count, sweep) {
  const indices = [...Array(count).keys()];
  return sweep % 2 === 0 ? indices : indices.reverse();
}

/** @param {number[]} numbers */
const mean = (numbers) =>
  numbers.length ? numbers.reduce((sum, number) => sum + number, 0) / numbers.length : undefined;

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
      stack(columns[index].map((id) => wish(id) - boxes[id].height / 2), columns[index], boxes, tops);
    }
  }
  return tops;
}

/**
 * Put the nodes of a column as near to their wishes as their order and their heights allow: those that would overlap
 * are joined to a block, which stands at the mean of its wishes.
 * @param {number[]} wishes @param {string[]} column @param {Record<string, Box>} boxes @param {Map<string, number>} tops
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
