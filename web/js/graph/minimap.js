// @ts-check
/** The whole graph in a corner. A picture for eyes only; the rectangle of the view is an element that can be dragged. */

import { notesOf } from "../core/document.js";
import { bounds, inflated, noteBox } from "../core/geometry.js";
import { make } from "./elements.js";

/** @typedef {ReturnType<typeof createMinimap>} Minimap */

const [WIDTH, HEIGHT] = [200, 132];
const CALM = 250; // milliseconds between two pictures of a run: to draw all nodes at each of its events costs frames

/** @param {Pick<import("./surface.js").Parts, "scene" | "viewport" | "selection" | "states" | "frames">} parts */
export function createMinimap({ scene, viewport, selection, states, frames }) {
  const canvas = make("canvas", "minimap-picture");
  const seen = make("div", "minimap-view");
  const element = make("div", "minimap", { "aria-hidden": "true" }, canvas, seen);
  scene.element.append(element);
  const ratio = Math.min(window.devicePixelRatio || 1, 2);
  [canvas.width, canvas.height] = [WIDTH * ratio, HEIGHT * ratio];
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  let [scale, left, top] = [1, 0, 0];
  let [scheduled, later] = [0, 0];

  /** Draw at the next frame; what happens until then is drawn once. */
  function draw() {
    scheduled ||= requestAnimationFrame(() => {
      scheduled = 0;
      paint();
    });
  }

  /** Draw before long: as often as people look here while they watch a run. */
  function drawSoon() {
    later ||= setTimeout(() => {
      later = 0;
      draw();
    }, CALM);
  }

  function paint() {
    const notes = notesOf(scene.document).map(noteBox);
    const all = bounds([...notes, ...[...scene.ids()].map(scene.box)]);
    element.hidden = !all;
    if (!all) return;
    const around = inflated(all, 200);
    scale = Math.min(WIDTH / around.width, HEIGHT / around.height);
    left = around.x - (WIDTH / scale - around.width) / 2;
    top = around.y - (HEIGHT / scale - around.height) / 2;
    const style = getComputedStyle(element);
    const colours = { note: style.getPropertyValue("--map-note"), node: style.getPropertyValue("--map-node"), selected: style.getPropertyValue("--map-selected"), failed: style.getPropertyValue("--map-failed"), running: style.getPropertyValue("--map-running") };
    pen.setTransform(ratio * scale, 0, 0, ratio * scale, -left * ratio * scale, -top * ratio * scale);
    pen.clearRect(left, top, WIDTH / scale, HEIGHT / scale);
    pen.fillStyle = colours.note;
    for (const { x, y, width, height } of notes) pen.fillRect(x, y, width, height);
    for (const id of scene.ids()) {
      const { x, y, width, height } = scene.box(id);
      const over = scene.frameOver(id);
      const { state } = over === undefined ? states.get(id) : frames.state(over);
      pen.fillStyle = state === "failed" ? colours.failed : state === "running" ? colours.running : selection.has(id) ? colours.selected : colours.node;
      pen.fillRect(x, y, width, height);
    }
    follow();
  }

  /** Let the rectangle be where the view is. */
  function follow() {
    const { x, y, width, height } = viewport.visible();
    seen.style.transform = `translate(${(x - left) * scale}px, ${(y - top) * scale}px)`;
    seen.style.width = `${width * scale}px`;
    seen.style.height = `${height * scale}px`;
  }

  /** @param {PointerEvent} event */
  function press(event) {
    event.preventDefault();
    element.setPointerCapture(event.pointerId);
    if (event.target !== seen) jump(event);
    let [x, y] = [event.clientX, event.clientY];
    element.onpointermove = (move) => {
      const factor = viewport.zoom / scale;
      viewport.panBy((x - move.clientX) * factor, (y - move.clientY) * factor);
      [x, y] = [move.clientX, move.clientY];
    };
    element.onpointerup = element.onpointercancel = () => void (element.onpointermove = null);
  }

  /** @param {PointerEvent} event */
  function jump(event) {
    const corner = canvas.getBoundingClientRect();
    const point = [left + (event.clientX - corner.left) / scale, top + (event.clientY - corner.top) / scale];
    const { width, height } = viewport.visible();
    const { zoom } = viewport;
    viewport.set({ x: (width / 2 - point[0]) * zoom, y: (height / 2 - point[1]) * zoom });
  }

  element.addEventListener("pointerdown", press);
  return { draw, drawSoon, follow };
}
