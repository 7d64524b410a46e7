// @ts-check
/**
 * The shape of a node, from its kind and its size in the document: nothing is ever measured on the page.
 *
 *     +--------------------------+  the corner
 *     | title             HEADER |
 *     +--------------------------+  `pos` of the layout, as in ComfyUI's files; `size` is of what is below it
 *     o model           latent o |  sockets: ROW each, inputs and outputs side by side
 *     o positive                 |
 *     o steps    [         20 ]  |  inputs with a value: FIELD each; a text of several lines TEXT, or what is left
 *     +--------------------------+  what the node shows (`view`), in what is left
 *
 * Ports lie inside the box, INSET from its edge: a node paints nothing outside its box.
 */

import { widgetOf } from "./widgets.js";

/**
 * @typedef {import("./ports.js").Kind} Kind
 * @typedef {import("./ports.js").Port} Port
 * @typedef {import("./ports.js").Ports} Ports
 * @typedef {import("./widgets.js").Widget} Widget
 * @typedef {[x: number, y: number]} Point
 * @typedef {"picture" | "text"} View what a node shows: pictures, or texts
 * @typedef {{port: Port, y: number, height: number, widget: Widget}} Row
 * @typedef {{width: number, height: number, inputs: Row[], outputs: Row[], collapsed: boolean,
 *   view?: {kind: View, y: number, height: number}}} Shape `y` from the corner; a port is at `portHeight(row)`
 * @typedef {{size?: Point, collapsed?: boolean, view?: View, title?: string}} Wish
 */

export const HEADER = 32;
export const ROW = 24;
export const FIELD = 28;
export const TEXT = 108;
export const INSET = 10;
export const PADDING = 8;
const PICTURE = 200;
const NARROWEST = 160;
const WIDEST = 1200;
const HIGHEST = 1600;
export const LETTER = 7; // mean width of one

/** @type {WeakMap<Ports, Map<string, Shape>>} */
const known = new WeakMap();

/** The shape of a node with these ports. @param {Ports} ports @param {Wish} wish @returns {Shape} */
export function shape(ports, { size, collapsed = false, view, title = "" }) {
  const shapes = known.get(ports) ?? new Map();
  known.set(ports, shapes);
  const key = `${size} ${collapsed} ${view} ${title.length}`;
  const found = shapes.get(key) ?? (collapsed ? folded(ports, size, title) : unfolded(ports, size, view, title));
  shapes.set(key, found);
  return found;
}

/** How far below the corner a port is. @param {Row} row */
export const portHeight = ({ y, height }) => y + (height > HEADER ? FIELD : height) / 2;

/** @param {Ports} ports @param {Point | undefined} size @param {string} title @returns {Shape} */
function folded(ports, size, title) {
  const row = (/** @type {Port} */ port) => ({ port, y: 0, height: HEADER, widget: /** @type {Widget} */ ("") });
  const [inputs, outputs] = [ports.inputs.map(row), ports.outputs.map(row)];
  return { width: widthOf(ports, size, title), height: HEADER, inputs, outputs, collapsed: true };
}

/**
 * @param {Ports} ports @param {Point | undefined} size @param {View | undefined} view @param {string} title
 * @returns {Shape}
 */
function unfolded(ports, size, view, title) {
  const rows = ports.inputs.map((port) => ({ port, widget: widgetOf(port) }));
  const sockets = stacked(rows.filter(({ widget }) => !widget), HEADER + PADDING, () => ROW);
  const outputs = stacked(ports.outputs.map((port) => ({ port, widget: noWidget })), HEADER + PADDING, () => ROW);
  const top = HEADER + PADDING + ROW * Math.max(sockets.length, outputs.length);
  const fields = rows.filter(({ widget }) => widget);
  const texts = fields.filter(isText).length;
  const least = sum(fields.map((row) => (isText(row) ? TEXT : FIELD))) + (view ? PICTURE_OR_TEXT[view] : 0);
  const wanted = HEADER + Math.min(size?.[1] ?? 0, HIGHEST) - PADDING - top;
  const spare = texts || view ? Math.max(wanted - least, 0) : 0;
  const stretch = view ? 0 : spare / Math.max(texts, 1);
  const stack = stacked(fields, top, (row) => (isText(row) ? TEXT + stretch : FIELD));
  const bottom = top + sum(stack.map(({ height }) => height));
  const shown = view && { kind: view, y: bottom, height: PICTURE_OR_TEXT[view] + spare };
  const height = bottom + (shown?.height ?? 0) + PADDING;
  const inputs = [...sockets, ...stack];
  const width = widthOf(ports, size, title);
  return { width, height, inputs, outputs, collapsed: false, ...(shown && { view: shown }) };
}

const noWidget = /** @type {Widget} */ ("");

/** @type {Record<View, number>} */
const PICTURE_OR_TEXT = { picture: PICTURE, text: TEXT };

/** @param {{port: Port, widget: Widget}} row */
const isText = ({ port, widget }) => widget === "text" && port.multiline === true;

/** @param {number[]} numbers */
const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

/**
 * @param {{port: Port, widget: Widget}[]} rows @param {number} top
 * @param {(row: {port: Port, widget: Widget}) => number} heightOf @returns {Row[]}
 */
function stacked(rows, top, heightOf) {
  let y = top;
  return rows.map((row) => {
    const placed = { ...row, y, height: heightOf(row) };
    y += placed.height;
    return placed;
  });
}

/** @param {Ports} ports @param {Point | undefined} size @param {string} title */
function widthOf({ inputs, outputs }, size, title) {
  if (size) return Math.min(Math.max(size[0], NARROWEST), WIDEST);
  const sockets = inputs.filter((port) => !widgetOf(port));
  const fields = inputs.filter((port) => widgetOf(port));
  const beside = sockets.map((port, row) => lettersOf(port) + lettersOf(outputs[row]));
  const longest = Math.max(title.length, ...beside, ...fields.map((port) => lettersOf(port) + 15));
  const least = fields.some(({ multiline }) => multiline) ? 320 : 220;
  return Math.min(Math.max(least, Math.ceil((longest * LETTER + 60) / 20) * 20), 400);
}

/** @param {Port | undefined} port */
const lettersOf = (port) => (port ? (port.label ?? port.name).length : 0);

/** What nodes of a kind show below their inputs. @param {Kind | undefined} kind @returns {View | undefined} */
export function viewOf(kind) {
  if (!kind) return undefined;
  const takes = (/** @type {string} */ type) => kind.inputs.some((port) => port.type === type);
  if (kind.inputs.some((port) => widgetOf(port) === "image")) return "picture";
  if (!kind.output) return undefined;
  return takes("IMAGE") || takes("MASK") ? "picture" : "text";
}
