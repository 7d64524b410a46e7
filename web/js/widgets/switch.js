// @ts-check
/** Yes or no. */

import { make } from "./elements.js";

/** @param {HTMLElement} element @param {import("./index.js").Spec} spec @returns {import("./index.js").Widget} */
export function mountSwitch(element, { value, set, label }) {
  const input = make("input", { type: "checkbox", role: "switch", className: "widget switch", "aria-label": label });
  input.addEventListener("change", () => set(input.checked));
  element.append(input);
  const update = (/** @type {any} */ next) => void (input.checked = next === true);
  update(value);
  return { update };
}
