// @ts-check
/** The curve of a wire: how it is drawn, how far a point is from it, whether a cut goes through it. */

import { boxAround, holds, inflated, overlap } from "./boxes.js";

/**
 * @typedef {import("./boxes.js").Box} Box
 * @typedef {import("./boxes.js").Point} Point
 */

const BEND = 40; // of a wire between ports close to each other
const WIDEST_BEND = 160; // of one that leads back
const PIECE = 20; // that a curve is looked at in
const MOST_PIECES = 200;

/** @param {Point} from @param {Point} to how far the inner points of the curve are beside its ends */
function bend([x1], [x2]) {
  const across = Math.abs(x2 - x1) / 2;
  return x2 >= x1 ? Math.max(across, BEND) : Math.min(Math.max(across, BEND), WIDEST_BEND);
}

/** The curve of a wire, for the `d` of a path. @param {Point} from @param {Point} to */
export function wirePath(from, to) {
  const out = bend(from, to);
  return `M${from[0]} ${from[1]}C${from[0] + out} ${from[1]} ${to[0] - out} ${to[1]} ${to[0]} ${to[1]}`;
}

/** A point of the curve. @param {Point} from @param {Point} to @param {number} part from 0 to 1 @returns {Point} */
export function wirePoint(from, to, part) {
  const [out, rest] = [bend(from, to), 1 - part];
  const [a, b, c, d] = [rest ** 3, 3 * rest ** 2 * part, 3 * rest * part ** 2, part ** 3];
  return [a * from[0] + b * (from[0] + out) + c * (to[0] - out) + d * to[0], (a + b) * from[1] + (c + d) * to[1]];
}

/** A box that the curve does not leave. @param {Point} from @param {Point} to @returns {Box} */
export function wireBox(from, to) {
  const out = bend(from, to);
  return boxAround([from, to, [from[0] + out, from[1]], [to[0] - out, to[1]]]);
}

/**
 * The points of the curve, close enough to be joined by lines.
 * @param {Point} from @param {Point} to @returns {Point[]}
 */
function wirePoints(from, to) {
  const { width, height } = wireBox(from, to);
  const pieces = Math.min(Math.max(Math.ceil((width + height) / PIECE), 8), MOST_PIECES);
  return Array.from({ length: pieces + 1 }, (_, piece) => wirePoint(from, to, piece / pieces));
}

/**
 * How far a point is from the curve; Infinity if it is further than `limit` for sure.
 * @param {Point} from @param {Point} to @param {Point} point @param {number} [limit]
 */
export function wireDistance(from, to, point, limit = 1e9) {
  if (!holds(inflated(wireBox(from, to), limit), point)) return Infinity;
  const points = wirePoints(from, to);
  return Math.min(...points.slice(1).map((end, piece) => distanceToLine(points[piece], end, point)));
}

/**
 * Whether a cut from one point to another goes through the curve.
 * @param {Point} from @param {Point} to @param {[Point, Point]} cut
 */
export function wireCrosses(from, to, [start, end]) {
  if (!overlap(wireBox(from, to), boxAround([start, end]))) return false;
  const points = wirePoints(from, to);
  return points.slice(1).some((next, piece) => linesCross(points[piece], next, start, end));
}

/** @param {Point} start @param {Point} end @param {Point} point */
function distanceToLine([x1, y1], [x2, y2], [x, y]) {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const length = dx * dx + dy * dy;
  const part = length ? Math.min(Math.max(((x - x1) * dx + (y - y1) * dy) / length, 0), 1) : 0;
  return Math.hypot(x - x1 - part * dx, y - y1 - part * dy);
}

/** @param {Point} a @param {Point} b @param {Point} c @param {Point} d */
const linesCross = (a, b, c, d) => side(a, b, c) !== side(a, b, d) && side(c, d, a) !== side(c, d, b);

/** @param {Point} start @param {Point} end @param {Point} point on which side of the line it is */
const side = ([x1, y1], [x2, y2], [x, y]) => (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1) > 0;
