// @ts-check
/** Points and boxes of the plane; y grows downwards. */

/**
 * @typedef {[x: number, y: number]} Point
 * @typedef {{x: number, y: number, width: number, height: number}} Box
 */

/** @param {Box} box @param {Point} point */
export const holds = (box, [x, y]) => x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height;

/** @param {Box} one @param {Box} other */
export const overlap = (one, other) =>
  one.x <= other.x + other.width &&
  other.x <= one.x + one.width &&
  one.y <= other.y + other.height &&
  other.y <= one.y + one.height;

/** Whether one box lies in the other. @param {Box} inner @param {Box} outer */
export const within = (inner, outer) =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height;

/** @param {Box} box @param {number} by @returns {Box} */
export const inflated = ({ x, y, width, height }, by) => ({
  x: x - by,
  y: y - by,
  width: width + 2 * by,
  height: height + 2 * by,
});

/** @param {Point[]} points @returns {Box} */
export function boxAround(points) {
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

/** The box around boxes; undefined around none. @param {Iterable<Box>} boxes @returns {Box | undefined} */
export function bounds(boxes) {
  /** @type {Point[]} */
  const points = [...boxes].flatMap(({ x, y, width, height }) => [[x, y], [x + width, y + height]]);
  return points.length ? boxAround(points) : undefined;
}

/** @param {Box} box @returns {Point} */
export const center = ({ x, y, width, height }) => [x + width / 2, y + height / 2];
