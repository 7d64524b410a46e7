// @ts-check
/** Everything that can be done, once: for keys, the palette, menus and the page of shortcuts. */

import { inputOf, isLink, nodeIds, nodeOf } from "../core/document.js";
import { duplicate, isolate, moveNodes, removeNodes, setMode } from "../core/edits.js";
import { widgetOf } from "../core/kinds.js";
import { layered } from "../core/layering.js";
import { language, speak, text } from "../text/index.js";
import { switchTelling } from "./announce.js";
import { copy, cut, paste } from "./copying.js";
import { close, download, save } from "./documents.js";
import { openFace } from "./face_open.js";
import { replaceBy } from "./finder.js";
import { isBusy } from "./job_state.js";
import { aimedAt, lookAt } from "./looking.js";
import { run, stop } from "./running.js";
import { copyAs } from "./scripts.js";
import { edit } from "./session.js";
import { chosenUser, enter, leave, toggleShown, unpack } from "./subworkflows.js";
import { wear } from "./theme.js";

/**
 * @typedef {import("./session.js").Session} Session
 * @typedef {import("../graph/surface.js").Where} Where
 * @typedef {{id: string, keys?: string[], run: (session: Session, where?: Where) => any,
 *   when?: (session: Session, where?: Where) => boolean, always?: boolean}} Command `always`: its keys work in fields
 *   too; `where`: what a menu was opened on
 */

/** The selected nodes, or those in the frame that is selected on the graph. @param {Session} session @returns {string[]} */
const selected = (session) => (drawn(session) && session.tab.value.surface?.meant()) || [...session.tab.value.selection.value];
/** Whether the graph is what people see. @param {Session} session */
const drawn = ({ tab }) => tab.value.view.value === "graph";
/** @param {Session} session */
const some = (session) => selected(session).length > 0;
/** @param {string} kind @param {Record<string, any>} [more] */
const show = (kind, more) => (/** @type {Session} */ session) => void (session.dialog.value = { kind, ...more });
/** @param {string} name */
const panel = (name) => (/** @type {Session} */ session) => void (session.panel.value = name);
/** @param {"graph" | "list" | "form" | "sweep"} name */
const view = (name) => (/** @type {Session} */ session) => void (session.tab.value.view.value = name);

/** Keys of commands of the surface, which hears them itself. @type {Record<string, string[]>} */
const SURFACE_KEYS = {
  frame: ["Mod+G"], "frame.next": ["G"], "frame.fold": ["Shift+H"], note: ["N"], "note.next": ["Shift+N"], collapse: ["H"], isolate: ["X"], connect: ["C"], "rename.here": ["F2"],
  "move.left": ["Mod+ArrowLeft"], "move.right": ["Mod+ArrowRight"], "move.up": ["Mod+ArrowUp"], "move.down": ["Mod+ArrowDown"],
  "move.left.far": ["Mod+Shift+ArrowLeft"], "move.right.far": ["Mod+Shift+ArrowRight"], "move.up.far": ["Mod+Shift+ArrowUp"], "move.down.far": ["Mod+Shift+ArrowDown"],
  "remove.plain": ["Shift+Delete"], "view.in": ["+"], "view.out": ["-"],
};

/** Where the surface has another word for it: here `rename` is of the workflow. @type {Record<string, string>} */
const SURFACE_NAMES = { "rename.here": "rename" };

/** What the surface does, where the graph is not shown. @type {Record<string, (session: Session) => any>} */
const WITHOUT_GRAPH = {
  connect: (session) => show("connect", { node: selected(session)[0] })(session),
  isolate: (session) => edit(session, "command.isolate", (document) => selected(session).reduce(isolate, document)),
  "remove.plain": (session) => removeSelected(session, {}),
  "rename.here": (session) => show("name", { use: "node", ids: selected(session).slice(0, 1) })(session),
};

/** @type {Command[]} */
export const COMMANDS = [
  { id: "run", keys: ["Mod+Enter"], run: (session) => run(session), always: true },
  { id: "runTo", keys: ["Mod+Shift+Enter"], run: (session) => run(session, selected(session)), when: some, always: true },
  { id: "look", keys: ["V"], run: (session, where) => lookAt(session, aimedAt(session, where), pointOf(where)), when: (session, where) => aimedAt(session, where) !== undefined },
  { id: "stop", keys: ["Mod+Alt+Enter"], run: stop, when: (session) => isBusy(session.tab.value), always: true },
  { id: "undo", keys: ["Mod+Z"], run: (session) => session.tab.value.store.undo() },
  { id: "redo", keys: ["Mod+Shift+Z", "Mod+Y"], run: (session) => session.tab.value.store.redo() },
  { id: "save", keys: ["Mod+S"], run: (session) => save(session), always: true },
  { id: "saveAs", keys: ["Mod+Shift+S"], run: show("name", { use: "save" }), always: true },
  { id: "rename", run: show("name", { use: "rename" }) },
  { id: "open", keys: ["Mod+O"], run: show("open"), always: true },
  { id: "new", run: show("templates") },
  { id: "closeTab", run: (session) => close(session, session.tab.value) },
  { id: "export", run: download },
  { id: "find", keys: ["Tab", "A"], run: find },
  { id: "insert", run: find, when: (_session, where) => where?.wire !== undefined },
  { id: "palette", keys: ["Mod+K"], run: show("palette"), always: true },
  { id: "shortcuts", keys: ["?"], run: show("shortcuts") },
  { id: "graph", keys: ["Alt+1"], run: view("graph") },
  { id: "list", keys: ["Alt+2"], run: view("list") },
  { id: "form", keys: ["Alt+3"], run: view("form") },
  { id: "sweep", keys: ["Alt+4"], run: view("sweep") },
  { id: "vary", run: vary, when: canVary },
  { id: "inspector", keys: ["I"], run: panel("inspector") },
  { id: "problems", keys: ["P"], run: panel("problems") },
  { id: "queue", keys: ["Q"], run: panel("queue") },
  { id: "results", keys: ["R"], run: panel("results") },
  { id: "history", keys: ["Y"], run: panel("history") },
  { id: "diff", run: panel("diff") },
  { id: "sub.make", keys: ["Mod+Shift+G"], run: (session) => show("name", { use: "sub", ids: selected(session) })(session), when: some },
  { id: "sub.open", keys: ["Enter"], run: (session) => enter(session, chosenUser(session) ?? ""), when: (session) => chosenUser(session) !== undefined },
  { id: "sub.leave", keys: ["Escape"], run: leave, when: (session) => session.tab.value.place.value.length > 0 },
  { id: "sub.unpack", run: (session) => unpack(session, chosenUser(session) ?? ""), when: (session) => chosenUser(session) !== undefined },
  { id: "interface", run: openInterface },
  { id: "expose", run: (session, where) => toggleShown(session, /** @type {any} */ (where?.socket)), when: (_session, where) => where?.socket !== undefined },
  { id: "delete", keys: ["Delete", "Backspace"], run: remove, when: (session) => some(session) || (onSurface("remove").when?.(session) ?? false) },
  { id: "duplicate", keys: ["Mod+D"], run: doubled, when: some },
  { id: "copy", keys: ["Mod+C"], run: copy, when: some },
  { id: "cut", keys: ["Mod+X"], run: cut, when: some },
  { id: "paste", keys: ["Mod+V"], run: paste },
  { id: "selectAll", keys: ["Mod+A"], run: (session) => session.select(nodeIds(session.tab.value.store.get())) },
  { id: "tidy", keys: ["L"], run: tidy, when: drawn },
  ...["frame", "frame.next", "frame.fold", "note", "note.next", "collapse", "isolate", "connect", "disconnect", "reset", "wire.source", "wire.target", "tint.none", "tint.red",
    "tint.orange", "tint.green", "tint.blue", "tint.violet", "rename.here", "remove.plain", "view.in", "view.out", "move.left", "move.right", "move.up", "move.down",
    "move.left.far", "move.right.far", "move.up.far", "move.down.far", "align.left", "align.center",
    "align.right", "align.top", "align.middle", "align.bottom", "distribute.across", "distribute.down"].map(onSurface),
  { id: "mute", keys: ["D"], run: (session) => toggle(session, "muted"), when: some },
  { id: "bypass", keys: ["B"], run: (session) => toggle(session, "bypassed"), when: some },
  { id: "replace", run: (session) => show("finder", { replace: (/** @type {string} */ kind) => replaceBy(session, selected(session)[0], kind) })(session), when: some },
  { id: "frameAll", keys: ["Home"], run: (session) => session.tab.value.surface?.view?.frameAll?.(), when: drawn },
  { id: "frameSelection", keys: ["F"], run: (session) => session.tab.value.surface?.view?.frameSelection?.(), when: drawn },
  { id: "pause", run: pause },
  { id: "clear", run: cancelAll },
  { id: "free", run: freeAll },
  { id: "memory", run: show("memory") },
  { id: "notices", run: show("notices") },
  { id: "tellEnds", run: switchTelling },
  { id: "copyCurl", run: (session) => copyAs(session, "curl") },
  { id: "copyPython", run: (session) => copyAs(session, "python") },
  { id: "copyCommand", run: (session) => copyAs(session, "cli") },
  { id: "theme.system", run: () => wear("") },
  { id: "theme.light", run: () => wear("light") },
  { id: "theme.dark", run: () => wear("dark") },
  { id: "language", run: () => speak(language === "en" ? "zh" : "en") },
];

/** A command that the surface of the graph does. @param {string} id @returns {Command} */
function onSurface(id) {
  const name = SURFACE_NAMES[id] ?? id;
  const found = (/** @type {Session} */ session) =>
    session.tab.value.surface?.commands.find((/** @type {any} */ command) => command.name === name);
  const instead = WITHOUT_GRAPH[id];
  return {
    id,
    keys: SURFACE_KEYS[id],
    when: (session, where) => (drawn(session) ? found(session)?.enabled(where) ?? false : instead !== undefined && some(session)),
    run: (session, where) => (drawn(session) ? found(session)?.run(where) : instead(session)),
  };
}

/** Find a kind of node to add: where a menu was opened, or into its wire. @param {Session} session @param {Where} [where] */
function find(session, where) {
  const { at, wire } = where ?? {};
  session.dialog.value = { kind: "finder", ...(at ? { where: { at, wire }, at: [at.clientX, at.clientY] } : {}) };
}

/** The interface is shown where nothing is selected. @param {Session} session */
function openInterface(session) {
  session.select([]);
  session.panel.value = "inspector";
  openFace(true);
}

/** @param {Session} session */
function tidy(session) {
  const ids = selected(session);
  const { scopes } = session.tab.value;
  edit(session, "command.tidy", (document) => moveNodes(document, layered(document, session.kinds, ids.length > 1 ? ids : undefined, scopes.value)));
  session.tab.value.surface?.view.frameAll();
}

/** @param {any} where @returns {[number, number] | undefined} of the page */
const pointOf = (where) => where && [where.at.clientX, where.at.clientY];

/** The name of a command in people's language. @param {Command} command */
export const commandName = ({ id }) => text(`command.${id}`);

/** Do a command, where it can be done. @param {Session} session @param {string} id */
export function perform(session, id) {
  const command = COMMANDS.find((one) => one.id === id);
  if (command && (command.when?.(session) ?? true)) return command.run(session);
}

/** @param {Session} session */
function remove(session) {
  const onGraph = onSurface("remove");
  if (onGraph.when?.(session)) return onGraph.run(session);
  removeSelected(session, { heal: session.kinds, scopes: session.tab.value.scopes.value });
}

/** @param {Session} session @param {Parameters<typeof removeNodes>[2]} how */
function removeSelected(session, how) {
  const ids = selected(session);
  edit(session, "command.delete", (document) => removeNodes(document, ids, how));
  session.said.value = text("said.removed", { count: ids.length });
  session.select([]);
}

/** @param {Session} session */
function doubled(session) {
  const made = edit(session, "command.duplicate", (document) => duplicate(document, selected(session)));
  session.select(made.ids ?? []);
}

/** @param {Session} session @param {"muted" | "bypassed"} mode */
function toggle(session, mode) {
  const ids = selected(session);
  const all = ids.every((id) => nodeOf(session.tab.value.store.get(), id)?.mode === mode);
  edit(session, `command.${mode === "muted" ? "mute" : "bypass"}`, (document) => setMode(document, ids, all ? "on" : mode));
}

/** @param {Session} session */
function pause(session) {
  return session.attempt(() => session.api.queueDo(session.queue.value?.paused ? "resume" : "pause"));
}

/** What waits first, so that nothing begins meanwhile. @param {Session} session */
function cancelAll(session) {
  return session.attempt(async () => {
    await session.api.queueDo("clear");
    const { running } = await session.api.queue();
    await Promise.all(running.map((/** @type {any} */ { id }) => session.api.cancel(id)));
  });
}

/** Vary what a menu was opened on, or what is chosen then. @param {Session} session @param {Where} [where] */
function vary(session, where) {
  const { node, port } = where?.socket ?? {};
  session.dialog.value = { kind: "vary", target: port && { node, input: port } };
}

/** Whether what a menu was opened on holds a value of its own. @param {Session} session @param {Where} [where] */
function canVary({ kinds, tab }, where) {
  if (!where?.socket) return true;
  const { node: id, side, port: name } = where.socket;
  const { document, scopes } = tab.value;
  const node = side === "input" ? nodeOf(document.value, id) : undefined;
  const port = node && kinds.inputOf(node, name, scopes.value);
  return port !== undefined && widgetOf(port) !== "" && !isLink(inputOf(/** @type {any} */ (node), name));
}

/** @param {Session} session */
async function freeAll(session) {
  const { free } = await import("./memory_state.js");
  return free(session, { models: true, cache: true });
}
