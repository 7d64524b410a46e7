// @ts-check
/** The difference of two documents as a list of nodes, for people to read. */

import { emptyDocument, isLink, literalOf } from "../core/document.js";
import { diff } from "../core/diff.js";
import { entriesOf } from "../core/json.js";
import { scopesAt } from "../core/subworkflows.js";

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

/** @param {Document} before @param {Document} after @returns {{nodes: NodeChange[], layout: boolean}} */
export function changesOf(before, after) {
  const { added, removed, changed, layout } = diff(before, after);
  /** @type {(what: NodeChange["what"], all: Record<string, any>) => NodeChange[]} */
  const listed = (what, all) => entriesOf(all).map(([id, change]) => ({ id, what, fields: what === "changed" ? fieldsOf(change) : [] }));
  return {
    nodes: [...listed("added", added), ...listed("removed", removed), ...listed("changed", changed)],
    layout: Object.keys(layout.entries).length + Object.keys(layout.fields).length > 0,
  };
}

/** @param {import("../core/diff.js").NodeChange} change @returns {FieldChange[]} */
const fieldsOf = ({ inputs, fields }) =>
  [...entriesOf(fields), ...entriesOf(inputs)].map(([name, { before, after }]) => ({ name, before: shown(before), after: shown(after) }));

/** @param {any} value */
function shown(value) {
  if (value === undefined) return undefined;
  if (isLink(value)) return `${value.link.node}.${value.link.output}`;
  const literal = literalOf(value);
  return typeof literal === "object" && literal?.text === undefined ? JSON.stringify(literal) : String(literal);
}
