// @ts-check
/** What can be done to the selection: one table for keys, menus and palettes. */

import { foldedIn, framesOf, isCollapsed, wireInto, wiresFrom } from "../core/document.js";
import {
  addFrame,
  align,
  collapse,
  disconnectAll,
  distribute,
  duplicate,
  editFrame,
  foldFrame,
  isolate,
  moveNodesBy,
  removeFrame,
  removeNodes,
  resetInput,
  setMode,
} from "../core/edits.js";
import { frameAround, frameContents } from "../core/geometry.js";
import { focused } from "./aim.js";
import { TINTS } from "./frames.js";

/**
 * @typedef {import("./surface.js").Where} Where
 * @typedef {{name: string, keys?: string[], enabled: (where?: Where) => boolean, run: (where?: Where) => void}} Command
 *   `name`: a key of the texts under `command.`; `keys`: as `keyboard.js` writes them, `Mod` for Ctrl or Cmd; `where`:
 *   what a menu was opened on, which is selected too where it can be
 * @typedef {import("../core/edit_layout.js").Side} Side
 */

/** @param {import("./surface.js").Parts} parts @returns {Command[]} */
export function createCommands(parts) {
  const { scene, viewport, selection, walk, on } = parts;
  const chosen = selection.get;
  const some = () => chosen().length > 0;
  const here = () => walk.current() ?? chosen()[0];
  const several = (/** @type {number} */ count) => () => chosen().length >= count;
  const always = () => true;
  const boxes = () => Object.fromEntries(chosen().map((id) => [id, scene.box(id)]));
  /** @param {string} name @param {(document: import("../core/document.js").Document) => any} change */
  const edit = (name, change) => scene.store.edit(name, change);

  /** @param {import("../core/document.js").Mode} mode */
  function toggleMode(mode) {
    const ids = meant();
    const next = ids.every((id) => scene.node(id).mode === mode) ? "on" : mode;
    edit(mode, (document) => setMode(document, ids, next));
  }

  const meant = () => meantNodes(parts);

  /** @param {boolean} heal */
  function remove(heal) {
    const { frame, wire } = selection.all();
    const ids = chosen();
    if (wire) edit("disconnect", (document) => disconnectAll(document, [wire]));
    else if (frame !== undefined) edit("removeFrame", (document) => removeFrame(document, frame));
    else edit("remove", (document) => removeNodes(document, ids, heal ? { heal: scene.kinds, scopes: scene.scopes() } : {}));
    if (ids.length) scene.announce(scene.texts("said.removed", { count: ids.length }));
    selection.clear();
    scene.element.focus({ preventScroll: true });
  }

  function copyBeside() {
    const { ids } = edit("duplicate", (document) => duplicate(document, chosen()));
    selection.set(ids);
    if (ids[0]) parts.walk.focus(ids[0], { select: false });
  }

  function frameSelection() {
    const bounding = frameAround(chosen().map((id) => scene.box(id)));
    const { index } = edit("addFrame", (document) => addFrame(document, { title: scene.texts("frame.untitled"), bounding }));
    selection.setFrame(index);
    parts.rename.frame(index);
  }

  function toggleCollapsed() {
    const ids = meant();
    const folded = ids.every((id) => isCollapsed(scene.document, id));
    edit("collapse", (document) => collapse(document, ids, !folded));
  }

  /** The selected frame to its title, or open again. */
  function toggleFrame() {
    const frame = selection.all().frame ?? 0;
    const ids = meant();
    const folded = foldedIn(framesOf(scene.document)[frame]);
    edit("frame", (document) => foldFrame(document, frame, folded ? undefined : ids));
  }

  /** To the next frame, as arrows go to the next node. */
  function nextFrame() {
    const count = scene.frames().length;
    const next = ((selection.all().frame ?? -1) + 1) % count;
    viewport.reveal(scene.frames()[next].box);
    selection.setFrame(next);
    parts.frames.element(next).focus({ preventScroll: true });
  }

  /** A note where a menu was opened, or in the middle of what is seen. @param {Where} [where] */
  function writeNote(where) {
    const { x, y, width, height } = viewport.visible();
    parts.notes.add(where ? [Math.round(where.at.x), Math.round(where.at.y)] : [Math.round(x + width / 2 - 120), Math.round(y + height / 2 - 60)]);
  }

  function nextNote() {
    const boxes = parts.notes.boxes();
    const next = (parts.notes.current() + 1) % boxes.length;
    viewport.reveal(boxes[next]);
    parts.notes.focus(next);
  }

  /** The wires of the socket that a menu was opened on, or else the one that is selected. @param {Where} [where] */
  function wiresMeant(where) {
    const { wire } = selection.all();
    if (!where?.socket) return wire ? [wire] : [];
    const { node, side, port } = where.socket;
    if (side === "output") return wiresFrom(scene.document, node, port);
    const found = wireInto(scene.document, { node, input: port });
    return found ? [found] : [];
  }

  /** @param {Where} [where] @returns {import("../core/document.js").Target | undefined} */
  function valueMeant(where) {
    if (where?.socket?.side !== "input") return undefined;
    const { node, port } = where.socket;
    return Object.hasOwn(scene.node(node).inputs, port) && !wiresMeant(where).length ? { node, input: port } : undefined;
  }

  /** @param {"from" | "to"} end */
  const goTo = (end) => () => {
    const { wire } = selection.all();
    if (wire) parts.walk.focus(wire[end].node);
  };

  /** @param {Side} side @returns {Command} */
  const aligned = (side) => ({
    name: `align.${side}`,
    enabled: several(2),
    run: () => edit("align", (document) => align(document, boxes(), side)),
  });
  /** @param {"across" | "down"} axis @returns {Command} */
  const distributed = (axis) => ({
    name: `distribute.${axis}`,
    enabled: several(3),
    run: () => edit("distribute", (document) => distribute(document, boxes(), axis)),
  });
  /** @param {string} key @param {[number, number]} by @returns {Command[]} */
  const nudged = (key, by) =>
    [1, 10].map((factor) => ({
      name: `move.${key.slice(5).toLowerCase()}${factor > 1 ? ".far" : ""}`,
      keys: [factor > 1 ? `Mod+Shift+${key}` : `Mod+${key}`],
      enabled: some,
      run: () => edit("move", (document) => moveNodesBy(document, chosen(), [by[0] * factor, by[1] * factor])),
    }));
  const removable = () => some() || selection.all().frame !== undefined || selection.all().wire !== undefined;
  const framed = () => selection.all().frame !== undefined;
  const wired = () => selection.all().wire !== undefined;
  const someOrFramed = () => some() || framed();
  /** @param {string} color @returns {Command} */
  const tinted = (color) => ({
    name: `tint.${color || "none"}`,
    enabled: framed,
    run: () => edit("frame", (document) => editFrame(document, selection.all().frame ?? 0, { color: color || undefined })),
  });
  function rename() {
    const { frame } = selection.all();
    if (frame === undefined) parts.rename.node(chosen()[0]);
    else parts.rename.frame(frame);
  }

  return [
    { name: "view.selection", keys: ["F"], enabled: always, run: () => viewport.frame((some() ? chosen() : [...scene.ids()]).map(scene.box)) },
    { name: "view.all", keys: ["Home"], enabled: always, run: parts.frameAll },
    { name: "view.in", keys: ["+", "="], enabled: always, run: () => viewport.zoomBy(1.25) },
    { name: "view.out", keys: ["-"], enabled: always, run: () => viewport.zoomBy(0.8) },
    { name: "select.all", keys: ["Mod+A"], enabled: always, run: () => selection.set(scene.ids()) },
    { name: "remove", keys: ["Delete", "Backspace"], enabled: removable, run: () => remove(true) },
    { name: "remove.plain", keys: ["Shift+Delete"], enabled: some, run: () => remove(false) },
    { name: "duplicate", keys: ["Mod+D"], enabled: some, run: copyBeside },
    { name: "frame", keys: ["Mod+G"], enabled: some, run: frameSelection },
    { name: "mute", keys: ["D"], enabled: someOrFramed, run: () => toggleMode("muted") },
    { name: "bypass", keys: ["B"], enabled: someOrFramed, run: () => toggleMode("bypassed") },
    { name: "collapse", keys: ["H"], enabled: someOrFramed, run: toggleCollapsed },
    { name: "frame.fold", keys: ["Shift+H"], enabled: framed, run: toggleFrame },
    { name: "isolate", keys: ["X"], enabled: some, run: () => chosen().forEach((id) => edit("isolate", (document) => isolate(document, id))) },
    { name: "rename", keys: ["F2"], enabled: someOrFramed, run: rename },
    { name: "frame.next", keys: ["G"], enabled: () => scene.frames().length > 0, run: nextFrame },
    { name: "note", keys: ["N"], enabled: always, run: writeNote },
    { name: "note.next", keys: ["Shift+N"], enabled: () => parts.notes.boxes().length > 0, run: nextNote },
    { name: "connect", keys: ["C"], enabled: (where) => where?.socket !== undefined || here() !== undefined, run: (where) => on.connect(where?.socket ?? focused() ?? { node: /** @type {string} */ (here()) }) },
    { name: "disconnect", enabled: (where) => wiresMeant(where).length > 0, run: (where) => edit("disconnect", (document) => disconnectAll(document, wiresMeant(where))) },
    { name: "reset", enabled: (where) => valueMeant(where) !== undefined, run: (where) => edit("reset", (document) => resetInput(document, /** @type {any} */ (valueMeant(where)))) },
    { name: "wire.source", enabled: wired, run: goTo("from") },
    { name: "wire.target", enabled: wired, run: goTo("to") },
    ...nudged("ArrowLeft", [-10, 0]),
    ...nudged("ArrowRight", [10, 0]),
    ...nudged("ArrowUp", [0, -10]),
    ...nudged("ArrowDown", [0, 10]),
    .../** @type {Side[]} */ (["left", "center", "right", "top", "middle", "bottom"]).map(aligned),
    .../** @type {("across" | "down")[]} */ (["across", "down"]).map(distributed),
    ...["", ...TINTS].map(tinted),
  ];
}

/** The selected nodes, or those in the selected frame. @param {Pick<import("./surface.js").Parts, "scene" | "selection">} parts */
export function meantNodes({ scene, selection }) {
  const { frame } = selection.all();
  return frame === undefined ? selection.get() : frameContents(scene.document, scene.kinds, frame, scene.scopes()).nodes;
}
