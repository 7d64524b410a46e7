// @ts-check
/** Why a node is in the state that it is in, beside it: for who points at the state, or goes to the node by keyboard. */

import { make } from "./elements.js";

const REST = 350; // milliseconds that the focus rests on a node

/**
 * @param {Pick<import("./surface.js").Parts, "scene" | "viewport" | "states">} parts
 * @param {(id: string, say: (text: string) => void) => void} why says it, and perhaps more a moment later
 */
export function createReasons({ scene, viewport, states }, why) {
  const { element } = scene;
  const tip = make("div", "reason", { role: "tooltip", id: `reason-${Math.random().toString(36).slice(2)}` });
  tip.hidden = true;
  element.append(tip);
  /** @type {string | undefined} */
  let shown;
  let timer = 0;

  /** @param {string} id */
  function show(id) {
    if (states.get(id).state === "idle") return hide();
    hide();
    shown = id;
    why(id, (text) => {
      if (shown !== id || !text) return;
      tip.textContent = text;
      tip.hidden = false;
      describe(id, true);
      lie(id);
    });
  }

  /** Below the header, inside the surface. @param {string} id */
  function lie(id) {
    const { x, y, width } = scene.box(id);
    const [right, top] = viewport.toPage([x + width, y + 32]);
    const place = element.getBoundingClientRect();
    const left = Math.min(Math.max(right - place.left - tip.offsetWidth, 8), place.width - tip.offsetWidth - 8);
    tip.style.transform = `translate(${left}px, ${Math.min(top - place.top + 4, place.height - tip.offsetHeight - 8)}px)`;
  }

  /** @param {string} id @param {boolean} described */
  function describe(id, described) {
    const node = element.querySelector(`.node[data-id="${CSS.escape(id)}"]`);
    if (described) node?.setAttribute("aria-describedby", tip.id);
    else node?.removeAttribute("aria-describedby");
  }

  function hide() {
    window.clearTimeout(timer);
    if (shown !== undefined) describe(shown, false);
    shown = undefined;
    tip.hidden = true;
  }

  /** @param {EventTarget | null} target @param {string} part */
  const nodeOf = (target, part) =>
    target instanceof Element ? target.closest(part)?.closest(".node")?.getAttribute("data-id") ?? undefined : undefined;

  element.addEventListener("pointerover", ({ target }) => {
    const id = nodeOf(target, ".node-note");
    if (id !== undefined && id !== shown) show(id);
  });
  element.addEventListener("pointerout", ({ target }) => nodeOf(target, ".node-note") !== undefined && hide());
  element.addEventListener("focusin", ({ target }) => {
    hide();
    const id = target instanceof Element && target.matches(".node:focus-visible") ? nodeOf(target, ".node") : undefined;
    if (id !== undefined) timer = window.setTimeout(show, REST, id);
  });
  element.addEventListener("focusout", hide);
  viewport.subscribe(hide);
  return {
    /** States have changed. */
    again() {
      if (shown !== undefined) show(shown);
    },
  };
}
