// @ts-check
/**
 * The kinds of nodes that the server knows, and the ports of a node as it stands in a document.
 *
 * Ports come from the kind, from the interface of a sub-workflow (`@name`), or, for a kind that nobody here knows, from
 * what the document remembers of it (the node's field `ports`). Nothing here looks at another node.
 */

import { definitionOf, inputOf as rawOf, literalOf, nodeOf, SUBWORKFLOW } from "./document.js";
import { entriesOf, own } from "./json.js";
import { grown, inOrder, memberNamed, placeholder } from "./ports.js";
import { ANY, isGeneric } from "./types.js";

export { numberFor, valueOf, widgetOf } from "./widgets.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {import("./document.js").Node} Node
 * @typedef {import("./ports.js").Port} Port
 * @typedef {import("./ports.js").Ports} Ports
 * @typedef {import("./ports.js").Kind} Kind
 * @typedef {{color: string, help: string, family: boolean}} PortType
 * @typedef {{nodes: Record<string, Kind>, types: Record<string, PortType>}} Catalogue
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
    const known = remembered.get(node);
    if (known) return known;
    if (node.kind.startsWith(SUBWORKFLOW)) return definedPorts(node.kind, [scopes].flat());
    const kind = declared.get(node.kind);
    const ports = kind ? grown(kind, node) : placeholder(node);
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

  /** The ports of the workflow that scopes end with, as a node that uses it has them. @param {Document[]} scopes */
  const portsOutside = (scopes) => interfacePorts(scopes[scopes.length - 1], scopes);

  /** @param {Document} workflow @param {Document[]} scopes @returns {Ports} */
  function interfacePorts(workflow, scopes) {
    const { inputs = {}, outputs = {}, docs = {} } = /** @type {any} */ (workflow.interface ?? {});
    return {
      inputs: entriesOf(inputs).map(([name, targets]) => ({
        ...exposedPort(workflow, targets, scopes),
        name,
        ...(own(docs.inputs, name) ? { help: own(docs.inputs, name) } : {}),
      })),
      outputs: entriesOf(outputs).map(([name, source]) => {
        const node = nodeOf(workflow, source.node);
        const { type = ANY, many, help } = (node && outputOf(node, source.output, scopes)) ?? {};
        return { name, type, many, help: own(docs.outputs, name) ?? help };
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
      return node && port ? [{ port, value: rawOf(node, target.input) }] : [];
    });
    const told = known.find(({ port }) => port.type !== ANY && !isGeneric(port.type)) ?? known[0];
    if (!told) return { name: "", type: ANY };
    const { port, value } = told;
    const inner = literalOf(value) ?? port.default;
    const type = isGeneric(port.type) ? ANY : port.type;
    return { ...port, type, default: inner, required: port.required === true && value === undefined };
  }

  /**
   * The input of this name, also one of a variadic input that the node has not yet.
   * @param {Node} node @param {string} name @param {Document | Document[]} [scopes] @returns {Port | undefined}
   */
  const inputOf = (node, name, scopes) =>
    portsOf(node, scopes).inputs.find((port) => port.name === name) ??
    memberNamed(declared.get(node.kind)?.ports.inputs ?? [], name);

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

  return { all: Object.values(nodes), types, of, portsOf, portsOutside, inputOf, outputOf, titleOf, isUnknown };
}
