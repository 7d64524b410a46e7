// @ts-check
/** Wiring by keyboard: a list of all that a node, or one of its sockets, can be connected to. */

import { wireInto } from "../core/document.js";
import { connect } from "../core/edits.js";
import { make } from "./elements.js";
import { asWire, judge, opposite, socketsOf } from "./fitting.js";

/**
 * @typedef {import("./scene.js").Socket} Socket
 * @typedef {{from: Socket, to: Socket}} Choice
 */

const MOST = 200;

/** @param {Pick<import("./surface.js").Parts, "scene" | "viewport" | "walk" | "on">} parts */
export function createTargets({ scene, viewport, walk, on }) {
  /** @type {HTMLElement | undefined} */
  let list;

  /** @param {Socket} one @param {Socket} other */
  function areJoined(one, other) {
    const { from, to } = asWire(one, other);
    const wire = wireInto(scene.document, to);
    return wire?.from.node === from.node && wire.from.output === from.output;
  }

  /** @param {Socket} from @returns {Choice[]} */
  function choicesFrom(from) {
    const verdict = judge(scene, [from]);
    const [x, y] = scene.point(from);
    const sockets = [...scene.ids()].flatMap((id) => socketsOf(scene, id, opposite(from)));
    const away = (/** @type {Socket} */ socket) => {
      const [left, top] = scene.point(socket);
      return Math.hypot(left - x, top - y);
    };
    const suits = (/** @type {Socket} */ to) => verdict(to) === "fits" && !areJoined(from, to);
    return sockets.filter(suits).sort((one, other) => away(one) - away(other)).map((to) => ({ from, to }));
  }

  /** The socket that has the focus. @param {string} id of its node @returns {Socket | undefined} */
  function focused(id) {
    const { side, port = "" } = /** @type {HTMLElement | null} */ (document.activeElement?.closest(".socket"))?.dataset ?? {};
    return side ? { node: id, side: /** @type {any} */ (side), port } : undefined;
  }

  /** From a socket, or else from every output of the node. @param {string} id @param {Socket} [from] */
  function open(id, from = focused(id)) {
    const starts = from ? [from] : socketsOf(scene, id, "output");
    const choices = starts.flatMap(choicesFrom).slice(0, MOST);
    close();
    if (!choices.length) return void on.notice(scene.texts("targets.none", { node: scene.title(id) }));
    show(id, choices);
  }

  /** @param {string} id @param {Choice[]} choices */
  function show(id, choices) {
    const items = choices.map(({ from, to }) => {
      const text = scene.texts("targets.choice", { port: from.port, node: scene.title(to.node), input: to.port });
      const item = make("div", "target", { role: "option", tabindex: "-1" }, text);
      item.addEventListener("click", () => choose({ from, to }));
      return item;
    });
    list = make("div", "targets", { role: "listbox", "aria-label": scene.texts("targets.label", { node: scene.title(id) }) }, ...items);
    const { x, y, width } = scene.box(id);
    const [pageX, pageY] = viewport.toPage([x + width, y]);
    const { left, top, height, width: room } = scene.element.getBoundingClientRect();
    list.style.transform = `translate(${Math.min(pageX - left + 8, room - 300)}px, ${Math.max(Math.min(pageY - top, height - 260), 8)}px)`;
    list.addEventListener("keydown", (event) => press(event, items, choices, id));
    scene.element.append(list);
    items[0].focus();
  }

  /** @param {KeyboardEvent} event @param {HTMLElement[]} items @param {Choice[]} choices @param {string} id */
  function press(event, items, choices, id) {
    event.stopPropagation();
    const at = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const steps = /** @type {Record<string, number>} */ ({ ArrowDown: 1, ArrowUp: -1 });
    if (event.key in steps) items.at((at + steps[event.key]) % items.length)?.focus();
    else if (event.key === "Enter" || event.key === " ") choose(choices[at]);
    else if (event.key === "Escape" || event.key === "Tab") {
      close();
      walk.focus(id);
    } else if (event.key.length === 1) items.find((item) => item.textContent?.toLowerCase().includes(event.key.toLowerCase()))?.focus();
    else return;
    event.preventDefault();
  }

  /** @param {Choice} choice */
  function choose({ from, to }) {
    const wire = asWire(from, to);
    close();
    scene.store.edit("connect", (document) => connect(document, wire.from, wire.to));
    scene.announce(scene.texts("said.connected", { from: scene.title(wire.from.node), to: scene.title(wire.to.node), input: wire.to.input }));
    walk.focus(from.node);
  }

  function close() {
    list?.remove();
    list = undefined;
  }

  return { open, close };
}
