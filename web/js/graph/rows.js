// @ts-check
/** The body of a node: a row for each port, at the place that its shape gives it. */

import { controlOf, inputOf, isLink, literalOf, wiresFrom } from "../core/document.js";
import { exposedName, givenName, resetInput, setInput } from "../core/edits.js";
import { same } from "../core/json.js";
import { valueOf } from "../core/kinds.js";
import { LETTER } from "../core/shapes.js";
import { make, mark, markType } from "./elements.js";

const TALL = 40; // pixels, above which the field of a row is below its name
const BOLD = 1.15; // how much wider bold letters are, with some air

/**
 * @typedef {import("./scene.js").Scene} Scene
 * @typedef {import("./scene.js").Side} Side
 * @typedef {import("../core/shapes.js").Row} Row
 * @typedef {import("./node_view.js").MountWidget} MountWidget
 * @typedef {import("./node_view.js").Mounted} Mounted
 * @typedef {{side: Side, row: Row, socket: HTMLButtonElement, update: () => void, destroy: () => void}} RowView
 */

/** @param {Scene} scene @param {string} id @param {MountWidget} mountWidget */
export function createRows(scene, id, mountWidget) {
  const { inputs, outputs, collapsed } = scene.shape(id);
  const element = make("div", "node-body");
  element.style.setProperty("--label", `${longestLabel(inputs) * BOLD}ch`);
  /** @type {RowView[]} */
  const views = collapsed
    ? []
    : [
        ...inputs.map((row) => createInput(scene, id, row, mountWidget, element)),
        ...outputs.map((row) => createOutput(scene, id, row, element)),
      ];
  const update = () => views.forEach((view) => view.update());
  update();
  return {
    element,
    update,
    sockets: () => views,
    /** @param {Side} side @param {string} port */
    socket: (side, port) => views.find((view) => view.side === side && view.row.port.name === port)?.socket,
    destroy() {
      views.forEach((view) => view.destroy());
      element.remove();
    },
  };
}

/** How many letters the longest of the names beside fields has. @param {Row[]} inputs */
function longestLabel(inputs) {
  const beside = inputs.filter(({ widget, height }) => widget && height <= TALL);
  return Math.max(0, ...beside.map(({ port }) => (port.label ?? port.name).length));
}

/** @param {Scene} scene @param {string} id @param {Side} side @param {Row} row @param {HTMLElement} parent */
function createRow(scene, id, side, row, parent) {
  const { port } = row;
  const socket = make("button", "socket", { type: "button", tabindex: "-1", "data-side": side, "data-port": port.name });
  markType(socket, port.type);
  const label = make("span", "row-label", { title: portHelp(scene, row) }, port.label ?? port.name);
  const element = make("div", `row row-${side}`, {}, socket, label);
  element.style.top = `${row.y}px`;
  element.style.height = `${row.height}px`;
  mark(element, "widget", row.widget || undefined);
  mark(element, "required", port.required);
  mark(element, "tall", row.height > TALL);
  parent.append(element);
  return { element, socket };
}

/** @param {Scene} scene @param {string} id @param {Row} row @param {HTMLElement} parent @returns {RowView} */
function createOutput(scene, id, row, parent) {
  const { element, socket } = createRow(scene, id, "output", row, parent);
  element.style.left = `${besideOf(scene.shape(id), row)}px`;
  const told = make("span", "row-fact", { "aria-hidden": "true" }); // the socket's name has it
  function update() {
    const fact = scene.facts.of({ node: id, output: row.port.name });
    if (told.textContent !== fact) told.textContent = fact;
    if (fact && !told.isConnected) element.append(told);
    else if (!fact) told.remove();
    const links = wiresFrom(scene.document, id).filter(({ from }) => scene.kinds.outputOf(scene.node(id), from.output, scene.scopes())?.name === row.port.name);
    mark(element, "linked", links.length > 0);
    const ends = links.map(({ to }) => `${scene.title(to.node)} ${to.input}`).join(", ");
    const given = scene.scopes().length > 1 ? givenName(scene.document, { node: id, output: row.port.name }) : undefined;
    mark(element, "given", given !== undefined);
    socket.setAttribute("aria-label", socketLabel(scene, "output", row, fact, ends, given));
    socket.title = fact && `${row.port.type} ${fact}`;
  }
  return { side: "output", row, socket, update, destroy: () => undefined };
}

/**
 * @param {Scene} scene @param {string} id @param {Row} row @param {MountWidget} mountWidget
 * @param {HTMLElement} parent @returns {RowView}
 */
function createInput(scene, id, row, mountWidget, parent) {
  const { element, socket } = createRow(scene, id, "input", row, parent);
  const { port } = row;
  const holder = row.widget ? make("div", "row-widget") : undefined;
  if (holder) element.append(holder);
  /** @type {Mounted | void} */
  let mounted;
  /** @type {any} */
  let shown;
  let control = "";

  function update() {
    const node = scene.node(id);
    const raw = inputOf(node, port.name);
    const link = isLink(raw) ? raw.link : undefined;
    mark(element, "linked", link !== undefined);
    mark(element, "changed", !link && raw !== undefined && port.default !== undefined && !sameValue(literalOf(raw), port.default));
    const from = link ? `${scene.title(link.node)} ${link.output}` : "";
    const fact = link ? scene.facts.of(link) : "";
    const given = scene.scopes().length > 1 ? exposedName(scene.document, { node: id, input: port.name }) : undefined;
    mark(element, "given", given !== undefined);
    socket.setAttribute("aria-label", socketLabel(scene, "input", row, fact, from, given));
    socket.title = fact && `${port.type} ${fact}`;
    if (!holder) return;
    if (link) unmount();
    else showValue(holder, valueOf(node, port), raw);
  }

  /** @param {HTMLElement} target @param {any} value @param {any} raw */
  function showValue(target, value, raw) {
    const before = control;
    control = controlOf(scene.document, id, port.name);
    if (mounted && value === shown && control === before) return;
    shown = value;
    if (mounted) return void mounted.update?.(value);
    const at = { node: id, input: port.name };
    mounted = mountWidget(target, {
      node: id,
      port,
      value,
      raw,
      label: `${scene.title(id)} ${port.label ?? port.name}`,
      set(next, options) {
        shown = next; // what a widget sets it shows already
        scene.store.edit("set", (document) => setInput(document, at, next), options);
      },
      reset: () => void scene.store.edit("reset", (document) => resetInput(document, at)),
    }) ?? {};
  }

  function unmount() {
    mounted?.destroy?.();
    mounted = undefined;
    holder?.replaceChildren();
  }

  return { side: "input", row, socket, update, destroy: unmount };
}

/** Where the room of an output begins: behind the name of the input beside it. @param {import("../core/shapes.js").Shape} shape @param {Row} row */
function besideOf({ inputs }, { y }) {
  const beside = inputs.find((input) => input.y === y && !input.widget)?.port;
  return 24 + (beside ? (beside.label ?? beside.name).length * LETTER + 6 : 0);
}

/**
 * @param {Scene} scene @param {Side} side @param {Row} row @param {string} fact what is known of what goes through
 * @param {string} ends what it is connected to
 * @param {string} [given] its name outside of the sub-workflow
 */
function socketLabel(scene, side, { port }, fact, ends, given) {
  const name = port.label ?? port.name;
  const linked = ends && scene.texts("socket.linked", { ends });
  const outside = given && scene.texts(`socket.given.${side}`, { name: given });
  const state = [linked, outside].filter(Boolean).join(", ") || scene.texts(port.required ? "socket.needed" : "socket.free");
  return scene.texts(`socket.${side}`, { name, type: [port.type, fact].filter(Boolean).join(" "), state });
}

/** @param {Scene} scene @param {Row} row */
function portHelp(scene, { port, widget }) {
  const standard = widget && port.default !== undefined ? scene.texts("port.default", { value: String(port.default) }) : "";
  return [`${port.name} · ${port.type}`, standard, port.help].filter(Boolean).join("\n");
}

/** Whether two literals are one value, however they are written: `4` and `4.0`. @param {any} one @param {any} other */
const sameValue = (one, other) => same(one, other) || (Number(one) === Number(other) && typeof one !== "string" && typeof other !== "string");
