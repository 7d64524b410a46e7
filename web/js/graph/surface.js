// @ts-check
/**
 * The graph on the page: it draws the store's document, and turns what hands do into edits of the store.
 *
 * The parts share one `Scene`; none of them knows the page around the surface, which is told what it should open
 * (a search, a menu, a notice) through `on`.
 */

import { wireInto, wiresFrom } from "../core/document.js";
import { addNode, connect, insertOnWire } from "../core/edits.js";
import { holds, inflated, posOfCorner } from "../core/geometry.js";
import { aimed } from "./aim.js";
import { createCommands, meantNodes } from "./commands.js";
import { mark } from "./elements.js";
import { asWire, firstFit, judge, opposite, portsForWire } from "./fitting.js";
import { createFrames } from "./frames.js";
import { createGestures } from "./gestures.js";
import { createKeyboard } from "./keyboard.js";
import { createLinking } from "./linking.js";
import { createMinimap } from "./minimap.js";
import { createMoving } from "./moving.js";
import { createNodes } from "./nodes.js";
import { createNotes } from "./notes.js";
import { createReasons } from "./reasons.js";
import { createRename } from "./rename.js";
import { createScene } from "./scene.js";
import { createSelection } from "./selection.js";
import { createStates } from "./states.js";
import { createViewport } from "./viewport.js";
import { createWalk } from "./walk.js";
import { createWheel } from "./wheel.js";
import { createWires } from "./wires.js";

/**
 * @typedef {import("./scene.js").Socket} Socket
 * @typedef {{x: number, y: number, clientX: number, clientY: number}} At a point of the world, and of the page
 * @typedef {Socket & {type: string}} Start of a wire that was dropped on nothing
 * @typedef {{at: At, node?: string, socket?: Socket, frame?: number, wire?: import("../core/document.js").Wire}} Where
 * @typedef {{label: string, run: () => void}} Action
 * @typedef {object} Handlers
 * @property {(where: {at: At, from?: Start}) => void} search open the finder there
 * @property {(where: Where) => void} menu
 * @property {(end: {node: string} | import("./scene.js").Socket) => void} connect list what a socket, or a node, can be connected to
 * @property {(node: string) => boolean} enter go into a node; whether it has an inside
 * @property {(text: string, action?: Action) => void} notice
 * @property {(node: string, items?: import("./states.js").Item[], index?: number) => void} open a node was double
 *   clicked, or one of its results was clicked
 * @property {(wire: import("../core/document.js").Wire, at: At) => void} wire a wire was clicked
 * @property {(node: string, say: (text: string) => void) => void} why say why a node is in its state; more than once
 *   as more is known
 *
 * @typedef {object} Parts
 * @property {import("./scene.js").Scene} scene
 * @property {import("./viewport.js").Viewport} viewport
 * @property {import("./selection.js").Selection} selection
 * @property {ReturnType<typeof createNodes>} nodes
 * @property {ReturnType<typeof createWires>} wires
 * @property {import("./frames.js").Frames} frames
 * @property {import("./notes.js").Notes} notes
 * @property {import("./states.js").States} states
 * @property {import("./linking.js").Linking} linking
 * @property {ReturnType<typeof createMoving>} moving
 * @property {ReturnType<typeof createRename>} rename
 * @property {ReturnType<typeof createWalk>} walk
 * @property {ReturnType<typeof createGestures>} gestures
 * @property {import("./commands.js").Command[]} commands
 * @property {() => void} frameAll show the whole graph
 * @property {(point: import("../core/geometry.js").Point, around?: number) => string | undefined} nodeAt
 * @property {Handlers} on
 */

/**
 * @param {HTMLElement} element
 * @param {{store: import("../core/shown_store.js").ShownStore, kinds: import("../core/kinds.js").Kinds,
 *   texts: import("./scene.js").Texts, on?: Partial<Handlers>, mountWidget: import("./node_view.js").MountWidget,
 *   scopes?: () => import("../core/document.js").Document[], wheel?: () => "auto" | "zoom" | "pan"}} options
 */
export function createSurface(element, { store, kinds, texts, on = {}, mountWidget, scopes, wheel = () => "auto" }) {
  const parts = assemble(element, { store, kinds, texts, on, mountWidget, scopes });
  const { scene, viewport, selection, nodes, wires, frames, notes, states, walk } = parts;
  const minimap = createMinimap(parts);
  createWheel(parts, { wheel });
  createKeyboard(parts);
  const reasons = createReasons(parts, on.why ?? ((id, say) => say(states.told(id))));

  /** @param {import("../core/document.js").Document} before */
  function sync(before, { changed, removed } = scene.sync()) {
    selection.prune(scene.has, (wire) => wireInto(scene.document, wire.to) !== undefined, scene.frames().length);
    states.forget(removed);
    parts.linking.forget(removed);
    frames.sync();
    notes.sync();
    nodes.sync(changed, removed, before);
    if (before.interface !== scene.document.interface) for (const view of nodes.all()) view.relabel();
    changed.forEach(states.follow);
    wires.sync(changed);
    minimap.draw();
  }

  const first = scene.sync();
  notes.sync();
  parts.frameAll(); // before anything is drawn, so that nothing is drawn in vain
  viewport.subscribe(() => {
    nodes.cull();
    wires.cull();
    minimap.follow();
  });
  selection.subscribe((now, before) => {
    for (const id of before.nodes) if (!now.nodes.has(id)) mark(nodes.get(id)?.element ?? element, "selected", undefined);
    for (const id of now.nodes) dressSelected(id);
    frames.select(now.frame);
    if (before.wire) wires.mark(before.wire, "selected", undefined);
    if (now.wire) wires.mark(now.wire, "selected", true);
    minimap.draw();
  });
  /** @param {string} id */
  function dressSelected(id) {
    const view = nodes.get(id);
    if (view) mark(view.element, "selected", true);
  }

  const unsubscribe = store.subscribe((_now, before) => sync(before));
  sync(store.get(), first);
  parts.redrawMap = minimap.drawSoon;

  return {
    view: {
      ...viewport,
      get zoom() {
        return viewport.zoom;
      },
      frameAll: parts.frameAll,
      frameSelection: () => viewport.frame(selection.get().map(scene.box)),
      /** @param {Iterable<string>} ids */
      frameNodes: (ids) => viewport.frame([...ids].filter(scene.has).map(scene.box)),
    },
    selection,
    commands: parts.commands,
    /** The nodes that a command would be about. */
    meant: () => meantNodes(parts),
    /** @param {Parameters<typeof states.setStates>[0]} next */
    setStates(next) {
      states.setStates(next);
      reasons.again();
    },
    /** What is known of outputs before anything runs. @param {import("../core/facts.js").Facts} next */
    setFacts(next) {
      const changed = scene.facts.set(next);
      const readers = changed.flatMap((id) => wiresFrom(scene.document, id).map(({ to }) => to.node));
      for (const id of new Set([...changed, ...readers])) nodes.get(id)?.relabel();
    },
    setPreviews: states.setPreviews,
    setResults: states.setResults,
    /** @param {string} id @param {string} [input] */
    focusNode: (id, input) => walk.focus(id, { input }),
    /** The output that is meant at a place, or by what has the focus or is selected. @param {import("./aim.js").Aim} [where] */
    aimed: (where) => aimed(parts, where),
    /** What its run said of a node. @param {string} id */
    told: states.told,
    toWorld: viewport.toWorld,
    rename: parts.rename,
    /** Work with other kinds, as after a pack was loaded again. @param {import("../core/kinds.js").Kinds} next */
    setKinds(next) {
      scene.setKinds(next);
      sync(store.get());
    },
    /** Outline nodes under a name that the style sheet knows: `plan`, `added`, `changed`, `problem`. @param {string} name @param {Iterable<string>} ids */
    outline: (name, ids) => parts.outline(name, new Set(ids)),
    /**
     * Add a node where a search began, and connect it: what the finder does when something was chosen.
     * @param {string} kind @param {{at: At, from?: Start, wire?: import("../core/document.js").Wire}} where
     * @returns {string} its id
     */
    add: (kind, where) => addAt(parts, kind, where),
    destroy() {
      unsubscribe();
      viewport.destroy();
      element.replaceChildren();
    },
  };
}

/** @param {HTMLElement} element @param {any} options */
function assemble(element, { store, kinds, texts, on, mountWidget, scopes }) {
  const scene = createScene(element, { store, kinds, texts, scopes });
  const ignore = () => undefined;
  /** @type {any} */
  const parts = { scene, on: { search: ignore, menu: ignore, connect: ignore, enter: ignore, notice: ignore, open: ignore, wire: ignore, ...on } };
  /** @type {Map<string, Set<string>>} */
  const outlines = new Map();
  parts.viewport = createViewport(scene);
  parts.selection = createSelection();
  const changed = () => {
    parts.frames.retell();
    parts.redrawMap?.();
  };
  parts.states = createStates(scene, { viewOf: (id) => parts.nodes.get(id), open: parts.on.open, changed });
  parts.nodes = createNodes(scene, {
    viewport: parts.viewport,
    mountWidget,
    dress(view) {
      mark(view.element, "selected", parts.selection.has(view.id));
      for (const [name, ids] of outlines) mark(view.element, name, ids.has(view.id));
      parts.states.dress(view.id);
    },
  });
  parts.outline = (/** @type {string} */ name, /** @type {Set<string>} */ ids) => {
    outlines.set(name, ids);
    for (const view of parts.nodes.all()) mark(view.element, name, ids.has(view.id));
  };
  parts.wires = createWires(scene, parts.viewport);
  parts.frames = createFrames(scene, { stateOf: parts.states.get });
  parts.notes = createNotes(scene);
  parts.frameAll = () => parts.viewport.frame([...[...scene.ids()].map(scene.box), ...parts.notes.boxes()]);
  parts.nodeAt = (/** @type {[number, number]} */ point, around = 0) => topmostAt(parts, point, around);
  parts.rename = createRename(parts);
  parts.walk = createWalk(parts);
  parts.linking = createLinking(parts);
  parts.moving = createMoving(parts);
  parts.commands = createCommands(parts);
  parts.gestures = createGestures(parts);
  return /** @type {Parts & {redrawMap?: () => void, outline: (name: string, ids: Set<string>) => void}} */ (parts);
}

/** The node at a point, the one in front where they overlap. @param {Parts} parts @param {[number, number]} point @param {number} around */
function topmostAt({ scene, nodes }, point, around) {
  const at = [...nodes.all()].filter((view) => scene.has(view.id) && holds(inflated(scene.box(view.id), around), point));
  const inFront = (/** @type {any} */ one, /** @type {any} */ other) =>
    one.element.compareDocumentPosition(other.element) & Node.DOCUMENT_POSITION_FOLLOWING ? other : one;
  return at.length ? at.reduce(inFront).id : undefined;
}

/** @param {Parts} parts @param {string} kind @param {{at: At, from?: Start, wire?: import("../core/document.js").Wire}} where */
function addAt({ scene, selection, walk }, kind, { at, from, wire: onto }) {
  const corner = posOfCorner([at.x - (from?.side === "input" ? 220 : 20), at.y - 16]);
  const merge = Symbol("add");
  const { id } = scene.store.edit("add", (document) => addNode(document, kind, corner), { merge });
  const socket = from && firstFit(scene, id, opposite(from), judge(scene, [from]));
  if (from && socket) {
    const wire = asWire(from, socket);
    scene.store.edit("add", (document) => connect(document, wire.from, wire.to), { merge });
  }
  const ports = onto && portsForWire(scene, id, onto);
  if (onto && ports) scene.store.edit("add", (document) => insertOnWire(document, id, onto, ports), { merge });
  selection.set([id]);
  walk.focus(id);
  return id;
}
