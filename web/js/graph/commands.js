// @ts-check
/** What can be done to the selection: one table for keys, menus and palettes. */

import { isCollapsed } from "../core/document.js";
import {
  addFrame,
  align,
  collapse,
  disconnect,
  distribute,
  duplicate,
  editFrame,
  isolate,
  moveNodesBy,
  removeFrame,
  removeNodes,
  setMode,
} from "../core/edits.js";
import { frameAround, frameContents } from "../core/geometry.js";
import { TINTS } from "./frames.js";

/**
 * @typedef {{name: string, keys?: string[], enabled: () => boolean, run: () => void}} Command `name`: a key of the
 *   texts under `command.`; `keys`: as `keyboard.js` writes them, `Mod` for Ctrl or Cmd
 * @typedef {import("../core/edit_layout.js").Side} Side
 */

/** @param {import("./surface.js").Parts} parts @returns {Command[]} */
export function createCommands(parts) {
  const { scene, viewport, selection } = parts;
  const chosen = selection.get;
  const some = () => chosen().length > 0;
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

  /** The selected nodes, or those in the selected frame. */
  function meant() {
    const { frame } = selection.all();
    return frame === undefined ? chosen() : frameContents(scene.document, scene.kinds, frame, scene.scopes()).nodes;
  }

  /** @param {boolean} heal */
  function remove(heal) {
    const { frame, wire } = selection.all();
    const ids = chosen();
    if (wire) edit("disconnect", (document) => disconnect(document, wire.to));
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

  function fold() {
    const ids = meant();
    const folded = ids.every((id) => isCollapsed(scene.document, id));
    edit("collapse", (document) => collapse(document, ids, !folded));
  }

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
  const someOrFramed = () => some() || framed();
  /** @param {string} color @returns {Command} */
  const tinted = (color) => ({
    name: `tint.${color}`,
    enabled: framed,
    run: () => edit("frame", (document) => editFrame(document, selection.all().frame ?? 0, { color })),
  });
  function rename() {
    const { frame } = selection.all();
    if (frame === undefined) parts.rename.node(chosen()[0]);
    else parts.rename.frame(frame);
  }

  return [
    { name: "view.selection", keys: ["F"], enabled: always, run: () => viewport.frame((some() ? chosen() : [...scene.ids()]).map(scene.box)) },
    { name: "view.all", keys: ["Home"], enabled: always, run: () => viewport.frame([...scene.ids()].map(scene.box)) },
    { name: "view.in", keys: ["+", "="], enabled: always, run: () => viewport.zoomBy(1.25) },
    { name: "view.out", keys: ["-"], enabled: always, run: () => viewport.zoomBy(0.8) },
    { name: "select.all", keys: ["Mod+A"], enabled: always, run: () => selection.set(scene.ids()) },
    { name: "remove", keys: ["Delete", "Backspace"], enabled: removable, run: () => remove(true) },
    { name: "remove.plain", keys: ["Shift+Delete"], enabled: some, run: () => remove(false) },
    { name: "duplicate", keys: ["Mod+D"], enabled: some, run: copyBeside },
    { name: "frame", keys: ["Mod+G"], enabled: some, run: frameSelection },
    { name: "mute", keys: ["D"], enabled: someOrFramed, run: () => toggleMode("muted") },
    { name: "bypass", keys: ["B"], enabled: someOrFramed, run: () => toggleMode("bypassed") },
    { name: "fold", keys: ["H"], enabled: someOrFramed, run: fold },
    { name: "isolate", keys: ["X"], enabled: some, run: () => chosen().forEach((id) => edit("isolate", (document) => isolate(document, id))) },
    { name: "rename", keys: ["F2"], enabled: someOrFramed, run: rename },
    { name: "connect", keys: ["C"], enabled: several(1), run: () => parts.targets.open(chosen()[0]) },
    ...nudged("ArrowLeft", [-10, 0]),
    ...nudged("ArrowRight", [10, 0]),
    ...nudged("ArrowUp", [0, -10]),
    ...nudged("ArrowDown", [0, 10]),
    .../** @type {Side[]} */ (["left", "center", "right", "top", "middle", "bottom"]).map(aligned),
    .../** @type {("across" | "down")[]} */ (["across", "down"]).map(distributed),
    ...TINTS.map(tinted),
  ];
}
