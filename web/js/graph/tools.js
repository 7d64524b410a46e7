// @ts-check
/**
 * What a press of the pointer turns into once it moves: each tool has `move`, `end` and `cancel`.
 *
 * A tool sees points of the page and of the world; which tool a press means is `gestures.js`'s business.
 */

import { disconnectAll, resizeNode } from "../core/edits.js";
import { boxAround, overlap } from "../core/geometry.js";
import { HEADER } from "../core/shapes.js";
import { make, makeSvg, place } from "./elements.js";

/**
 * @typedef {import("../core/geometry.js").Point} Point
 * @typedef {{page: Point, world: Point}} Place
 * @typedef {{move: (at: Place) => void, end: (at: Place) => void, cancel: () => void}} Tool
 * @typedef {import("./surface.js").Parts} Parts
 */

/** @param {Parts} parts @param {Place} start @returns {Tool} */
export function panTool({ scene, viewport }, start) {
  const before = viewport.get();
  scene.element.dataset.panning = "";
  const stop = () => void delete scene.element.dataset.panning;
  return {
    move: ({ page }) => viewport.set({ x: before.x + page[0] - start.page[0], y: before.y + page[1] - start.page[1] }),
    end: stop,
    cancel() {
      viewport.set(before);
      stop();
    },
  };
}

/** Move nodes, or a frame with what is in it. @param {Parts} parts @param {Place} start @param {() => void} begin @returns {Tool} */
export function moveTool({ moving }, start, begin) {
  begin();
  return {
    move: ({ world }) => moving.move([world[0] - start.world[0], world[1] - start.world[1]], world),
    end: moving.drop,
    cancel: moving.cancel,
  };
}

/** @param {Parts} parts @param {import("./scene.js").Socket} socket @param {boolean} all @returns {Tool} */
export function linkTool({ linking }, socket, all) {
  linking.begin(socket, { all });
  return {
    move: ({ world }) => linking.track(world),
    end: ({ world }) => linking.drop(world),
    cancel: linking.cancel,
  };
}

/** Select what a box touches. @param {Parts} parts @param {Place} start @returns {Tool} */
export function boxTool({ scene, selection }, start) {
  const before = selection.get();
  const element = make("div", "select-box", { "aria-hidden": "true" });
  scene.world.append(element);
  return {
    move({ world }) {
      const box = boxAround([start.world, world]);
      place(element, box);
      selection.set([...before, ...[...scene.ids()].filter((id) => scene.frameOver(id) === undefined && overlap(scene.box(id), box))]);
    },
    end: () => element.remove(),
    cancel() {
      element.remove();
      selection.set(before);
    },
  };
}

/** Cut the wires that are crossed. @param {Parts} parts @param {Place} start @returns {Tool} */
export function cutTool({ scene, wires }, start) {
  const path = makeSvg("path", "cut");
  scene.frontLayer.append(path);
  const points = [start.world];
  /** @type {Map<string, import("../core/document.js").Wire>} */
  const cut = new Map();
  function stop() {
    path.remove();
    wires.unmark("cut");
  }
  return {
    move({ world }) {
      const last = /** @type {Point} */ (points.at(-1));
      for (const wire of wires.crossed([last, world])) {
        cut.set(JSON.stringify(wire.to), wire);
        wires.mark(wire, "cut", true);
      }
      points.push(world);
      path.setAttribute("d", `M${points.map((point) => point.join(" ")).join("L")}`);
    },
    end() {
      stop();
      if (!cut.size) return;
      scene.store.edit("cut", (document) => disconnectAll(document, [...cut.values()]));
      scene.announce(scene.texts("said.cut", { count: cut.size }));
    },
    cancel: stop,
  };
}

/** @param {Parts} parts @param {string} id @param {Place} start @returns {Tool} */
export function resizeTool({ scene }, id, start) {
  const { width, height } = scene.box(id);
  const merge = Symbol("resize");
  return {
    move({ world }) {
      const size = /** @type {Point} */ ([width + world[0] - start.world[0], height - HEADER + world[1] - start.world[1]]);
      scene.store.edit("resize", (document) => resizeNode(document, id, [Math.max(size[0], 160), Math.max(size[1], 0)]), { merge });
    },
    end: () => undefined,
    cancel: () => scene.store.cancel(merge),
  };
}

/** @param {Parts} parts @param {number} index @param {Place} start @returns {Tool} */
export function resizeFrameTool({ scene, frames }, index, start) {
  const { width, height } = scene.frames()[index].box;
  const merge = Symbol("resize");
  return {
    move: ({ world }) => frames.resize(index, [width + world[0] - start.world[0], height + world[1] - start.world[1]], merge),
    end: () => undefined,
    cancel: () => scene.store.cancel(merge),
  };
}

/** Move a note, or size it. @param {Parts} parts @param {number} index @param {boolean} resize @param {Place} start @returns {Tool} */
export function noteTool({ scene, notes }, index, resize, start) {
  const { x, y, width, height } = notes.boxes()[index];
  const merge = Symbol("note");
  return {
    move({ world }) {
      const [right, down] = [world[0] - start.world[0], world[1] - start.world[1]];
      if (resize) notes.resize(index, [width + right, height + down], merge);
      else notes.move(index, [x + right, y + down], merge);
    },
    end: () => undefined,
    cancel: () => scene.store.cancel(merge),
  };
}
