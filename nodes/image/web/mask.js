// @ts-check
/**
 * A mask as it is painted: a byte for each pixel, 255 where the picture is to change. No DOM.
 *
 * What a stroke covers is the area around its line, worked out from distances, so that it has no beads, and going over
 * a place twice in one stroke does not make it darker.
 */

/**
 * @typedef {{x: number, y: number, width: number, height: number}} Area in whole pixels
 * @typedef {{x: number, y: number, radius: number}} Dab
 * @typedef {{hardness: number, erase: boolean}} Brush `hardness` from 0 to 1: the part of the radius that is covered fully
 * @typedef {ReturnType<typeof createMask>} Mask
 */

/** @param {number} width @param {number} height @param {Uint8ClampedArray} [cover] */
export function createMask(width, height, cover = new Uint8ClampedArray(width * height)) {
  /** @type {Area} */
  const whole = { x: 0, y: 0, width, height };

  /** Cover, or lay bare, what a brush touches between two places. @param {Dab} from @param {Dab} to @param {Brush} brush */
  function stroke(from, to, { hardness, erase }) {
    const area = around(from, to, whole);
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    const squared = dx * dx + dy * dy;
    for (let row = area.y; row < area.y + area.height; row += 1) {
      for (let column = area.x; column < area.x + area.width; column += 1) {
        const [px, py] = [column + 0.5 - from.x, row + 0.5 - from.y];
        const part = squared ? clamp((px * dx + py * dy) / squared) : 0;
        const radius = from.radius + part * (to.radius - from.radius);
        const distance = Math.hypot(px - part * dx, py - part * dy);
        const rise = clamp((radius + 0.5 - distance) / Math.max(1, radius * (1 - hardness)));
        if (!rise) continue;
        const covered = 255 * rise * rise * (3 - 2 * rise);
        const at = row * width + column;
        cover[at] = erase ? Math.min(cover[at], 255 - covered) : Math.max(cover[at], covered);
      }
    }
    return area;
  }

  /** @param {number} value */
  function fill(value) {
    cover.fill(value);
    return whole;
  }

  function invert() {
    for (let at = 0; at < cover.length; at += 1) cover[at] = 255 - cover[at];
    return whole;
  }

  /** The bytes of an area, row by row. @param {Area} area */
  function read({ x, y, width: columns, height: rows }) {
    const found = new Uint8ClampedArray(columns * rows);
    for (let row = 0; row < rows; row += 1) {
      const start = (y + row) * width + x;
      found.set(cover.subarray(start, start + columns), row * columns);
    }
    return found;
  }

  /** @param {Area} area @param {Uint8ClampedArray} bytes */
  function put({ x, y, width: columns, height: rows }, bytes) {
    for (let row = 0; row < rows; row += 1) {
      cover.set(bytes.subarray(row * columns, (row + 1) * columns), (y + row) * width + x);
    }
  }

  /** How much of the picture is covered, from 0 to 1. */
  function part() {
    let sum = 0;
    for (let at = 0; at < cover.length; at += 1) sum += cover[at];
    return sum / (255 * cover.length);
  }

  return { width, height, cover, whole, stroke, fill, invert, read, put, part };
}

/** The smallest area that holds both. @param {Area | undefined} one @param {Area} other @returns {Area} */
export function joined(one, other) {
  if (!one) return other;
  const [x, y] = [Math.min(one.x, other.x), Math.min(one.y, other.y)];
  const right = Math.max(one.x + one.width, other.x + other.width);
  const bottom = Math.max(one.y + one.height, other.y + other.height);
  return { x, y, width: right - x, height: bottom - y };
}

/** What a brush may touch between two places. @param {Dab} from @param {Dab} to @param {Area} whole @returns {Area} */
function around(from, to, whole) {
  const reach = Math.max(from.radius, to.radius) + 1;
  const x = Math.min(whole.width, Math.max(0, Math.floor(Math.min(from.x, to.x) - reach)));
  const y = Math.min(whole.height, Math.max(0, Math.floor(Math.min(from.y, to.y) - reach)));
  const right = Math.min(whole.width, Math.ceil(Math.max(from.x, to.x) + reach));
  const bottom = Math.min(whole.height, Math.ceil(Math.max(from.y, to.y) + reach));
  return { x, y, width: Math.max(0, right - x), height: Math.max(0, bottom - y) };
}

/** @param {number} value */
const clamp = (value) => Math.min(1, Math.max(0, value));
