// @ts-check
/** Where the graph is drawn: one surface for each open workflow, so that switching loses neither view nor pictures. */

import { diff } from "../core/diff.js";
import { createSurface } from "../graph/surface.js";
import { smallPicture } from "../net/api.js";
import { text } from "../text/index.js";
import { mount } from "../widgets/index.js";
import { changesOf, otherAt } from "./changes.js";
import { sayWhy } from "./explain.js";
import { effect, html, useLayoutEffect, useRef } from "./html.js";
import { isBusy } from "./job_state.js";
import { glanceAt } from "./looking.js";
import { enter } from "./subworkflows.js";
import { specOf } from "./widget.js";

/** @typedef {import("./session.js").Session} Session */
/** @typedef {import("./tab.js").Tab} Tab */

/** @param {{session: Session}} props */
export function Stage({ session }) {
  const { view } = session.tab.value;
  return html`<div class="stage" hidden=${view.value !== "graph"}>
    ${session.tabs.value.map((tab) => html`<${Surface} key=${`${tab.key} ${tab.prefix.value}`} session=${session} tab=${tab} />`)}
  </div>`;
}

/** One for each place: who goes into a sub-workflow has another. @param {{session: Session, tab: Tab}} props */
function Surface({ session, tab }) {
  const place = useRef(/** @type {any} */ (null));
  const end = useRef(() => {});
  const current = session.tab.value === tab && tab.view.value === "graph";
  useLayoutEffect(() => {
    if (current && !tab.surface) end.current = begin(session, tab, place.current);
  }, [current]);
  useLayoutEffect(() => () => end.current(), []);
  return html`<div class="surface-place" ref=${place} hidden=${session.tab.value !== tab}></div>`;
}

/** @param {Session} session @param {Tab} tab @param {HTMLElement} element @returns {() => void} what ends it */
function begin(session, tab, element) {
  const surface = createSurface(element, {
    store: tab.store,
    kinds: session.kinds,
    texts: text,
    scopes: () => tab.scopes.peek(),
    mountWidget: (/** @type {HTMLElement} */ place, /** @type {any} */ given) => mount(place, nodeSpec(session, tab, given)),
    on: {
      search: (/** @type {any} */ where) => (session.dialog.value = { kind: "finder", where, at: [where.at.clientX, where.at.clientY] }),
      menu: (/** @type {any} */ where) => (session.dialog.value = { kind: "menu", where, at: [where.at.clientX, where.at.clientY] }),
      connect: (/** @type {any} */ { node, side, port }) =>
        (session.dialog.value = { kind: "connect", node, end: side && { node, [side]: port } }),
      enter: (/** @type {string} */ node) => enter(session, node),
      notice: (/** @type {string} */ message, /** @type {any} */ action) =>
        session.tell(message, action ? { actions: [{ text: action.label, run: action.run }] } : {}),
      wire: (/** @type {any} */ wire, /** @type {any} */ at) => glanceAt(session, wire.from, [at.clientX, at.clientY]),
      why: (/** @type {string} */ node, /** @type {any} */ say) => sayWhy(session, tab, node, say),
      open: (/** @type {string} */ node, /** @type {any[] | undefined} */ items, index = 0) => open(session, tab, node, items && index),
    },
  });
  tab.surface = surface;
  surface.selection.subscribe(({ nodes }) => {
    if (tab.surface === surface && !sameSet(nodes, tab.selection.value)) tab.selection.value = new Set(nodes);
  });
  surface.selection.set(tab.selection.value);
  const shows = [
    () => surface.setStates(tab.states.value),
    () => surface.setPreviews(tab.previews.value),
    () => surface.setFacts(tab.facts.value),
    () => surface.outline("problem", tab.problems.value.flatMap(({ node }) => (node ? [node] : []))),
    () => surface.outline("plan", planned(tab)),
    () => outlineChanges(session, tab),
    () => tab.results.value.forEach((items, node) => surface.setResults(node, items.map(shownItem))),
  ];
  const ends = shows.map((show) => effect(() => (tab.surface === surface ? show() : undefined)));
  const seen = tab.viewAt(tab.place.peek());
  if (seen) surface.view.set(seen);
  else requestAnimationFrame(() => surface.view.frameAll());
  return () => {
    ends.forEach((end) => end());
    surface.destroy();
  };
}

/** Nodes that would run, where that is not all of them: then it says nothing. @param {Tab} tab */
function planned(tab) {
  const plan = tab.plan.value;
  return plan && plan.cached.length && !isBusy(tab) ? Object.keys(plan.run) : [];
}

/** While the panel of differences is open, the graph shows them too. @param {Session} session @param {Tab} tab */
function outlineChanges(session, tab) {
  const open = session.panel.value === "diff";
  const { nodes } = open ? changesOf(diff(otherAt(tab, tab.compared.value?.document ?? tab.base.value), tab.document.value)) : { nodes: [] };
  for (const name of ["added", "changed"]) tab.surface.outline(name, nodes.filter(({ what }) => what === name).map(({ id }) => id));
}

/** A result as the surface shows it. @param {any} result @returns {import("../graph/states.js").Item} */
function shownItem({ item, file, thumbnail, kind, type }) {
  if (thumbnail) return { kind: "image", url: file, thumbnail: smallPicture(thumbnail, 512), name: item.filename };
  const [medium] = type?.split("/") ?? [];
  if (medium === "video" || medium === "audio") return { kind: medium, url: file, name: item.filename };
  if (file) return { kind: "text", text: item.filename, name: item.filename };
  return { kind: "text", text: typeof item === "string" ? item : JSON.stringify(item, null, 1), name: kind };
}

/** A node was opened, or one of its results. @param {Session} session @param {Tab} tab @param {string} node @param {number} [index] */
function open(session, tab, node, index) {
  const items = tab.results.value.get(node) ?? [];
  const item = index === undefined ? undefined : items[index];
  if (item?.thumbnail) session.dialog.value = { kind: "result", item, items: items.filter((one) => one.thumbnail) };
  else session.panel.value = "inspector";
}

/** @param {Session} session @param {Tab} tab @param {any} given @returns {any} */
function nodeSpec(session, tab, { node, port, value, label, set }) {
  return specOf(session, tab, node, port, label, value, set);
}

/** @param {Set<string>} one @param {Set<string>} other */
const sameSet = (one, other) => one.size === other.size && [...one].every((id) => other.has(id));
