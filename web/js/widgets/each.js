// @ts-check
/** A button that tells whether each run gets another value, and which, and that says so. */

import { text } from "../text/index.js";
import { make } from "./elements.js";

const WORDS = ["randomize", "increment", "decrement", "increment-wrap"];

/** @param {import("./index.js").Spec} spec @returns {{button: HTMLButtonElement, update: () => void}} */
export function createEach({ control, setControl, label }) {
  const button = make("button", { type: "button", className: "icon each" });
  let word = "randomize"; // that a click sets
  function update() {
    const now = control();
    const changes = WORDS.includes(now);
    if (changes) word = now;
    button.title = text(`widget.each.${word}`, { name: label });
    button.setAttribute("aria-label", button.title);
    button.setAttribute("aria-pressed", String(changes));
  }
  button.addEventListener("click", () => {
    setControl?.(WORDS.includes(control()) ? "fixed" : word);
    update();
  });
  update();
  return { button, update };
}

/** Whether something is done with the value at each run. @param {import("./index.js").Spec} spec */
export const changesEach = ({ control, setControl, port }) => Boolean(setControl && (port.seed || WORDS.includes(control())));
