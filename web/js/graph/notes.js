// @ts-check
/**
 * Notes on the canvas: texts that mean nothing to a run, written in where they lie. One that is Markdown is shown as that
 * while nobody writes in it.
 */

import { notesOf } from "../core/document.js";
import { addNote, editNote, removeNote } from "../core/edits.js";
import { noteBox } from "../core/geometry.js";
import { make, place } from "./elements.js";

/** @typedef {ReturnType<typeof createNotes>} Notes */

const LEAST = [120, 64]; // width and height

/** Makes what is read of Markdown, once a note needs it. @type {((text: string) => HTMLElement[]) | undefined} */
let viewOf;

/** @param {import("./scene.js").Scene} scene */
export function createNotes(scene) {
  const { texts } = scene;
  /** @type {import("../core/document.js").Note[]} */
  let shown = [];
  /** @type {HTMLElement[]} */
  let elements = [];
  /** Of which text they are. @type {WeakMap<HTMLElement, string>} */
  const views = new WeakMap();

  /** @param {boolean} [always] */
  function sync(always = false) {
    const notes = notesOf(scene.document);
    if (notes === shown && !always) return;
    if (notes.length !== elements.length) {
      elements = notes.map((_note, index) => noteElement(index));
      scene.noteLayer.replaceChildren(...elements);
    }
    shown = notes;
    notes.forEach(dress);
    if (!viewOf && notes.some(({ markdown }) => markdown === true)) void loadView();
  }

  /** Until it is there, and if it never comes, a note is the text that it is. */
  async function loadView() {
    ({ viewOf } = await import("./note_view.js").catch(() => ({ viewOf })));
    if (viewOf) shown.forEach(dress);
  }

  /** @param {import("../core/document.js").Note} note @param {number} index */
  function dress(note, index) {
    place(elements[index], noteBox(note));
    const field = /** @type {HTMLTextAreaElement} */ (elements[index].querySelector("textarea"));
    const text = typeof note.text === "string" ? note.text : "";
    if (field.value !== text) field.value = text; // to set it moves the cursor
    const title = typeof note.title === "string" && note.title ? note.title : texts("note.untitled");
    elements[index].setAttribute("aria-label", title);
    field.setAttribute("aria-label", texts("note.text", { title }));
    /** @type {HTMLElement} */ (elements[index].querySelector(".note-title")).textContent = title;
    const read = /** @type {HTMLElement} */ (elements[index].querySelector(".note-read"));
    read.setAttribute("aria-label", title);
    read.hidden = !viewOf || note.markdown !== true;
    if (!viewOf || read.hidden || views.get(read) === text) return;
    views.set(read, text);
    read.replaceChildren(...viewOf(text));
  }

  /** @param {number} index */
  function noteElement(index) {
    const remove = make("button", "note-remove", { type: "button", "aria-label": texts("note.remove"), title: texts("note.remove") }, "×");
    const head = make("div", "note-head", {}, make("span", "note-title"), remove);
    const field = make("textarea", "", { spellcheck: "false" });
    const read = make("div", "note-read", { role: "group", tabindex: "0", "data-scrolls": "" });
    const corner = make("div", "note-resize", { "aria-hidden": "true" });
    let merge = Symbol("note");
    field.addEventListener("focus", () => (merge = Symbol("note"))); // each visit is one step
    field.addEventListener("input", () => edit(index, { text: field.value }, merge));
    read.addEventListener("focus", () => read.toggleAttribute("data-held", isLong(read)));
    read.addEventListener("blur", () => read.removeAttribute("data-held"));
    read.addEventListener("keydown", (event) => {
      if (event.target !== read || event.key !== "Enter") return;
      event.preventDefault();
      field.focus({ preventScroll: true });
    });
    remove.addEventListener("click", () => {
      scene.store.edit("removeNote", (document) => removeNote(document, index));
      scene.announce(texts("said.noteRemoved"));
      scene.element.focus({ preventScroll: true });
    });
    return make("div", "note", { role: "group", "data-note": String(index) }, head, make("div", "note-body", {}, read, field), corner);
  }

  /** @param {number} index @param {Partial<import("../core/document.js").Note>} changes @param {unknown} merge */
  function edit(index, changes, merge) {
    scene.store.edit("note", (document) => editNote(document, index, changes), { merge });
  }

  /** Write in a note. A finger on one that is longer than it shows reads first: it scrolls what has the focus. @param {number} index @param {boolean} [finger] */
  function focus(index, finger = false) {
    const [read, field] = [".note-read", "textarea"].map((part) => /** @type {HTMLElement} */ (elements[index].querySelector(part)));
    const reads = finger && read !== document.activeElement && isLong(read);
    (reads ? read : field).focus({ preventScroll: true });
  }

  return {
    sync,
    focus,
    boxes: () => shown.map(noteBox),
    /** The note that is written in. */
    current: () => elements.findIndex((element) => element.contains(document.activeElement)),
    /** An empty one, to be written in. @param {import("../core/geometry.js").Point} pos */
    add(pos) {
      const { index } = scene.store.edit("addNote", (document) => addNote(document, { text: "", pos, markdown: true }));
      focus(index);
    },
    /** Show some as if they were moved. @param {number[]} indices @param {import("../core/geometry.js").Point} by */
    shift(indices, [x, y]) {
      for (const index of indices) {
        const box = noteBox(shown[index]);
        place(elements[index], { ...box, x: box.x + x, y: box.y + y });
      }
    },
    /** @param {number} index @param {import("../core/geometry.js").Point} at @param {unknown} merge */
    move: (index, at, merge) => edit(index, { pos: /** @type {[number, number]} */ (at.map(Math.round)) }, merge),
    /** @param {number} index @param {import("../core/geometry.js").Point} size @param {unknown} merge */
    resize: (index, size, merge) =>
      edit(index, { size: /** @type {[number, number]} */ (size.map((side, at) => Math.round(Math.max(side, LEAST[at])))) }, merge),
  };
}

/** Whether there is more than it shows; not where it is hidden. @param {HTMLElement} read */
const isLong = ({ scrollHeight, clientHeight }) => scrollHeight > clientHeight;
