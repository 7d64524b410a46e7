// @ts-check
/**
 * One node on the page. Its header is always there; its body, with sockets and widgets, once it was seen from near.
 *
 * The body is built again only when its shape changes; otherwise values are handed to the widgets that are there, so
 * that nobody loses the focus or half a word.
 */

import { definitionOf, isCollapsed } from "../core/document.js";
import { make, mark, markType, place } from "./elements.js";
import { createRows } from "./rows.js";
import { showState, stateText } from "./states.js";

/**
 * @typedef {import("./scene.js").Scene} Scene
 * @typedef {import("./states.js").RunState} RunState
 * @typedef {{update?: (value: any) => void, destroy?: () => void}} Mounted
 * @typedef {(element: HTMLElement, options: {node: string, port: import("../core/kinds.js").Port, value: any, raw: any,
 *   label: string, set: (value: any, options?: {merge?: unknown}) => void, reset: () => void}) => Mounted | void} MountWidget
 * @typedef {ReturnType<typeof createNodeView>} NodeView
 */

/** @param {Scene} scene @param {string} id @param {{mountWidget: MountWidget}} options */
export function createNodeView(scene, id, { mountWidget }) {
  const title = make("span", "node-title");
  const note = make("span", "node-note");
  const head = make("div", "node-head", {}, title, note);
  const progress = make("div", "node-progress", { "aria-hidden": "true" });
  const corner = make("div", "node-resize", { "aria-hidden": "true" });
  const element = make("div", "node", { role: "group", tabindex: "-1", "data-id": id }, head, progress, corner);
  /** @type {ReturnType<typeof createRows> | undefined} */
  let rows;
  /** @type {HTMLElement | undefined} */
  let view;
  /** @type {import("../core/shapes.js").Shape | undefined} */
  let shape;
  /** @type {RunState | undefined} */
  let state;

  function update() {
    const node = scene.node(id);
    const next = scene.shape(id);
    place(element, scene.box(id));
    title.textContent = scene.title(id);
    mark(element, "mode", node.mode);
    mark(element, "collapsed", isCollapsed(scene.document, id));
    mark(element, "nested", definitionOf(node.kind, scene.scopes()) !== undefined);
    mark(element, "unknown", scene.kinds.isUnknown(node, scene.scopes()));
    markType(element, (next.outputs[0] ?? next.inputs[0])?.port.type ?? "*");
    head.title = headHelp(scene, node);
    if (rows && next !== shape) rebuild();
    else rows?.update();
    shape = next;
    tell();
  }

  function tell() {
    const node = scene.node(id);
    const said = state ? stateText(scene.texts, state) : "";
    note.textContent = node.mode ? scene.texts(`mode.${node.mode}`) : said;
    const parts = [scene.title(id), node.mode && scene.texts(`mode.${node.mode}`), said].filter(Boolean);
    element.setAttribute("aria-label", parts.join(", "));
  }

  function rebuild() {
    rows?.destroy();
    view?.remove();
    rows = createRows(scene, id, mountWidget);
    corner.before(rows.element);
    const { view: wanted } = scene.shape(id);
    view = wanted && make("div", `node-view node-view-${wanted.kind}`);
    if (!view || !wanted) return;
    view.style.top = `${wanted.y}px`;
    view.style.height = `${wanted.height - 8}px`;
    corner.before(view);
  }

  return {
    id,
    element,
    update,
    move: () => place(element, scene.box(id)),
    /** Be whole; only its header is needed from far. */
    enter() {
      if (rows) return;
      rebuild();
      shape = scene.shape(id);
    },
    get whole() {
      return rows !== undefined;
    },
    /** Where results are shown, if this kind of node shows any. */
    view: () => view,
    /** The button of a socket. @param {import("./scene.js").Side} side @param {string} port */
    socket: (side, port) => rows?.socket(side, port),
    sockets: () => rows?.sockets() ?? [],
    relabel: () => rows?.update(),
    /** @param {RunState | undefined} next */
    setState(next) {
      state = next;
      showState(element, progress, next);
      tell();
    },
    destroy() {
      rows?.destroy();
      element.remove();
    },
  };
}

/** @param {Scene} scene @param {import("../core/document.js").Node} node */
function headHelp(scene, node) {
  const kind = scene.kinds.of(node.kind);
  const lines = [node.mode && scene.texts(`mode.${node.mode}.help`), node.kind, kind?.help];
  if (!kind && scene.kinds.isUnknown(node, scene.scopes())) lines.push(scene.texts("node.unknown"));
  return lines.filter(Boolean).join("\n");
}
