// @ts-check
/** Nodes in columns, each right of what it is linked to, those of a column in an order that few wires cross. */

import { wires } from "./document.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {{sources: Map<string, string[]>, targets: Map<string, string[]>}} Neighbours
 */

export const SWEEPS = 6; // to and fro, of whatever is done column by column

/** @param {Document} document @param {string[]} ids @returns {Neighbours} */
export function neighbours(document, ids) {
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
export function columnsOf(ids, { sources, targets }) {
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
export const of = (map, id) => /** @type {T} */ (map.get(id));

/**
 * The columns, each ordered by the mean height of what its nodes are linked to, to and fro.
 * @param {string[][]} columns @param {Neighbours} beside
 */
export function untangled(columns, { sources, targets }) {
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
export function inTurn(count, sweep) {
  const indices = [...Array(count).keys()];
  return sweep % 2 === 0 ? indices : indices.reverse();
}

/** @param {number[]} numbers */
export const mean = (numbers) =>
  numbers.length ? numbers.reduce((sum, number) => sum + number, 0) / numbers.length : undefined;
