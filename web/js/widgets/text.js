// @ts-check
/** A text, of one line or of several. All that is typed until the field is left is one step. */

import { gesture, make } from "./elements.js";

/** @param {HTMLElement} element @param {import("./index.js").Spec} spec @returns {import("./index.js").Widget} */
export function mountText(element, { port, value, set, label }) {
  const fields = { className: `widget text${port.multiline ? " lines" : ""}`, "aria-label": label, spellcheck: false };
  const input = port.multiline ? make("textarea", { ...fields, rows: 3 }) : make("input", { ...fields, type: "text" });
  let merge = gesture();
  input.addEventListener("focus", () => (merge = gesture()));
  input.addEventListener("input", () => set(input.value, { merge }));
  element.append(input);
  const update = (/** @type {any} */ next) => {
    const written = next === undefined || next === null ? "" : String(next);
    if (input.value !== written) input.value = written;
  };
  update(value);
  return { update };
}
