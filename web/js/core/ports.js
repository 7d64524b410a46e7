// @ts-check
/** The ports of one node: as its kind declares them, grown by what the document has, or as the document remembers. */

import { literalOf } from "./document.js";
import { entriesOf, Exact, isObject, keysOf } from "./json.js";
import { ANY, WIDGETS } from "./types.js";

/**
 * @typedef {import("./document.js").Node} Node
 * @typedef {{name: string, type: string, label?: string, required?: boolean, default?: any, low?: any, high?: any,
 *   step?: any, choices?: any[], source?: string, multiline?: boolean, seed?: boolean, link_only?: boolean,
 *   optional?: boolean, lazy?: boolean, many?: boolean, variadic?: boolean, help?: string, unknown?: boolean,
 *   widget?: {pack: string, module: string, name: string}}} Port
 * @typedef {{inputs: Port[], outputs: Port[]}} Ports
 * @typedef {{kind: string, inputs: Port[], outputs: Port[], title?: string, category?: string, help?: string,
 *   pack?: string, output?: boolean, resource?: string, volatile?: boolean, expands?: boolean, deprecated?: boolean,
 *   experimental?: boolean, version?: number}} Kind
 */

/** @param {Kind} kind */
export function inOrder({ inputs, outputs }) {
  const typed = (/** @type {Port} */ port) => WIDGETS.has(port.type) && !port.link_only;
  const sorted = [...inputs.filter((port) => !typed(port)), ...inputs.filter(typed)];
  return {
    ports: { inputs: sorted, outputs },
    names: new Set(inputs.map(({ name }) => name)),
    open: inputs.some((port) => port.variadic), // their number depends on the node
  };
}

/**
 * The ports of a kind with the members of a variadic input and one more, and with what is linked to no input.
 * @param {ReturnType<typeof inOrder>} kind @param {Node} node @returns {Ports}
 */
export function grown({ ports, names: declared, open }, node) {
  const { inputs, outputs } = ports;
  if (!open && keysOf(node.inputs).every((name) => declared.has(name))) return ports;
  const members = inputs.flatMap((port) => (port.variadic ? membersOf(port, node) : [port]));
  const names = new Set(members.map(({ name }) => name));
  const strays = entriesOf(node.inputs).filter(([name, value]) => isObject(value) && value.link && !names.has(name));
  if (!open && strays.length === 0) return ports;
  return { inputs: [...members, ...strays.map(([name]) => unknownPort(name))], outputs };
}

/** @param {Port} port @param {Node} node @returns {Port[]} */
function membersOf(port, node) {
  const names = keysOf(node.inputs).filter((name) => name.startsWith(port.name));
  const endings = names.map((name) => name.slice(port.name.length)).filter((ending) => /^\d+$/.test(ending));
  const numbers = endings.sort((one, other) => Number(one) - Number(other));
  const next = String(Number(numbers.at(-1) ?? 0) + 1);
  return [...numbers, next].map((number) => ({ ...port, name: port.name + number, required: false }));
}

/**
 * The member of a variadic input that has this name.
 * @param {Port[]} inputs @param {string} name @returns {Port | undefined}
 */
export function memberNamed(inputs, name) {
  const stem = name.replace(/\d+$/, "");
  const port = stem === name ? undefined : inputs.find((input) => input.variadic && input.name === stem);
  return port && { ...port, name, required: false };
}

/** @param {string} name @returns {Port} */
const unknownPort = (name) => ({ name, type: ANY, link_only: true, unknown: true });

/** What the document tells of a node of unknown kind. @param {Node} node @returns {Ports} */
export function placeholder(node) {
  const [inputs, outputs] = [listed(node.ports?.inputs), listed(node.ports?.outputs)];
  const names = new Set(inputs.map(({ name }) => name));
  const more = entriesOf(node.inputs).filter(([name]) => !names.has(name));
  const seen = more.map(([name, value]) => ({ name, type: typeOfLiteral(literalOf(value)), unknown: true }));
  return {
    inputs: [...inputs, ...seen],
    outputs: outputs.map((port, index) => ({ ...port, name: String(index), label: port.name })), // links count them
  };
}

/** @param {any} ports @returns {Port[]} */
function listed(ports) {
  const all = Array.isArray(ports) ? ports : [];
  const named = all.filter((port) => isObject(port) && typeof port.name === "string");
  return named.map(({ name, type }) => ({ name, type: typeof type === "string" && type ? type : ANY, unknown: true }));
}

/** @param {any} value */
function typeOfLiteral(value) {
  if (typeof value === "string") return "STRING";
  if (typeof value === "boolean") return "BOOLEAN";
  if (value instanceof Exact) return /[.e]/.test(value.text) ? "FLOAT" : "INT";
  return typeof value !== "number" ? ANY : Number.isInteger(value) ? "INT" : "FLOAT";
}
