// @ts-check
/** The differences of two documents as a list of nodes, for people to read. */

import { isLink, literalOf, nodeIds, nodeOf } from "../core/document.js";
import { same } from "../core/json.js";

/**
 * @typedef {import("../core/document.js").Document} Document
 * @typedef {{name: string, before?: string, after?: string}} FieldChange
 * @typedef {{id: string, what: "added" | "removed" | "changed", fields: FieldChange[]}} NodeChange
 */

/** @param {Document} before @param {Document} after @returns {{nodes: NodeChange[], layout: boolean}} */
export function changesOf(before, after) {
  const ids = [...new Set([...nodeIds(before), ...nodeIds(after)])];
  const nodes = ids.flatMap((id) => {
    const [old, now] = [nodeOf(before, id), nodeOf(after, id)];
    if (old === now) return [];
    if (!old) return [{ id, what: /** @type {const} */ ("added"), fields: [] }];
    if (!now) return [{ id, what: /** @type {const} */ ("removed"), fields: [] }];
    const fields = fieldsOf(old, now);
    return fields.length ? [{ id, what: /** @type {const} */ ("changed"), fields }] : [];
  });
  return { nodes, layout: !same(before.layout, after.layout) };
}

/** @param {any} old @param {any} now @returns {FieldChange[]} */
function fieldsOf(old, now) {
  const names = [...new Set([...Object.keys(old.inputs), ...Object.keys(now.inputs)])];
  const inputs = names
    .filter((name) => !same(old.inputs[name], now.inputs[name]))
    .map((name) => ({ name, before: shown(old.inputs[name]), after: shown(now.inputs[name]) }));
  const own = ["kind", "title", "mode", "version"]
    .filter((name) => !same(old[name], now[name]))
    .map((name) => ({ name, before: old[name], after: now[name] }));
  return [...own, ...inputs];
}

/** @param {any} value */
function shown(value) {
  if (value === undefined) return undefined;
  if (isLink(value)) return `${value.link.node}.${value.link.output}`;
  const literal = literalOf(value);
  return typeof literal === "object" && literal?.text === undefined ? JSON.stringify(literal) : String(literal);
}
