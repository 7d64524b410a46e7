// @ts-check
/** The difference of two documents as a list of nodes, for people to read. */

import { emptyDocument, isLink, literalOf } from "../core/document.js";
import { changes } from "../core/diff.js";
import { entriesOf, keysOf } from "../core/json.js";
import { scopesAt } from "../core/subworkflows.js";
import { text } from "../text/index.js";

/**
 * @typedef {import("../core/document.js").Document} Document
 * @typedef {{name: string, before?: string, after?: string}} FieldChange
 * @typedef {{id: string, what: "added" | "removed" | "changed", fields: FieldChange[]}} NodeChange
 */

/** What another document has where this one is shown: nothing where it has no such sub-workflow. @param {import("./tab.js").Tab} tab @param {Document} document @returns {Document} */
export function otherAt({ path }, document) {
  const scopes = scopesAt(document, path.value);
  return scopes[path.value.length] ?? emptyDocument();
}

/**
 * A difference for people. `face`: what ports of the interface stand for, or the words on them; `others`: the names of
 * what else differs; `layout`: whether places and frames do.
 * @param {import("../core/diff.js").Diff} difference
 * @returns {{nodes: NodeChange[], face: FieldChange[], others: string[], layout: boolean}}
 */
export function changesOf({ added, removed, changed, fields: { interface: face = {}, ...others }, layout }) {
  /** @type {(what: NodeChange["what"], all: Record<string, any>) => NodeChange[]} */
  const listed = (what, all) => entriesOf(all).map(([id, change]) => ({ id, what, fields: what === "changed" ? fieldsOf(change) : [] }));
  return {
    nodes: [...listed("added", added), ...listed("removed", removed), ...listed("changed", changed)],
    face: ["inputs", "outputs"].flatMap((side) => faceFields(face.before ?? {}, face.after ?? {}, side)),
    others: Object.keys(others),
    layout: Object.keys(layout.entries).length + Object.keys(layout.fields).length > 0,
  };
}

/** @param {any} before @param {any} after interfaces @param {string} side @returns {FieldChange[]} */
const faceFields = (before, after, side) => [
  ...[[before[side], after[side]], [before.docs?.[side], after.docs?.[side]]].flatMap(([old = {}, now = {}]) => told(changes(old, now), standsFor)),
  ...reordered(before[side] ?? {}, after[side] ?? {}, side),
];

/** Those ports that both have, if they have them in another order. @param {any} before @param {any} after @param {string} side @returns {FieldChange[]} */
function reordered(before, after, side) {
  const [old, now] = [[before, after], [after, before]].map(([one, other]) => keysOf(one).filter((name) => Object.hasOwn(other, name)).join(", "));
  return old === now ? [] : [{ name: text(`diff.order.${side}`), before: old, after: now }];
}

/** @param {import("../core/diff.js").NodeChange} change @returns {FieldChange[]} */
const fieldsOf = ({ inputs, fields }) => [...told(fields), ...told(inputs)];

/** @param {import("../core/diff.js").Changes} all @param {(value: any) => string} [say] @returns {FieldChange[]} */
const told = (all, say = shown) => entriesOf(all).map(([name, change]) => {
  const [before, after] = [change.before, change.after].map((value) => (value === undefined ? value : say(value)));
  return { name, before, after };
});

/** What a port of an interface stands for; or the words on it. @param {any} port */
const standsFor = (port) =>
  typeof port === "string" ? port : [port].flat().map(({ node, input, output }) => `${node}.${input ?? output}`).join(", ");

/** @param {any} value */
function shown(value) {
  if (isLink(value)) return `${value.link.node}.${value.link.output}`;
  const literal = literalOf(value);
  return typeof literal === "object" && literal?.text === undefined ? JSON.stringify(literal) : String(literal);
}
