// @ts-check
/** A number: typed (also as an expression), stepped by arrows, or scrubbed by dragging. */

import { further } from "../core/controls.js";
import { evaluate, evaluateWhole } from "../core/expression.js";
import { numberFor } from "../core/kinds.js";
import { text } from "../text/index.js";
import { gesture, make } from "./elements.js";

const SCRUB = 6; // pixels for a step

/** @param {HTMLElement} element @param {import("./index.js").Spec} spec @returns {import("./index.js").Widget} */
export function mountNumber(element, { port, value, set, label, notice }) {
  let shown = value;
  let beyond = ""; // what was wrong with the last number of a drag
  const whole = !port.type.split(",").includes("FLOAT");
  const step = Number(port.step ?? (whole ? 1 : 0.1));
  const input = make("input", {
    type: "text", inputMode: "decimal", role: "spinbutton", className: "widget number", autocomplete: "off",
    spellcheck: false, "aria-label": label,
  });
  element.append(input);

  /** @param {any} next */
  function show(next) {
    const isTyping = document.activeElement === input && input.value.trim() !== String(shown ?? "");
    shown = next;
    const written = next === undefined || next === null ? "" : String(next);
    if (!isTyping) input.value = written;
    input.setAttribute("aria-valuenow", written);
    input.setAttribute("aria-valuetext", written);
    if (port.low !== undefined) input.setAttribute("aria-valuemin", String(port.low));
    if (port.high !== undefined) input.setAttribute("aria-valuemax", String(port.high));
  }

  /** @param {number | bigint} number @param {{merge?: unknown, quiet?: boolean}} [options] */
  function commit(number, { merge, quiet } = {}) {
    beyond = "";
    const fitting = clamped(port, number, quiet ? (message) => (beyond = message) : notice, label);
    const next = numberFor(port, typeof fitting === "bigint" ? fitting : rounded(fitting, whole, step));
    if (String(next) !== String(shown)) set(next, { merge });
    shown = next;
    input.value = String(next);
  }

  function take() {
    if (input.value.trim() === String(shown ?? "")) return;
    if (input.value.trim() === "") return void (input.value = String(shown ?? ""));
    try {
      commit(whole ? evaluateWhole(input.value) : evaluate(input.value));
    } catch {
      notice(text("widget.badNumber", { text: input.value }));
      input.value = String(shown ?? "");
    }
  }

  let arrows = gesture();
  input.addEventListener("change", take);
  input.addEventListener("blur", take);
  input.addEventListener("focus", () => {
    arrows = gesture();
    input.select();
  });
  input.addEventListener("keydown", (event) => {
    const direction = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (direction) {
      event.preventDefault();
      event.stopPropagation();
      take();
      commit(further(shown, direction * step * (event.shiftKey ? 10 : 1)), { merge: arrows });
    } else if (event.key === "Escape") {
      input.value = String(shown ?? "");
    } else if (event.key === "Enter") {
      take();
      input.select();
    }
  });
  scrub(input, {
    from: () => shown,
    move: (from, steps, merge) => commit(further(from, steps * step), { merge, quiet: true }),
    end: () => beyond && notice(beyond),
  });
  show(value);
  return { update: show };
}

/** @param {HTMLInputElement} input @param {{from: () => any, move: (from: any, steps: number, merge: unknown) => void, end: () => void}} on */
function scrub(input, on) {
  input.addEventListener("pointerdown", (down) => {
    if (down.button !== 0 || document.activeElement === input) return;
    down.stopPropagation(); // the node under it stays where it is
    const [from, merge] = [on.from(), gesture()];
    let moved = false;
    input.setPointerCapture(down.pointerId);
    const move = (/** @type {PointerEvent} */ event) => {
      const distance = event.clientX - down.clientX;
      if (!moved && Math.abs(distance) < 4) return;
      moved = true;
      on.move(from, Math.trunc(distance / SCRUB) * (event.shiftKey ? 10 : 1), merge);
    };
    const end = () => {
      input.removeEventListener("pointermove", move);
      if (!moved) return;
      input.blur();
      on.end();
    };
    input.addEventListener("pointermove", move);
    input.addEventListener("pointerup", end, { once: true });
    input.addEventListener("pointercancel", end, { once: true });
  });
}

/** @param {number} number @param {boolean} whole @param {number} step */
function rounded(number, whole, step) {
  if (whole) return Math.round(number);
  const digits = Math.max(0, Math.ceil(-Math.log10(step)) + 4);
  return Number(number.toFixed(Math.min(digits, 12))) || 0;
}

/**
 * @param {import("./index.js").Port} port @param {number | bigint} number @param {(text: string) => void} notice
 * @param {string} name @returns {number | bigint}
 */
function clamped({ low, high }, number, notice, name) {
  const limit = (/** @type {any} */ given) => (typeof number === "bigint" ? BigInt(String(given)) : Number(given));
  if (low !== undefined && low !== null && number < limit(low)) {
    notice(text("widget.low", { name, limit: low }));
    return limit(low);
  }
  if (high !== undefined && high !== null && number > limit(high)) {
    notice(text("widget.high", { name, limit: high }));
    return limit(high);
  }
  return number;
}
