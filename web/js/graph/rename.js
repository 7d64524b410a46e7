// @ts-check
/** Titles of nodes and frames, edited where they stand. Enter keeps, Esc leaves it as it was. */

import { framesOf } from "../core/document.js";
import { setTitle } from "../core/edits.js";
import { make } from "./elements.js";

/** @param {Pick<import("./surface.js").Parts, "scene" | "nodes" | "frames">} parts */
export function createRename({ scene, nodes, frames }) {
  /**
   * @param {HTMLElement} head @param {string} value @param {string} label
   * @param {(text: string) => void} keep @param {HTMLElement} back where the focus goes
   */
  function ask(head, value, label, keep, back) {
    const input = make("input", "rename", { "aria-label": label, maxlength: "200", spellcheck: "false" });
    input.value = value;
    let done = false;
    const close = (/** @type {boolean} */ kept) => {
      if (done) return;
      done = true;
      input.remove();
      if (kept && input.value.trim() !== value) keep(input.value.trim());
      back.focus({ preventScroll: true });
    };
    input.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter") close(true);
      if (event.key === "Escape") close(false);
    });
    input.addEventListener("blur", () => close(true));
    head.append(input);
    input.select();
  }

  return {
    /** @param {string} id */
    node(id) {
      const { element } = nodes.need(id);
      const head = /** @type {HTMLElement} */ (element.querySelector(".node-head"));
      const keep = (/** @type {string} */ text) => void scene.store.edit("title", (document) => setTitle(document, id, text));
      ask(head, scene.title(id), scene.texts("node.title"), keep, element);
    },
    /** @param {number} index */
    frame(index) {
      const element = frames.element(index);
      const head = /** @type {HTMLElement} */ (element.querySelector(".frame-head"));
      const title = framesOf(scene.document)[index].title ?? "";
      ask(head, title, scene.texts("frame.title"), (text) => frames.rename(index, text), element);
    },
  };
}
