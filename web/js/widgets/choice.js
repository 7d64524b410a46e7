// @ts-check
/** One of a list, which is narrowed by typing. A value that is not in the list stays, and is marked. */

import { text } from "../text/index.js";
import { changesEach, createEach } from "./each.js";
import { make } from "./elements.js";

const MOST = 500; // shown at once

/** @param {HTMLElement} element @param {import("./index.js").Spec} spec @returns {import("./index.js").Widget} */
export const mountChoice = (element, spec) => mountCombobox(element, spec, async () => spec.port.choices ?? []);

let count = 0;

/**
 * @param {HTMLElement} element @param {import("./index.js").Spec} spec @param {() => Promise<any[]>} list
 * @returns {import("./index.js").Widget}
 */
export function mountCombobox(element, spec, list) {
  const { value, set, label } = spec;
  count += 1;
  const id = `choices-${count}`;
  let shown = value;
  /** @type {any[]} */
  let all = [];
  let known = false;
  /** @type {any[]} */
  let listed = [];
  let at = -1;
  const input = make("input", {
    type: "text", role: "combobox", className: "widget choice", autocomplete: "off", spellcheck: false,
    "aria-label": label, "aria-expanded": "false", "aria-autocomplete": "list",
  });
  const box = make("ul", { id, role: "listbox", className: "choices", "aria-label": label });
  const row = make("span", { className: "widget seed" });
  const each = createEach(spec);
  element.append(input);
  void load();

  /** Stays where it was once: what is fixed may be let go again. */
  function showEach() {
    each.update();
    if (row.isConnected || !changesEach(spec)) return;
    input.replaceWith(row);
    row.append(input, each.button);
  }

  async function load() {
    all = await list().catch(() => []);
    known = true;
    mark();
  }

  function mark() {
    const missing = known && shown !== undefined && shown !== "" && !all.includes(shown);
    input.toggleAttribute("data-missing", missing);
    input.title = missing ? text("widget.missing", { value: shown }) : "";
    if (missing) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  }

  /** @param {any} next */
  function update(next) {
    shown = next;
    showEach();
    if (document.activeElement !== input) input.value = next === undefined || next === null ? "" : String(next);
    mark();
    if (input.hasAttribute("data-missing")) void load(); // it may have just come
  }

  function open() {
    if (!box.isConnected) {
      document.body.append(box); // not inside the node, whose paint is contained
      input.setAttribute("aria-expanded", "true");
      input.setAttribute("aria-controls", id);
    }
    place(box, input);
  }

  function close() {
    box.remove();
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-controls");
    input.removeAttribute("aria-activedescendant");
  }

  /** @param {string} wanted */
  function filter(wanted) {
    const low = wanted.toLowerCase();
    listed = all.filter((choice) => String(choice).toLowerCase().includes(low)).slice(0, MOST);
    box.replaceChildren(...listed.map(option));
    if (!listed.length) box.append(make("li", { className: "none" }, text("widget.noMatch")));
    go(wanted ? 0 : listed.indexOf(shown));
  }

  /** @param {any} choice @param {number} index */
  function option(choice, index) {
    const item = make("li", { id: `${id}-${index}`, role: "option", "aria-selected": "false" }, String(choice));
    item.addEventListener("pointerdown", (event) => {
      event.preventDefault(); // keeps the focus in the field
      choose(index);
    });
    return item;
  }

  /** @param {number} index */
  function go(index) {
    box.querySelector('[aria-selected="true"]')?.setAttribute("aria-selected", "false");
    at = Math.max(-1, Math.min(index, listed.length - 1));
    const item = at >= 0 ? box.children[at] : undefined;
    item?.setAttribute("aria-selected", "true");
    item?.scrollIntoView({ block: "nearest" });
    if (item) input.setAttribute("aria-activedescendant", item.id);
  }

  /** @param {number} index */
  function choose(index) {
    if (index >= 0 && index < listed.length && listed[index] !== shown) set((shown = listed[index]));
    input.value = String(shown ?? "");
    mark();
    close();
  }

  function begin() {
    open();
    filter("");
    input.select();
  }
  input.addEventListener("focus", () => void load());
  input.addEventListener("pointerdown", (event) => event.stopPropagation());
  input.addEventListener("click", begin);
  input.addEventListener("input", () => {
    open();
    filter(input.value);
  });
  input.addEventListener("blur", () => choose(-1));
  input.addEventListener("keydown", (event) => {
    const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 };
    const move = moves[/** @type {keyof typeof moves} */ (event.key)];
    if (move) {
      event.preventDefault();
      event.stopPropagation();
      if (box.isConnected) go(Math.max(0, at + move));
      else begin();
    } else if (event.key === "Enter" && box.isConnected) {
      event.preventDefault();
      choose(at);
    } else if (event.key === "Escape" && box.isConnected) {
      event.stopPropagation();
      choose(-1);
    }
  });
  update(value);
  return { update, destroy: close };
}

/** Put a list below a field, or above it where there is more room. @param {HTMLElement} box @param {HTMLElement} field */
function place(box, field) {
  const { left, top, bottom, width } = field.getBoundingClientRect();
  const below = innerHeight - bottom;
  const up = below < 200 && top > below;
  Object.assign(box.style, {
    left: `${Math.min(left, innerWidth - 200)}px`,
    minWidth: `${Math.max(width, 180)}px`,
    top: up ? "" : `${bottom + 2}px`,
    bottom: up ? `${innerHeight - top + 2}px` : "",
    maxHeight: `${Math.min(320, (up ? top : below) - 12)}px`,
  });
}
