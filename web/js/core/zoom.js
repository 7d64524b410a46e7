// @ts-check
/** Where a picture lies in its frame: it fits it at zoom 1, and cannot be lost sight of. */

/**
 * @typedef {{x: number, y: number, zoom: number}} View what is added to the place of the picture's corner, and its size
 * @typedef {[width: number, height: number]} Size
 */

/** @type {View} */
export const FITTING = { x: 0, y: 0, zoom: 1 };
const CLOSEST = 64;

/**
 * Zoom around a point of the frame, which stays where it is.
 * @param {View} view @param {number} factor @param {[number, number]} point @param {Size} frame
 * @param {number} [least] zoom, where the picture is smaller than its frame @returns {View}
 */
export function zoomed(view, factor, [px, py], frame, least = 1) {
  const zoom = Math.min(Math.max(view.zoom * factor, Math.min(least, 1)), CLOSEST);
  const by = zoom / view.zoom;
  return held({ x: px - (px - view.x) * by, y: py - (py - view.y) * by, zoom }, frame);
}

/** @param {View} view @param {number} dx @param {number} dy @param {Size} frame @returns {View} */
export const panned = ({ x, y, zoom }, dx, dy, frame) => held({ x: x + dx, y: y + dy, zoom }, frame);

/** The zoom at which a pixel of the picture is one of the page. @param {Size} picture @param {Size} frame */
export const actual = ([width, height], [wide, high]) => Math.max(width / wide, height / high);

/** The frame stays full of it, or it in the middle. @param {View} view @param {Size} frame @returns {View} */
function held({ x, y, zoom }, [width, height]) {
  const within = (/** @type {number} */ at, /** @type {number} */ size) =>
    zoom < 1 ? (size - size * zoom) / 2 : Math.min(0, Math.max(at, size - size * zoom));
  return { x: within(x, width), y: within(y, height), zoom };
}
