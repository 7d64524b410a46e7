// @ts-check
/** The painter's bar: tools, their measures, and what is done to all of the mask. */

import { make } from "./elements.js";

/** What is done by which key; with Ctrl or the command key where it says `Mod`. @type {Record<string, string>} */
export const KEYS = {
  b: "brush", e: "eraser", "[": "smaller", "]": "larger", "{": "softer", "}": "harder", i: "invert", Delete: "clear",
  "Mod+z": "undo", "Mod+Shift+z": "redo", "Mod+y": "redo", "+": "zoomIn", "=": "zoomIn", "-": "zoomOut", 0: "fit",
  Enter: "save", Escape: "cancel",
};

/** Buttons in the order of the bar, with the class of their icon; those without one show their name. */
const BUTTONS = /** @type {const} */ ([
  ["tools", [["brush", "brush"], ["eraser", "eraser"]]],
  ["measures", []],
  ["whole", [["fill", ""], ["clear", ""], ["invert", ""]]],
  ["steps", [["undo", "undo"], ["redo", "redo"]]],
  ["zoom", [["zoomOut", "minus"], ["fit", ""], ["zoomIn", "plus"]]],
]);

const LARGEST = 2000;

/** How large a brush may be. @param {{width: number, height: number}} mask */
export const largest = ({ width, height }) => Math.min(LARGEST, Math.max(16, width, height));

/**
 * @param {(key: string, values?: any) => string} say @param {Record<string, () => void>} acts
 * @param {import("./brush.js").Tool} tool @param {number} most the largest size
 */
export function createControls(say, acts, tool, most) {
  /** @type {Record<string, HTMLButtonElement>} */
  const buttons = {};
  const size = slider(say("size"), (part) => (tool.size = Math.max(1, Math.round(most * part ** 2))));
  const hardness = slider(say("hardness"), (part) => (tool.hardness = part));
  const element = make("div", { className: "paint-bar", role: "group", "aria-label": say("tools") });
  for (const [group, members] of BUTTONS) {
    const made = members.map(([name, icon]) => (buttons[name] = button(name, icon)));
    element.append(make("span", { className: `paint-group ${group}` }, ...made));
  }
  element.querySelector(".measures")?.append(size.element, hardness.element);

  /** @param {string} name @param {string} icon */
  function button(name, icon) {
    const [key] = Object.keys(KEYS).filter((one) => KEYS[one] === name);
    const title = key ? `${say(name)} (${key.replace("Mod", "Ctrl")})` : say(name);
    const made = make("button", { type: "button", title });
    if (icon) Object.assign(made, { className: `icon ${icon}`, ariaLabel: say(name) });
    else made.textContent = say(name);
    made.addEventListener("click", () => acts[name]());
    return made;
  }

  /** @param {string} label @param {(part: number) => void} set */
  function slider(label, set) {
    const input = make("input", { type: "range", min: "0", max: "1", step: "0.005" });
    const shown = make("output");
    input.addEventListener("input", () => (set(Number(input.value)), show()));
    /** @param {number} part @param {string} words */
    function tell(part, words) {
      input.value = String(part);
      input.setAttribute("aria-valuetext", words);
      shown.textContent = words;
    }
    return { element: make("label", {}, make("span", {}, label), input, shown), tell };
  }

  function show() {
    size.tell(Math.sqrt(tool.size / most), say("pixels", { n: tool.size }));
    hardness.tell(tool.hardness, say("percent", { n: Math.round(100 * tool.hardness) }));
    buttons.brush.setAttribute("aria-pressed", String(!tool.erase));
    buttons.eraser.setAttribute("aria-pressed", String(tool.erase));
  }

  show();
  return {
    element,
    show,
    /** @param {{canUndo: boolean, canRedo: boolean}} history */
    enable({ canUndo, canRedo }) {
      buttons.undo.disabled = !canUndo;
      buttons.redo.disabled = !canRedo;
    },
  };
}

/** The name of a key that was pressed, as `KEYS` has it. @param {KeyboardEvent} event */
export function keyOf(event) {
  if (event.altKey) return "";
  if (!event.ctrlKey && !event.metaKey) return event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return `Mod+${event.shiftKey ? "Shift+" : ""}${event.key.toLowerCase()}`;
}
