// @ts-check
/** Which part of the world is seen: one translation and one scale. */

import { bounds, inflated } from "../core/geometry.js";
import { mark } from "./elements.js";

/**
 * @typedef {import("../core/geometry.js").Box} Box
 * @typedef {import("../core/geometry.js").Point} Point
 * @typedef {ReturnType<typeof createViewport>} Viewport
 */

export const FAR = 0.35; // below it nodes are their headers only
const VERY_FAR = 0.16; // below it nobody could read them
const NEAREST = 2.5;
const FARTHEST = 0.04;
const GRID = 32; // between the dots of the ground
const FRAME_MARGIN = 48; // on the screen, around what is framed

/** @param {import("./scene.js").Scene} scene */
export function createViewport(scene) {
  const { element, world } = scene;
  /** @type {Set<() => void>} */
  const listeners = new Set();
  let [x, y, zoom] = [0, 0, 1];
  let corner = { left: 0, top: 0, width: 0, height: 0 };

  function measure() {
    const { left, top, width, height } = element.getBoundingClientRect();
    corner = { left, top, width, height };
  }

  function show() {
    world.style.transform = `translate(${x}px, ${y}px) scale(${zoom})`;
    mark(element, "far", zoom < VERY_FAR ? "very" : zoom < FAR && "true");
    const grid = GRID * zoom;
    element.style.backgroundSize = `${grid}px ${grid}px`;
    element.style.backgroundPosition = `${x - grid / 2}px ${y - grid / 2}px`; // a dot is in the middle of its cell
    for (const listener of listeners) listener();
  }

  /** @param {Partial<{x: number, y: number, zoom: number}>} to */
  function set(to) {
    zoom = Math.min(Math.max(to.zoom ?? zoom, FARTHEST), NEAREST);
    [x, y] = [to.x ?? x, to.y ?? y];
    show();
  }

  /** Zoom around a point of the page, which stays where it is. @param {number} factor @param {number} [clientX] @param {number} [clientY] */
  function zoomBy(factor, clientX = corner.left + corner.width / 2, clientY = corner.top + corner.height / 2) {
    const next = Math.min(Math.max(zoom * factor, FARTHEST), NEAREST);
    const [left, top] = [clientX - corner.left, clientY - corner.top];
    const scale = next / zoom;
    set({ x: left - (left - x) * scale, y: top - (top - y) * scale, zoom: next });
  }

  /** Let boxes fill the view, with text no larger than elsewhere on the page. @param {Iterable<Box>} boxes */
  function frame(boxes) {
    measure();
    const around = bounds(boxes);
    if (!around || !corner.width) return;
    const room = [corner.width - 2 * FRAME_MARGIN, corner.height - 2 * FRAME_MARGIN];
    const fit = Math.min(room[0] / Math.max(around.width, 1), room[1] / Math.max(around.height, 1), textScale());
    const next = Math.max(fit, FARTHEST);
    const middle = [around.x + around.width / 2, around.y + around.height / 2];
    set({ x: corner.width / 2 - middle[0] * next, y: corner.height / 2 - middle[1] * next, zoom: next });
  }

  /** Move as little as needed for a box to be seen. @param {Box} box */
  function reveal(box) {
    const seen = inflated(visible(), -FRAME_MARGIN / zoom);
    const off = (/** @type {number} */ start, /** @type {number} */ size, /** @type {number} */ from, /** @type {number} */ room) =>
      start < from || size > room ? from - start : Math.min(from + room - start - size, 0);
    const by = [off(box.x, box.width, seen.x, seen.width), off(box.y, box.height, seen.y, seen.height)];
    if (by[0] || by[1]) set({ x: x + by[0] * zoom, y: y + by[1] * zoom });
  }

  /** The part of the world that is seen. @returns {Box} */
  const visible = () => ({ x: -x / zoom, y: -y / zoom, width: corner.width / zoom, height: corner.height / zoom });

  const watcher = new ResizeObserver(() => {
    measure();
    show();
  });
  watcher.observe(element);
  measure();
  return {
    set,
    zoomBy,
    frame,
    reveal,
    visible,
    measure,
    panBy: (/** @type {number} */ dx, /** @type {number} */ dy) => set({ x: x + dx, y: y + dy }),
    get: () => ({ x, y, zoom }),
    get zoom() {
      return zoom;
    },
    get far() {
      return zoom < FAR;
    },
    /** @param {number} clientX @param {number} clientY @returns {Point} */
    toWorld: (clientX, clientY) => [(clientX - corner.left - x) / zoom, (clientY - corner.top - y) / zoom],
    /** @param {Point} point @returns {Point} of the page */
    toPage: ([worldX, worldY]) => [worldX * zoom + x + corner.left, worldY * zoom + y + corner.top],
    /** @param {() => void} listener */
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    destroy: () => watcher.disconnect(),
  };
}

/** How large people have text: sizes in the world are fixed, so what they enlarge is the world. */
const textScale = () => Math.max(parseFloat(getComputedStyle(document.documentElement).fontSize) / 16, 1);
