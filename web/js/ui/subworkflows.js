// @ts-check
/** Sub-workflows: made of nodes, opened and left, unpacked; and their interface changed for all that use it. */

import { definitionOf, nodeOf } from "../core/document.js";
import {
  changeContract, exposedName, exposeInput, exposeOutput, fold, freePortName, givenName, hideInput, hideOutput, newName, removeWorkflow,
  renameWorkflow, scopesAt, unfold, usersOf,
} from "../core/edits.js";
import { pathsIn } from "../core/contracts.js";
import { same } from "../core/json.js";
import { foundAt, placesIn, whereIs } from "../core/places.js";
import { Refused } from "../core/refused.js";
import { text } from "../text/index.js";
import { edit } from "./session.js";

/**
 * @typedef {import("./session.js").Session} Session
 * @typedef {import("./tab.js").Tab} Tab
 * @typedef {import("../core/document.js").Interface} Interface
 * @typedef {import("../core/contracts.js").Renamed} Renamed
 * @typedef {import("../graph/scene.js").Socket} Socket
 */

/** The one selected node, if it uses a sub-workflow. @param {Session} session @returns {string | undefined} */
export function chosenUser(session) {
  const { selection, document, scopes } = session.tab.value;
  const [id, ...more] = selection.value;
  const node = id === undefined || more.length ? undefined : nodeOf(document.value, id);
  return node && definitionOf(node.kind, scopes.value) ? id : undefined;
}

/** Go into the sub-workflow that a node uses. @param {Session} session @param {string} id @returns {boolean} whether it uses one */
export function enter(session, id) {
  const tab = session.tab.value;
  const place = [...tab.place.value, id];
  if (foundAt(tab.whole.document.value, place).place.length < place.length) return false;
  goTo(session, place);
  return true;
}

/** Show the workflow at a place, and say so. @param {Session} session @param {string[]} place */
export function goTo(session, place) {
  const tab = session.tab.value;
  tab.go(place);
  session.said.value = text("sub.shown", { name: placeName(tab) });
  requestAnimationFrame(() => {
    const { surface, selection } = session.tab.value;
    const [id, ...more] = selection.value;
    if (id !== undefined && !more.length) surface?.focusNode(id);
    else if (surface) /** @type {HTMLElement | null} */ (document.querySelector(".surface-place:not([hidden])"))?.focus({ preventScroll: true });
  });
}

/** Out to the workflow around the one that is shown. @param {Session} session */
export const leave = (session) => goTo(session, session.tab.value.place.value.slice(0, -1));

/** What the workflow that is shown is called. @param {Tab} tab */
export const placeName = (tab) => tab.path.value.at(-1) ?? tab.name.value;

/** Go to a node wherever it is, by the server's name for it. @param {Session} session @param {string} name @param {string} [input] */
export function goToNode(session, name, input) {
  const tab = session.tab.value;
  const { place, node } = whereIs(tab.whole.document.value, name);
  tab.go(place);
  if (node !== undefined) requestAnimationFrame(() => session.select([node], { input }));
}

/** The title of a node after those of the sub-workflows that it is in. @param {Session} session @param {Tab} tab @param {string} name the server's for it */
export function trailOf({ kinds }, tab, name) {
  const document = tab.whole.document.value;
  const { place, node } = whereIs(document, name);
  const all = node === undefined ? place : [...place, node];
  const titles = all.map((id, depth) => {
    const found = nodeOf(/** @type {any} */ (foundAt(document, place.slice(0, depth)).scopes.at(-1)), id);
    return found ? kinds.titleOf(found) : id;
  });
  return titles.length ? titles.join(" › ") : name;
}

/** A name to begin with. @param {Session} session */
export const freshName = (session) => newName(session.tab.value.scopes.value, text("sub.untitled"));

/** Make the nodes that are meant a sub-workflow. @param {Session} session @param {string[]} ids @param {string} wish */
export function make(session, ids, wish) {
  const name = newName(session.tab.value.scopes.value, wish);
  try {
    const { id } = edit(session, "sub.make", (document) => fold(document, ids, name));
    session.select([id]);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const { kinds, tab } = session;
    const between = nodeOf(tab.value.document.value, String(error.details.node));
    session.tell(text("sub.circle", { node: between ? kinds.titleOf(between) : "" }), { kind: "bad" });
  }
}

/** Put the nodes of a sub-workflow in the place of the node that uses it. @param {Session} session @param {string} id */
export function unpack(session, id) {
  const { scopes } = session.tab.value;
  const { ids } = edit(session, "sub.unpack", (document) => unfold(document, id, scopes.value));
  session.select(ids);
}

/** Call a sub-workflow otherwise, for all that use it. @param {Session} session @param {string[]} path @param {string} wish */
export function renameAt(session, path, wish) {
  const { whole } = session.tab.value;
  if (!wish || wish === path.at(-1)) return;
  const document = whole.store.get();
  const seen = [path, ...usersOf(document, path).map((user) => user.path)].flatMap((around) => scopesAt(document, around));
  const name = newName(seen, wish); // also where it is used, so that nobody's own takes its place
  whole.store.edit("sub.rename", (document) => renameWorkflow(document, path, name));
}

/** @param {Session} session @param {string[]} path */
export const removeAt = (session, path) =>
  session.tab.value.whole.store.edit("sub.remove", (document) => removeWorkflow(document, path));

/** A place where a sub-workflow can be seen, this one if it can; undefined if no node leads to it. @param {Tab} tab @param {string[]} path */
export function placeOf({ whole, place: here }, path) {
  const document = whole.document.value;
  return [here.value, ...placesIn(document)].find((place) => same(foundAt(document, place).path, path));
}

/**
 * Change the interface of the workflow that is shown. Where nodes that use it would lose something by that, they are
 * shown first.
 * @param {Session} session @param {(face: Interface) => Interface | undefined} change @param {Renamed} [renamed]
 */
export function changeFace(session, change, renamed) {
  const { whole, path, document } = session.tab.value;
  const empty = { inputs: {}, outputs: {} };
  const [at, face] = [path.value, change({ ...empty, ...document.value.interface }) ?? empty];
  const after = (/** @type {any} */ now) => changeContract(now, at, face, renamed);
  const apply = () => void whole.store.edit("sub.interface", (now) => after(now).document);
  const { lost } = after(whole.store.get());
  if (lost.length) session.dialog.value = { kind: "contract", lost, apply };
  else apply();
}

/** The name under which the interface shows a socket. @param {Tab} tab @param {Socket} socket */
export const shownName = ({ document }, { node, side, port }) =>
  side === "input" ? exposedName(document.value, { node, input: port }) : givenName(document.value, { node, output: port });

/** Have the interface show a socket, or not any longer. @param {Session} session @param {Socket} socket @param {string} [wish] */
export function toggleShown(session, { node, side, port }, wish = port) {
  const tab = session.tab.value;
  const document = tab.document.value;
  const name = shownName(tab, { node, side, port });
  changeFace(session, ({ inputs, outputs }) => {
    if (side === "input") {
      const target = { node, input: port };
      return (name === undefined ? exposeInput(document, freePortName(inputs, wish), target) : hideInput(document, target)).interface;
    }
    const source = { node, output: port };
    return (name === undefined ? exposeOutput(document, freePortName(outputs, wish), source) : hideOutput(document, name)).interface;
  });
}

/**
 * Tell of what an edit did to others: of a sub-workflow that nothing uses any longer, and of nodes elsewhere that used
 * what is gone with a node.
 * @param {Session} session @param {Tab} tab
 */
export function watchContracts(session, tab) {
  tab.whole.store.subscribe((now, before, { kind }) => {
    if (kind !== "edit" || !now.workflows) return;
    const path = tab.path.value;
    if (path.length && foundAt(before, tab.place.value).scopes.at(-1)?.interface !== tab.document.value.interface) tellLost(session, tab, path);
    for (const known of pathsIn(now).slice(1)) {
      if (!usersOf(now, known).length && usersOf(before, known).length) tellUnused(session, tab, known);
    }
  });
}

/** @param {Session} session @param {Tab} tab @param {string[]} path */
function tellUnused(session, tab, path) {
  const name = path.at(-1);
  const remove = { text: text("sub.remove", { name }), run: () => void tab.whole.store.edit("sub.remove", (document) => removeWorkflow(document, path)) };
  session.tell(text("sub.unused", { name }), { actions: [remove], key: `unused ${tab.key} ${path}` });
}

/** @param {Session} session @param {Tab} tab @param {string[]} path */
function tellLost(session, tab, path) {
  const face = { inputs: {}, outputs: {}, ...tab.document.value.interface };
  const after = (/** @type {any} */ document) => changeContract(document, path, face);
  const { lost } = after(tab.whole.store.get());
  if (!lost.length) return;
  session.tell(text("sub.lost", { n: lost.length }), {
    key: `lost ${tab.key}`,
    actions: [
      { text: text("command.undo"), run: () => void tab.whole.store.undo() },
      { text: text("sub.drop"), run: () => void tab.whole.store.edit("sub.interface", (document) => after(document).document) },
    ],
  });
}

/** What a node that uses a sub-workflow is called, and where it is. @param {Session} session @param {import("../core/contracts.js").User} user */
export function userName(session, { path, node: id }) {
  const tab = session.tab.value;
  const scopes = foundAt(tab.whole.document.value, placeOf(tab, path) ?? []).scopes;
  const node = nodeOf(/** @type {any} */ (scopes.at(-1)), id);
  return text("sub.user", { node: node ? session.kinds.titleOf(node) : id, workflow: path.at(-1) ?? tab.name.value });
}

/** How often a sub-workflow is used. @param {number} count */
export const usesText = (count) =>
  count ? text(count === 1 ? "sub.usedOnce" : "sub.users", { n: count }) : text("sub.notUsed");
