// @ts-check
/**
 * A document to and from text: checked as the server checks it, and written with the fields and in the order that the
 * server writes, so that both make the same bytes of the same document.
 */

import { entriesOf, isObject, keysOf, ordered, parse, write } from "./json.js";
import { Refused } from "./refused.js";

/** @typedef {import("./document.js").Document} Document */
/** @typedef {import("./document.js").Node} Node */

export const FORMAT = 1;
export const MODES = ["on", "muted", "bypassed"];

/** A document from its text. @param {string} text @returns {Document} @throws {Refused} */
export const load = (text) => canonical(parse(text));

/** The bytes that the server would write. @param {Document} document */
export const save = (document) => write(canonical(document));

/**
 * The document with the fields of the server's form, in its order.
 * @param {any} data @returns {Document} @throws {Refused}
 */
export function canonical(data) {
  const version = isObject(data) ? data.graphengine : undefined;
  if (!Number.isInteger(version) || version < 1) {
    throw new Refused("not_workflow", 'This is no workflow: it has no "graphengine": version.');
  }
  if (version > FORMAT) {
    const message = `The document has format version ${version}; this page reads up to ${FORMAT}.`;
    throw new Refused("newer", message, { version, known: FORMAT });
  }
  const { graphengine, ...fields } = data;
  return canonicalWorkflow(fields, [["graphengine", FORMAT]]);
}

const WORKFLOW_FIELDS = ["graphengine", "nodes", "interface", "workflows", "layout", "lock"];
const NODE_FIELDS = ["kind", "title", "mode", "version", "inputs"];

/** @param {any} data @param {[string, any][]} first @returns {any} */
function canonicalWorkflow(data, first = []) {
  const { nodes = {}, interface: face = {}, workflows = {}, layout = {}, lock = {} } = checked(data);
  const parts = /** @type {[string, any][]} */ ([
    ["nodes", mapped(nodes, canonicalNode)],
    ["interface", canonicalInterface(face)],
    ["workflows", mapped(workflows, (sub) => canonicalWorkflow(sub))],
    ["layout", checked(layout)],
    ["lock", checked(lock)],
  ]);
  const kept = parts.filter(([name, part]) => name === "nodes" || keysOf(part).length > 0);
  return ordered([...first, ...kept, ...others(data, WORKFLOW_FIELDS, first.length === 0)]);
}

/**
 * The entries of fields that this version does not know; in a sub-workflow `graphengine` is one of them.
 * @param {any} data @param {string[]} known @param {boolean} [inner]
 */
const others = (data, known, inner = false) =>
  entriesOf(data).filter(([name]) => !known.includes(name) || (inner && name === "graphengine"));

/** @param {any} data @returns {Node} */
function canonicalNode(data) {
  const { kind, title = "", mode = "on", version = 1, inputs = {} } = checked(data);
  if (typeof kind !== "string" || !kind) throw refusedNode(kind);
  if (typeof title !== "string" || !MODES.includes(mode) || !Number.isInteger(version)) throw refusedNode(kind);
  return ordered([
    ["kind", kind],
    ...(title ? [entry("title", title)] : []),
    ...(mode !== "on" ? [entry("mode", mode)] : []),
    ...(version !== 1 ? [entry("version", version)] : []),
    ["inputs", mapped(inputs, canonicalInput)],
    ...others(data, NODE_FIELDS),
  ]);
}

/** @param {string} name @param {any} value @returns {[string, any]} */
const entry = (name, value) => [name, value];

/** @param {any} kind */
const refusedNode = (kind) =>
  new Refused("bad_node", `A node has a bad kind, title, mode or version: ${kind}.`, { kind: String(kind ?? "") });

/** @param {any} value */
function canonicalInput(value) {
  if (!isObject(value)) return value;
  const [name, ...more] = keysOf(value);
  if (more.length === 0 && name === "link") return { link: canonicalEnd(value.link, "output") };
  if (more.length === 0 && name === "value") return isObject(value.value) ? value : value.value;
  throw new Refused("bad_input", "An input is an object that is neither a link nor a value.");
}

/** @param {any} data @param {"input" | "output"} port */
function canonicalEnd(data, port) {
  const { node, [port]: name } = checked(data);
  if (typeof node !== "string" || typeof name !== "string") throw new Refused("bad_link", "A link is bad.");
  return ordered([["node", node], [port, name], ...others(data, ["node", port])]);
}

/** @param {any} data */
function canonicalInterface(data) {
  const { inputs = {}, outputs = {} } = checked(data);
  const extra = others(data, ["inputs", "outputs"]);
  const given = mapped(inputs, (targets) => listed(targets).map((target) => canonicalEnd(target, "input")));
  const taken = mapped(outputs, (source) => canonicalEnd(source, "output"));
  if (keysOf(given).length + keysOf(taken).length + extra.length === 0) return {};
  return ordered([["inputs", given], ["outputs", taken], ...extra]);
}

/** An object with each value changed, in the same order. @param {any} data @param {(value: any) => any} change */
const mapped = (data, change) => ordered(entriesOf(checked(data)).map(([key, value]) => [key, change(value)]));

/** @param {any} data @returns {any} */
function checked(data) {
  if (!isObject(data)) throw new Refused("not_workflow", "A part of the document is no object where one belongs.");
  return data;
}

/** @param {any} data @returns {any[]} */
function listed(data) {
  if (!Array.isArray(data)) throw new Refused("not_workflow", "A part of the interface is no list of node inputs.");
  return data;
}
