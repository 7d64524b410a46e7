// @ts-check
/** Frames: titled fields behind the nodes. Dragging one by its title moves what is in it. */

import { foldedIn, framesOf } from "../core/document.js";
import { editFrame } from "../core/edits.js";
import { frameBox, within } from "../core/geometry.js";
import { make, mark, place } from "./elements.js";

/** @typedef {ReturnType<typeof createFrames>} Frames */

/** Colours that look well in both themes; a file may also have its own. */
export const TINTS = ["red", "orange", "green", "blue", "violet"];

/** @param {import("./scene.js").Scene} scene */
export function createFrames(scene) {
  /** @type {import("../core/document.js").Frame[]} */
  let shown = [];
  /** @type {HTMLElement[]} */
  let elements = [];

  /** @param {boolean} [always] */
  function sync(always = false) {
    const frames = framesOf(scene.document);
    if (frames === shown && !always) return;
    if (frames.length !== elements.length) {
      elements = frames.map((_frame, index) => frameElement(index));
      scene.frameLayer.replaceChildren(...elements);
    }
    shown = frames;
    scene.frames().forEach(({ frame, box }, index) => {
      dress(elements[index], frame, box);
      elements[index].hidden = frames.some((outer) => foldedIn(outer) !== undefined && isInside(frame, outer));
    });
  }

  /** @param {HTMLElement} element @param {import("../core/document.js").Frame} frame @param {import("../core/geometry.js").Box} box */
  function dress(element, frame, box) {
    const { title = "", color = "" } = frame;
    const folded = foldedIn(frame)?.filter(scene.has).length;
    place(element, box);
    mark(element, "folded", folded !== undefined);
    mark(element, "tint", TINTS.includes(color) ? color : "");
    element.style.setProperty("--tint", TINTS.includes(color) || !/^#[0-9a-f]{3,8}$/i.test(color) ? "" : color);
    element.setAttribute("aria-label", scene.texts("frame.label", { title: title || scene.texts("frame.untitled") }));
    const label = /** @type {HTMLElement} */ (element.querySelector(".frame-title"));
    label.textContent = title || scene.texts("frame.untitled");
    const count = /** @type {HTMLElement} */ (element.querySelector(".frame-count"));
    count.textContent = folded === undefined ? "" : scene.texts(folded === 1 ? "frame.countOne" : "frame.count", { count: folded });
  }

  return {
    sync,
    /** @param {number[]} indices @param {[number, number]} by */
    move(indices, [dx, dy]) {
      for (const index of indices) {
        const { box } = scene.frames()[index];
        place(elements[index], { ...box, x: box.x + dx, y: box.y + dy });
      }
    },
    element: (/** @type {number} */ index) => elements[index],
    /** @param {number | undefined} index */
    select: (index) => elements.forEach((element, at) => mark(element, "selected", at === index)),
    /** @param {number} index @param {[number, number]} size @param {unknown} merge */
    resize(index, [width, height], merge) {
      const [x, y] = framesOf(scene.document)[index].bounding;
      const bounding = /** @type {[number, number, number, number]} */ ([x, y, Math.max(width, 120), Math.max(height, 80)].map(Math.round));
      scene.store.edit("frame", (document) => editFrame(document, index, { bounding }), { merge });
    },
    /** @param {number} index @param {string} title */
    rename: (index, title) => void scene.store.edit("frame", (document) => editFrame(document, index, { title })),
  };
}

/** @param {import("../core/document.js").Frame} frame @param {import("../core/document.js").Frame} outer */
function isInside(frame, outer) {
  const [box, around] = [frameBox(frame), frameBox(outer)];
  return within(box, around) && box.width * box.height < around.width * around.height;
}

/** @param {number} index */
function frameElement(index) {
  const head = make("div", "frame-head", {}, make("span", "frame-title"), make("span", "frame-count"));
  const corner = make("div", "frame-resize", { "aria-hidden": "true" });
  return make("div", "frame", { role: "group", tabindex: "-1", "data-frame": String(index) }, head, corner);
}
