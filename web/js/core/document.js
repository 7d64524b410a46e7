// @ts-check
/**
 * A workflow document, read: what its parts are called, and which links lead where.
 *
 * A document is the server's JSON and is never changed: every edit (`edits.js`) makes a new one that shares the rest,
 * so `===` tells what changed. A sub-workflow (`document.workflows[name]`) has the same shape and the same helpers.
 */

import { FORMAT } from "./canonical.js";
import { entriesOf, isObject, keysOf, own } from "./json.js";

/**
 * @typedef {{node: string, output: string}} Source
 * @typedef {{node: string, input: string}} Target
 * @typedef {{from: Source, to: Target}} Wire
 * @typedef {"muted" | "bypassed"} Mode
 * @typedef {{kind: string, title?: string, mode?: Mode, version?: number, inputs: Record<string, any>,
 *   [field: string]: any}} Node
 * @typedef {{pos?: [number, number], size?: [number, number], collapsed?: true, [field: string]: any}} Entry
 * @typedef {{title?: string, bounding: [number, number, number, number], color?: string, folded?: string[],
 *   [field: string]: any}} Frame `folded`: the nodes that it hides
 * @typedef {{text: string, pos: [number, number], size?: [number, number], title?: string, markdown?: true,
 *   [field: string]: any}} Note
 * @typedef {{inputs: Record<string, Target[]>, outputs: Record<string, Source>, [field: string]: any}} Interface
 * @typedef {{nodes?: Record<string, Entry>, groups?: Frame[], notes?: Note[], [field: string]: any}} Layout
 * @typedef {{graphengine?: number, nodes: Record<string, Node>, interface?: Interface,
 *   workflows?: Record<string, any>, layout?: Layout, [field: string]: any}} Document
 */

export { canonical, load, save } from "./canonical.js";
export {
  controlOf,
  entryOf,
  foldedIn,
  framesOf,
  isCollapsed,
  isPlaced,
  middle,
  notesOf,
  pointOf,
  positionOf,
  sizeOf,
} from "./layout.js";

export const SUBWORKFLOW = "@"; // kinds that begin with it name a sub-workflow

/** @returns {Document} */
export const emptyDocument = () => ({ graphengine: FORMAT, nodes: {} });

/** @param {Document} document @param {string} id @returns {Node | undefined} */
export const nodeOf = (document, id) => own(document.nodes, id);

/** @param {Document} document */
export const nodeIds = (document) => keysOf(document.nodes);

/** Whether what an input has is a link. @param {any} value @returns {value is {link: Source}} */
export const isLink = (value) => isObject(value) && isObject(value.link);

/** The literal of an input, out of its wrapping; undefined for a link. @param {any} value */
export const literalOf = (value) => (isLink(value) ? undefined : isObject(value) ? value.value : value);

/** A literal as an input keeps it: an object is wrapped, so that nothing else looks like a link. @param {any} value */
export const wrapped = (value) => (isObject(value) ? { value } : value);

/** What an input of a node has in the document; undefined if nothing. @param {Node} node @param {string} input */
export const inputOf = (node, input) => own(node.inputs, input);

/** @typedef {[input: string, source: Source][]} Links */
/** @type {WeakMap<Node, Links>} */
const linksOfNode = new WeakMap();

/** The links of a node, by input. @param {Node} node @returns {Links} */
export function linksOf(node) {
  const known = linksOfNode.get(node);
  if (known) return known;
  const linked = entriesOf(node.inputs).filter(([, value]) => isLink(value));
  const found = /** @type {Links} */ (linked.map(([input, value]) => [input, value.link]));
  linksOfNode.set(node, found);
  return found;
}

/** @type {WeakMap<Node, {id: string, into: Wire[]}>} */
const knownWires = new WeakMap();

/** The wires into a node: the same objects as long as it is the same. @param {string} id @param {Node} node */
function wiresOfNode(id, node) {
  const known = knownWires.get(node);
  if (known?.id === id) return known.into;
  const into = linksOf(node).map(([input, from]) => ({ from, to: { node: id, input } }));
  knownWires.set(node, { id, into });
  return into;
}

/** @typedef {{all: Wire[], from: Map<string, Wire[]>, into: Map<string, Wire[]>}} WireIndex */
/** @type {WeakMap<Record<string, Node>, WireIndex>} */
const wiresOfNodes = new WeakMap();

/** @param {Document} document @returns {WireIndex} */
function indexed({ nodes }) {
  const known = wiresOfNodes.get(nodes);
  if (known) return known;
  const index = { all: /** @type {Wire[]} */ ([]), from: new Map(), into: new Map() };
  for (const id of keysOf(nodes)) {
    const into = wiresOfNode(id, nodes[id]);
    index.all.push(...into);
    index.into.set(id, into);
    for (const wire of into) {
      const from = index.from.get(wire.from.node);
      if (from) from.push(wire);
      else index.from.set(wire.from.node, [wire]);
    }
  }
  wiresOfNodes.set(nodes, index);
  return index;
}

/**
 * Tell that nodes have the very wires that others had, as after an edit of a value: then they need not be looked for.
 * @param {Record<string, Node>} before @param {Record<string, Node>} after
 */
export function keepWires(before, after) {
  const known = wiresOfNodes.get(before);
  if (known) wiresOfNodes.set(after, known);
}

/** Every wire, also those whose source is missing. @param {Document} document */
export const wires = (document) => indexed(document).all;

/** @param {Document} document @param {string} id @returns {Wire[]} */
export const wiresInto = (document, id) => indexed(document).into.get(id) ?? [];

/** @param {Document} document @param {string} id @param {string} [output] @returns {Wire[]} */
export function wiresFrom(document, id, output) {
  const found = /** @type {Wire[]} */ (indexed(document).from.get(id) ?? []);
  return output === undefined ? found : found.filter(({ from }) => from.output === output);
}

/** The wire that ends at an input. @param {Document} document @param {Target} target @returns {Wire | undefined} */
export const wireInto = (document, { node, input }) =>
  wiresInto(document, node).find((wire) => wire.to.input === input);

/** A name for a wire, for sets and elements. @param {Wire} wire */
export const wireKey = ({ to }) => `${to.node}\u0000${to.input}`;

/** These nodes and all that they need. @param {Document} document @param {Iterable<string>} ids */
export const ancestors = (document, ids) => reached(ids, (id) => wiresInto(document, id).map(({ from }) => from.node));

/** These nodes and all that need them. @param {Document} document @param {Iterable<string>} ids */
export const descendants = (document, ids) => reached(ids, (id) => wiresFrom(document, id).map(({ to }) => to.node));

/** @param {Iterable<string>} ids @param {(id: string) => string[]} next @returns {Set<string>} */
function reached(ids, next) {
  const found = new Set(ids);
  for (const id of found) for (const other of next(id)) found.add(other); // a set may grow while it is read
  return found;
}

/**
 * The ids, sources first, else as the document has them; those on a circle or behind one come last.
 * @param {Document} document
 */
export function executionOrder(document) {
  const ids = nodeIds(document);
  const known = (/** @type {Wire} */ { from }) => nodeOf(document, from.node) !== undefined;
  const waiting = new Map(ids.map((id) => [id, wiresInto(document, id).filter(known).length]));
  const order = ids.filter((id) => waiting.get(id) === 0);
  for (const id of order) {
    for (const { to } of wiresFrom(document, id)) {
      const left = /** @type {number} */ (waiting.get(to.node)) - 1;
      waiting.set(to.node, left);
      if (left === 0) order.push(to.node);
    }
  }
  return [...order, ...ids.filter((id) => waiting.get(id))];
}

/**
 * The sub-workflow that a kind names, and the scopes around the nodes in it.
 * @param {string} kind @param {Document[]} scopes the document, and the sub-workflows down to the node's own
 * @returns {{workflow: Document, scopes: Document[]} | undefined}
 */
export function definitionOf(kind, scopes) {
  if (!kind.startsWith(SUBWORKFLOW)) return undefined;
  const name = kind.slice(1);
  for (let depth = scopes.length; depth > 0; depth -= 1) {
    const workflow = own(scopes[depth - 1].workflows, name);
    if (workflow) return { workflow, scopes: [...scopes.slice(0, depth), workflow] };
  }
  return undefined;
}
