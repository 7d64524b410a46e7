// @ts-check
/**
 * What the parts of the surface share: the layers of the page, and where everything of the document lies.
 *
 * Boxes are worked out once per change of a node and then looked up; what is being dragged has an offset from its
 * place until it is dropped, so that a drag is one edit.
 */

import { definitionOf, entryOf, framesOf, nodeIds, nodeOf, wireKey, wires, wiresFrom, wiresInto } from "../core/document.js";
import { boxOf, shapeOf, shownFrameBox } from "../core/geometry.js";
import { HEADER, INSET, portHeight } from "../core/shapes.js";
import { inputType, outputType } from "../core/types.js";
import { make, makeSvg } from "./elements.js";
import { createFacts } from "./facts.js";

/**
 * @typedef {import("../core/document.js").Document} Document
 * @typedef {import("../core/document.js").Wire} Wire
 * @typedef {import("../core/kinds.js").Kinds} Kinds
 * @typedef {import("../core/geometry.js").Box} Box
 * @typedef {import("../core/geometry.js").Point} Point
 * @typedef {import("../core/shapes.js").Shape} Shape
 * @typedef {import("../core/shapes.js").Row} Row
 * @typedef {"input" | "output"} Side
 * @typedef {{node: string, side: Side, port: string}} Socket
 * @typedef {{node: any, entry: any, definition: Document | undefined, shape: Shape, box: Box}} Placed
 * @typedef {(key: string, values?: Record<string, string | number>) => string} Texts
 * @typedef {ReturnType<typeof createScene>} Scene
 */

/**
 * @param {HTMLElement} element
 * @param {{store: import("../core/shown_store.js").ShownStore, kinds: Kinds, texts: Texts, scopes?: () => Document[]}} options
 */
export function createScene(element, { store, kinds: firstKinds, texts, scopes = () => [store.get()] }) {
  const layers = makeLayers(element, texts);
  /** @type {Map<string, Placed>} */
  let placed = new Map();
  /** @type {Map<string, Point>} */
  const offsets = new Map();
  /** @type {Map<string, number>} */
  let hidden = new Map();
  /** @type {import("../core/document.js").Frame[]} */
  let framesBefore = [];
  let kinds = firstKinds;

  /** Look at the document again. @returns {{changed: Set<string>, removed: Set<string>}} */
  function sync() {
    const document = store.get();
    const next = new Map();
    const changed = new Set();
    for (const id of nodeIds(document)) {
      const [node, entry, before] = [nodeOf(document, id), entryOf(document, id), placed.get(id)];
      const definition = definitionOf(/** @type {any} */ (node).kind, scopes())?.workflow;
      const same = before && before.node === node && before.entry === entry && before.definition === definition;
      if (!same) changed.add(id);
      next.set(id, same ? before : placeNode(document, id, node, entry, definition));
    }
    const removed = new Set([...placed.keys()].filter((id) => !next.has(id)));
    placed = next;
    hide(document, changed);
    return { changed, removed };
  }

  /** @param {Document} document @param {string} id @param {any} node @param {any} entry @param {Document | undefined} definition @returns {Placed} */
  function placeNode(document, id, node, entry, definition) {
    const shape = shapeOf(document, kinds, id, scopes());
    return { node, entry, definition, shape, box: boxOf(document, kinds, id, scopes()) };
  }

  /** Nodes in folded frames are behind them. @param {Document} document @param {Set<string>} changed gets those that come, go or follow */
  function hide(document, changed) {
    const before = hidden;
    const frames = framesOf(document);
    hidden = new Map();
    for (const [index, { folded }] of frames.entries()) {
      for (const id of folded ?? []) if (placed.has(id) && !hidden.has(id)) hidden.set(id, index);
    }
    const moved = frames !== framesBefore;
    framesBefore = frames;
    for (const id of new Set([...before.keys(), ...hidden.keys()])) {
      if (placed.has(id) && (moved || before.has(id) !== hidden.has(id))) changed.add(id);
    }
  }

  /** Where a node is seen: itself, or the folded frame that it is in. @param {string} id @returns {Box} */
  function box(id) {
    const frame = hidden.get(id);
    const at = frame === undefined ? /** @type {Placed} */ (placed.get(id)).box : shownFrameBox(framesOf(store.get())[frame]);
    const offset = offsets.get(id);
    return offset ? { ...at, x: at.x + offset[0], y: at.y + offset[1] } : at;
  }

  /** The row of a socket. @param {Socket} socket @returns {Row | undefined} */
  function row({ node: id, side, port }) {
    const shape = placed.get(id)?.shape;
    if (!shape || hidden.has(id)) return undefined;
    if (side === "input") return shape.inputs.find((row) => row.port.name === port);
    const known = kinds.outputOf(placed.get(id)?.node, port, scopes());
    return shape.outputs.find((row) => row.port.name === known?.name);
  }

  /** Where a wire begins or ends. @param {Socket} socket @returns {Point} */
  function point(socket) {
    const { x, y, width } = box(socket.node);
    const at = row(socket);
    const inset = hidden.has(socket.node) ? 0 : INSET;
    return [socket.side === "input" ? x + inset : x + width - inset, y + (at ? portHeight(at) : HEADER / 2)];
  }

  /** Both ends of a wire; undefined where one of its nodes is missing. @param {Wire} wire @returns {[Point, Point] | undefined} */
  function ends({ from, to }) {
    if (!placed.has(from.node) || !placed.has(to.node)) return undefined;
    if (hidden.has(from.node) && hidden.get(from.node) === hidden.get(to.node)) return undefined;
    return [point(sourceSocket(from)), point(targetSocket(to))];
  }

  /** The type of a socket, generic ones followed. @param {Socket} socket */
  const type = ({ node, side, port }) =>
    side === "output"
      ? outputType(store.get(), kinds, { node, output: port }, scopes())
      : inputType(store.get(), kinds, { node, input: port }, scopes());

  const facts = createFacts(({ node: id, output }) => {
    const node = placed.get(id)?.node;
    return node && kinds.outputOf(node, output, scopes());
  }, texts);

  return {
    element,
    ...layers,
    store,
    texts,
    offsets,
    scopes,
    sync,
    box,
    row,
    point,
    ends,
    type,
    facts,
    get document() {
      return store.get();
    },
    get kinds() {
      return kinds;
    },
    /** Work with other kinds; everything is placed again. @param {Kinds} next */
    setKinds(next) {
      kinds = next;
      placed = new Map();
    },
    ids: () => placed.keys(),
    has: (/** @type {string} */ id) => placed.has(id),
    /** The folded frame that a node is in, by its index. @param {string} id */
    frameOver: (id) => hidden.get(id),
    node: (/** @type {string} */ id) => /** @type {import("../core/document.js").Node} */ (placed.get(id)?.node),
    shape: (/** @type {string} */ id) => /** @type {Shape} */ (placed.get(id)?.shape),
    title: (/** @type {string} */ id) => (placed.has(id) ? kinds.titleOf(placed.get(id)?.node) : id),
    wires: () => wires(store.get()),
    /** The wires at some nodes, each once. @param {Iterable<string>} ids @returns {Wire[]} */
    wiresAt(ids) {
      const document = store.get();
      const found = [...ids].flatMap((id) => [...wiresInto(document, id), ...wiresFrom(document, id)]);
      return [...new Map(found.map((wire) => [wireKey(wire), wire])).values()];
    },
    frames: () => framesOf(store.get()).map((frame) => ({ frame, box: shownFrameBox(frame) })),
    /** Tell those who listen rather than look. @param {string} text */
    announce(text) {
      layers.live.textContent = text;
    },
  };
}

/** @param {import("../core/document.js").Source} source @returns {Socket} */
export const sourceSocket = ({ node, output }) => ({ node, side: "output", port: output });

/** @param {import("../core/document.js").Target} target @returns {Socket} */
export const targetSocket = ({ node, input }) => ({ node, side: "input", port: input });

/** @param {HTMLElement} element @param {Texts} texts */
function makeLayers(element, texts) {
  element.classList.add("surface");
  element.tabIndex = 0;
  element.setAttribute("role", "application");
  element.setAttribute("aria-label", texts("surface.label"));
  const frameLayer = make("div", "frame-layer");
  const wireLayer = makeSvg("svg", "wire-layer", { "aria-hidden": "true" });
  const noteLayer = make("div", "note-layer");
  const nodeLayer = make("div", "node-layer");
  const frontLayer = makeSvg("svg", "front-layer", { "aria-hidden": "true" });
  const world = make("div", "world", {}, frameLayer, wireLayer, noteLayer, nodeLayer, frontLayer);
  const live = make("div", "out-of-sight", { "aria-live": "polite", role: "status" });
  const hint = make("div", "hint", { hidden: "" });
  element.replaceChildren(world, hint, live);
  return { world, frameLayer, wireLayer, noteLayer, nodeLayer, frontLayer, live, hint };
}
