// @ts-check
/**
 * What differs between two documents, by meaning: nodes, what their inputs have, titles and modes; the layout apart.
 *
 * `apply(a, diff(a, b))` says what `b` says. The order of keys means nothing, and is no difference, but for that of the
 * ports of an interface: the nodes that use it show them so, and their links may go by it.
 */

import { isLink } from "./document.js";
import { portOrder, samePortOrder } from "./edit_interface.js";
import { keysOf, own, same, without } from "./json.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {import("./document.js").Node} Node
 * @typedef {{before?: any, after?: any}} Change without `before` it was added, without `after` removed
 * @typedef {Record<string, Change>} Changes
 * @typedef {{inputs: Changes, fields: Changes}} NodeChange `fields`: kind, title, mode, version, and unknown ones
 * @typedef {{added: Record<string, Node>, removed: Record<string, Node>, changed: Record<string, NodeChange>,
 *   fields: Changes, workflows: Record<string, Diff | Change>, layout: {entries: Changes, fields: Changes}}} Diff
 * @typedef {"added" | "removed" | "changed"} What
 * @typedef {{path: string[], what: What, before: Document, after: Document, difference: Diff}} Place `path`: the names
 *   that lead to the workflow; it is empty where it is not
 */

const PARTS = new Set(["nodes", "workflows", "layout"]);

/** @param {Document} before @param {Document} after @returns {Diff} */
export function diff(before, after) {
  const [old, now] = [before.nodes, after.nodes];
  const both = old === now ? [] : keysOf(old).filter((id) => Object.hasOwn(now, id) && !same(old[id], now[id]));
  return {
    added: without(now, new Set(Object.keys(old))),
    removed: without(old, new Set(Object.keys(now))),
    changed: Object.fromEntries(both.map((id) => [id, nodeChange(old[id], now[id])])),
    fields: { ...changes(without(before, PARTS), without(after, PARTS)), ...reordered(before.interface, after.interface) },
    workflows: workflowDiffs(before.workflows ?? {}, after.workflows ?? {}),
    layout: layoutChange(before.layout ?? {}, after.layout ?? {}),
  };
}

/** @param {any} before @param {any} after interfaces @returns {Changes} */
const reordered = (before, after) =>
  before && after && portOrder(before) !== portOrder(after) ? { interface: { before, after } } : {};

/** @param {Node} before @param {Node} after @returns {NodeChange} */
const nodeChange = (before, after) => ({
  inputs: changes(before.inputs, after.inputs),
  fields: changes(without(before, INPUTS), without(after, INPUTS)),
});

const INPUTS = new Set(["inputs"]);

/** @param {any} before @param {any} after */
const layoutChange = (before, after) => ({
  entries: changes(before.nodes ?? {}, after.nodes ?? {}),
  fields: changes(without(before, NODES), without(after, NODES)),
});

const NODES = new Set(["nodes"]);

/** @param {Record<string, any>} before @param {Record<string, any>} after @returns {Record<string, Diff | Change>} */
function workflowDiffs(before, after) {
  if (before === after) return {};
  const all = [...new Set([...keysOf(before), ...keysOf(after)])].map((name) => ({ name, old: own(before, name), now: own(after, name) }));
  const differ = all.filter(({ old, now }) => !same(old, now) || !samePortOrder(old, now));
  return Object.fromEntries(differ.map(({ name, old, now }) => [name, old && now ? diff(old, now) : change(old, now)]));
}

/**
 * The values that differ, by key.
 * @param {Record<string, any>} before @param {Record<string, any>} after @returns {Changes}
 */
export function changes(before, after) {
  if (before === after) return {};
  const keys = [...new Set([...keysOf(before), ...keysOf(after)])];
  const differ = keys.filter((key) => !same(own(before, key), own(after, key)));
  return Object.fromEntries(differ.map((key) => [key, change(own(before, key), own(after, key))]));
}

/** @param {any} before @param {any} after @returns {Change} */
const change = (before, after) => ({ ...put("before", before), ...put("after", after) });

/** @param {string} name @param {any} value */
const put = (name, value) => (value === undefined ? {} : { [name]: value });

/**
 * Every workflow of two documents that is not the same in both, outermost first; each without those in it.
 * @param {Document} before @param {Document} after @returns {Place[]}
 */
export const differences = (before, after) => placesOf(diff(before, after), { path: [], what: "changed", before, after });

/** @param {Diff} difference @param {Omit<Place, "difference">} at @returns {Place[]} */
function placesOf(difference, at) {
  const { workflows, ...own } = difference;
  const inner = Object.entries(workflows).flatMap(([name, change]) => {
    const [before, after] = [at.before, at.after].map((document) => document.workflows?.[name]);
    const what = before && after ? "changed" : after ? "added" : "removed";
    const path = [...at.path, name];
    const found = isDiff(change) ? change : diff(before ?? NOTHING, after ?? NOTHING);
    return placesOf(found, { path, what, before: before ?? NOTHING, after: after ?? NOTHING });
  });
  return at.what === "changed" && isEmpty({ ...own, workflows: {} }) ? inner : [{ ...at, difference }, ...inner];
}

/** @type {Document} */
const NOTHING = { nodes: {} };

/**
 * The document with a difference applied to it.
 * @param {Document} document @param {Diff} difference @returns {Document}
 */
export function apply(document, { added, removed, changed, fields, workflows, layout }) {
  const kept = without(document.nodes, new Set(Object.keys(removed)));
  const edited = Object.keys(changed).map((id) => [id, changedNode(kept[id], changed[id])]);
  const subs = applied(document.workflows ?? {}, workflows);
  const laid = applied(without(document.layout ?? {}, NODES), layout.fields);
  const entries = applied(document.layout?.nodes ?? {}, layout.entries);
  const whole = keysOf(entries).length ? { ...laid, nodes: entries } : laid;
  return /** @type {Document} */ ({
    ...applied(without(document, PARTS), fields),
    nodes: { ...kept, ...Object.fromEntries(edited), ...added },
    ...(keysOf(subs).length ? { workflows: subs } : {}),
    ...(keysOf(whole).length ? { layout: whole } : {}),
  });
}

/** @param {Node} node @param {NodeChange} change @returns {Node} */
const changedNode = (node, { inputs, fields }) =>
  /** @type {Node} */ ({ ...applied(without(node, INPUTS), fields), inputs: applied(node.inputs, inputs) });

/** @param {Record<string, any>} object @param {Record<string, Diff | Change>} all @returns {Record<string, any>} */
function applied(object, all) {
  const gone = Object.keys(all).filter((key) => !isDiff(all[key]) && !("after" in all[key]));
  const news = Object.entries(all).filter(([key]) => !gone.includes(key));
  const values = news.map(([key, change]) => [key, isDiff(change) ? apply(object[key], change) : change.after]);
  return { ...without(object, new Set(gone)), ...Object.fromEntries(values) };
}

/** @param {Diff | Change} change @returns {change is Diff} */
const isDiff = (change) => "changed" in change;

/**
 * Whether nothing differs, or with `layout: false` nothing but places.
 * @param {Diff} difference @param {{layout?: boolean}} [options] @returns {boolean}
 */
export function isEmpty({ layout, ...rest }, { layout: counts = true } = {}) {
  const parts = counts ? [...Object.values(rest), layout.entries, layout.fields] : Object.values(rest);
  return parts.every((part) => Object.keys(part).length === 0);
}

/** How much differs, for a line of text. @param {Diff} difference */
export function summary({ added, removed, changed, layout }) {
  const inputs = Object.values(changed).flatMap((change) => Object.values(change.inputs));
  const links = inputs.filter(({ before, after }) => isLink(before) || isLink(after)).length;
  return {
    added: Object.keys(added).length,
    removed: Object.keys(removed).length,
    changed: Object.keys(changed).length,
    links,
    values: inputs.length - links,
    moved: Object.keys(layout.entries).length,
  };
}
