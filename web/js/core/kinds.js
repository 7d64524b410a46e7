// @ts-check
/**
 * The kinds of nodes that the server knows, and the ports of a node as it stands in a document.
 *
 * Ports come from the kind, from the interface of a sub-workflow (`@name`), or, for a kind that nobody here knows, from
 * what the document remembers of it (the node's field `ports`). Nothing here looks at another node.
 */

import { definitionOf, literalOf, nodeOf, SUBWORKFLOW } from "./document.js";
import { entriesOf, Exact, float, integer, isObject, keysOf } from "./json.js";
import { ANY, CHOICE, isGeneric, WIDGETS } from "./types.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {import("./document.js").Node} Node
 * @typedef {{name: string, type: string, label?: string, required?: boolean, default?: any, low?: any, high?: any,
 *   step?: any, choices?: any[], source?: string, multiline?: boolean, seed?: boolean, link_only?: boolean,
 *   optional?: boolean, lazy?: boolean, many?: boolean, variadic?: boolean, help?: string, unknown?: boolean}} Port
 * @typedef {{inputs: Port[], outputs: Port[]}} Ports
 * @typedef {{kind: string, inputs: Port[], outputs: Port[], title?: string, category?: string, help?: string,
 *   pack?: string, output?: boolean, resource?: string, volatile?: boolean, expands?: boolean, deprecated?: boolean,
 *   experimental?: boolean, version?: number}} Kind
 * @typedef {{color: string, help: string, family: boolean}} PortType
 * @typedef {{nodes: Record<string, Kind>, types: Record<string, PortType>}} Catalogue
 * @typedef {"" | "number" | "text" | "choice" | "switch" | "seed" | "file" | "image"} Widget
 * @typedef {ReturnType<typeof createKinds>} Kinds
 */

/** @type {Ports} */
const NOTHING = { inputs: [], outputs: [] };

/** @param {Catalogue} catalogue the answer of `GET /api/v1/nodes` */
export function createKinds({ nodes, types }) {
  const declared = new Map(Object.values(nodes).map((kind) => [kind.kind, inOrder(kind)]));
  /** @type {WeakMap<Node, Ports>} */
  const remembered = new WeakMap();
  /** @type {WeakMap<Record<string, any>, Map<Document, Ports>>} */
  const definitions = new WeakMap();

  /** The kind of this name. @param {string} name @returns {Kind | undefined} */
  const of = (name) => (declared.has(name) ? nodes[name] : undefined);

  /**
   * The inputs and outputs of a node, those that take links only first.
   * @param {Node} node
   * @param {Document | Document[]} [scopes] the document, and the sub-workflows down to the node's own
   * @returns {Ports}
   */
  function portsOf(node, scopes = []) {
    if (node.kind.startsWith(SUBWORKFLOW)) return definedPorts(node.kind, [scopes].flat());
    const own = declared.get(node.kind);
    if (own && !own.open && keysOf(node.inputs).every((name) => own.names.has(name))) return own.ports;
    const ports = remembered.get(node) ?? (own ? grown(own.ports, node) : placeholder(node));
    remembered.set(node, ports);
    return ports;
  }

  /** @param {string} kind @param {Document[]} scopes @returns {Ports} */
  function definedPorts(kind, scopes) {
    const found = definitionOf(kind, scopes);
    if (!found) return NOTHING;
    const key = /** @type {Record<string, any>} */ (scopes[0].workflows);
    const known = definitions.get(key) ?? new Map();
    definitions.set(key, known);
    if (!known.has(found.workflow)) {
      known.set(found.workflow, NOTHING); // while a workflow that contains itself is worked out
      known.set(found.workflow, interfacePorts(found.workflow, found.scopes));
    }
    return /** @type {Ports} */ (known.get(found.workflow));
  }

  /** @param {Document} workflow @param {Document[]} scopes @returns {Ports} */
  function interfacePorts(workflow, scopes) {
    const { inputs = {}, outputs = {}, docs = {} } = /** @type {any} */ (workflow.interface ?? {});
    return {
      inputs: entriesOf(inputs).map(([name, targets]) => ({
        ...exposedPort(workflow, targets, scopes),
        name,
        ...(docs.inputs?.[name] ? { help: docs.inputs[name] } : {}),
      })),
      outputs: entriesOf(outputs).map(([name, source]) => {
        const node = nodeOf(workflow, source.node);
        const { type = ANY, many, help } = (node && outputOf(node, source.output, scopes)) ?? {};
        return { name, type, many, help: docs.outputs?.[name] ?? help };
      }),
    };
  }

  /**
   * What an exposed input looks like from outside: as the first inner input it sets, whose value is its default.
   * @param {Document} workflow @param {import("./document.js").Target[]} targets @param {Document[]} scopes
   * @returns {Port}
   */
  function exposedPort(workflow, targets, scopes) {
    const known = targets.flatMap((target) => {
      const node = nodeOf(workflow, target.node);
      const port = node && inputOf(node, target.input, scopes);
      return node && port ? [{ port, value: node.inputs[target.input] }] : [];
    });
    const told = known.find(({ port }) => port.type !== ANY && !isGeneric(port.type)) ?? known[0];
    if (!told) return { name: "", type: ANY };
    const { port, value } = told;
    const inner = literalOf(value) ?? port.default;
    const type = isGeneric(port.type) ? ANY : port.type;
    return { ...port, type, default: inner, required: port.required === true && value === undefined };
  }

  /** The input of this name. @param {Node} node @param {string} name @param {Document | Document[]} [scopes] */
  const inputOf = (node, name, scopes) => portsOf(node, scopes).inputs.find((port) => port.name === name);

  /**
   * The output of this name, or of this number.
   * @param {Node} node @param {string} name @param {Document | Document[]} [scopes]
   */
  function outputOf(node, name, scopes) {
    const { outputs } = portsOf(node, scopes);
    return outputs.find((port) => port.name === name) ?? (/^\d+$/.test(name) ? outputs[Number(name)] : undefined);
  }

  /** What people call a node. @param {Node} node */
  const titleOf = (node) => node.title || of(node.kind)?.title || node.kind.replace(SUBWORKFLOW, "");

  /**
   * Whether the kind is none that the server or the document knows.
   * @param {Node} node @param {Document | Document[]} [scopes]
   */
  const isUnknown = (node, scopes = []) => !declared.has(node.kind) && !definitionOf(node.kind, [scopes].flat());

  return { all: Object.values(nodes), types, of, portsOf, inputOf, outputOf, titleOf, isUnknown };
}

/** @param {Kind} kind */
function inOrder({ inputs, outputs }) {
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
 * @param {Ports} ports @param {Node} node @returns {Ports}
 */
function grown({ inputs, outputs }, node) {
  const members = inputs.flatMap((port) => (port.variadic ? membersOf(port, node) : [port]));
  const names = new Set(members.map(({ name }) => name));
  const strays = entriesOf(node.inputs).filter(([name, value]) => isObject(value) && value.link && !names.has(name));
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

/** @param {string} name @returns {Port} */
const unknownPort = (name) => ({ name, type: ANY, link_only: true, unknown: true });

/** What the document tells of a node of unknown kind. @param {Node} node @returns {Ports} */
function placeholder(node) {
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

/** What an input's value is edited with; empty for one that takes a link only. @param {Port} port @returns {Widget} */
export function widgetOf(port) {
  const type = port.type.split(",").find((member) => WIDGETS.has(member));
  if (port.link_only || !type) return "";
  if (type === CHOICE) return port.source === "input" ? "image" : port.source ? "file" : "choice";
  if (type === "STRING") return "text";
  if (type === "BOOLEAN") return "switch";
  return port.seed ? "seed" : "number";
}

/**
 * What an input of a node counts as: its literal, or the default; undefined where it is linked.
 * @param {Node} node @param {Port} port
 */
export function valueOf(node, port) {
  const value = Object.hasOwn(node.inputs, port.name) ? node.inputs[port.name] : undefined;
  return value === undefined ? port.default : literalOf(value);
}

/**
 * A number as the document keeps it for this input: `4` becomes `4.0` where a FLOAT belongs.
 * @param {Port} port @param {number | bigint} number
 */
export function numberFor(port, number) {
  const types = port.type.split(",");
  if (typeof number === "bigint") return integer(number);
  return types.includes("FLOAT") && !types.includes("INT") ? float(number) : number;
}
