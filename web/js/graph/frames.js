// @ts-check
/** Frames: titled fields behind the nodes. Dragging one by its title moves what is in it. */

import { foldedIn, framesOf } from "../core/document.js";
import { editFrame } from "../core/edits.js";
import { frameBox, within } from "../core/geometry.js";
import { summary } from "../core/run_state.js";
import { make, mark, place } from "./elements.js";
import { IDLE, showState, stateText } from "./states.js";

/**
 * @typedef {ReturnType<typeof createFrames>} Frames
 * @typedef {import("../core/run_state.js").RunState} RunState
 */

/** Colours that look well in both themes; a file may also have its own. */
export const TINTS = ["red", "orange", "green", "blue", "violet"];

/** @param {import("./scene.js").Scene} scene @param {{stateOf: (id: string) => RunState}} options */
export function createFrames(scene, { stateOf }) {
  /** @type {import("../core/document.js").Frame[]} */
  let shown = [];
  /** @type {HTMLElement[]} */
  let elements = [];
  /** @type {RunState[]} */
  const states = [];

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
      dress(index, frame, box);
      elements[index].hidden = frames.some((outer) => foldedIn(outer) !== undefined && isInside(frame, outer));
    });
  }

  /** @param {number} index @param {import("../core/document.js").Frame} frame @param {import("../core/geometry.js").Box} box */
  function dress(index, frame, box) {
    const element = elements[index];
    const { title = "", color = "" } = frame;
    place(element, box);
    mark(element, "folded", foldedIn(frame) !== undefined);
    mark(element, "tint", TINTS.includes(color) ? color : "");
    element.style.setProperty("--tint", TINTS.includes(color) || !/^#[0-9a-f]{3,8}$/i.test(color) ? "" : color);
    const label = /** @type {HTMLElement} */ (element.querySelector(".frame-title"));
    label.textContent = title || scene.texts("frame.untitled");
    tell(index);
  }

  /** How many nodes a folded frame hides, and what a run says of them together. @param {number} index */
  function tell(index) {
    const [element, frame] = [elements[index], shown[index]];
    const hidden = foldedIn(frame)?.filter(scene.has);
    const told = (hidden ?? []).map(stateOf).filter(({ state }) => state !== "idle");
    const state = told.length ? summary(told) : IDLE;
    states[index] = state;
    const count = hidden && scene.texts(hidden.length === 1 ? "frame.countOne" : "frame.count", { count: hidden.length });
    const said = stateText(scene.texts, state);
    const progress = /** @type {HTMLElement} */ (element.querySelector(".node-progress"));
    const label = scene.texts("frame.label", { title: frame.title || scene.texts("frame.untitled") });
    showState(element, progress, state);
    element.setAttribute("aria-label", [label, count, said].filter(Boolean).join(", "));
    const note = /** @type {HTMLElement} */ (element.querySelector(".frame-count"));
    note.textContent = said || count || "";
    note.title = said && count ? count : "";
  }

  return {
    sync,
    /** The state of what is in a folded frame. @param {number} index */
    state: (index) => states[index],
    /** States have changed. */
    retell: () => elements.forEach((_element, index) => tell(index)),
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
  const progress = make("div", "node-progress", { "aria-hidden": "true" });
  const corner = make("div", "frame-resize", { "aria-hidden": "true" });
  return make("div", "frame", { role: "group", tabindex: "-1", "data-frame": String(index) }, head, progress, corner);
}
