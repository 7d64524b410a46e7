// @ts-check
/** Edits of nodes and of what they hold: adding, values, titles, modes. Removing has its own file. */

import { inputOf, isLink, keepWires, linksOf, nodeIds, nodeOf, wrapped } from "./document.js";
import { changeEntry, moveNodes } from "./edit_layout.js";
import { isObject, keysOf, same, without } from "./json.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {import("./document.js").Node} Node
 * @typedef {import("./document.js").Source} Source
 * @typedef {import("./document.js").Target} Target
 */

/** `CLIPTextEncode` becomes `clip_text_encode`, `pack/Kind` becomes `kind`. @param {string} kind */
function snakeCase(kind) {
  const bare = kind.slice(kind.lastIndexOf("/") + 1);
  const parted = bare.replace(/([\p{Ll}\d])(\p{Lu})/gu, "$1_$2").replace(/(\p{Lu}{2,})(\p{Lu}\p{Ll})/gu, "$1_$2");
  const words = parted.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const id = words.join("_");
  return /^\p{L}/u.test(id) ? id : ["node", ...words].join("_"); // a number alone would not keep its place
}

/**
 * An id that no node has, after a kind: `ksampler`, `ksampler_2`.
 * @param {Document} document @param {string} kind @param {Set<string>} [taken]
 */
export function newId(document, kind, taken = new Set(nodeIds(document))) {
  const stem = snakeCase(kind);
  let id = stem;
  for (let number = 2; taken.has(id); number += 1) id = `${stem}_${number}`;
  return id;
}

/**
 * Put nodes, new or changed, into a document.
 * @param {Document} document @param {Record<string, Node>} changed @returns {Document}
 */
function setNodes(document, changed) {
  const nodes = { ...document.nodes, ...changed };
  const before = (/** @type {string} */ id) => nodeOf(document, id);
  if (Object.keys(changed).every((id) => hasSameLinks(before(id), changed[id]))) keepWires(document.nodes, nodes);
  return { ...document, nodes };
}

/** @param {Node | undefined} before @param {Node} after */
function hasSameLinks(before, after) {
  if (!before) return false;
  const [old, now] = [linksOf(before), linksOf(after)];
  return old.length === now.length && old.every(([input, source], at) => now[at][0] === input && now[at][1] === source);
}

/** Put a node, new or changed, into a document. @param {Document} document @param {string} id @param {Node} node */
export const setNode = (document, id, node) => setNodes(document, { [id]: node });

/**
 * Change each of some nodes.
 * @param {Document} document @param {Iterable<string>} ids @param {(node: Node, id: string) => Node} change
 * @returns {Document}
 */
export function changeNodes(document, ids, change) {
  const known = [...ids].flatMap((id) => {
    const node = nodeOf(document, id);
    return node ? [{ id, node, changed: change(node, id) }] : [];
  });
  const differ = known.filter(({ node, changed }) => node !== changed);
  if (differ.length === 0) return document;
  return setNodes(document, Object.fromEntries(differ.map(({ id, changed }) => [id, changed])));
}

/** @param {Document} document @param {string} id @param {(node: Node) => Node} change */
export const changeNode = (document, id, change) => changeNodes(document, [id], change);

/**
 * Add a node of a kind at a place; `at` is where the part below its header begins.
 * @param {Document} document @param {string} kind @param {[number, number]} [at]
 * @param {Partial<Node> & {id?: string}} [fields] inputs, title, version; an id of one's own choice
 * @returns {{document: Document, id: string}}
 */
export function addNode(document, kind, at = [0, 0], { id = newId(document, kind), ...fields } = {}) {
  const added = setNode(document, id, { kind, inputs: {}, ...fields });
  return { document: moveNodes(added, { [id]: at }), id };
}

/** Give an input a literal. @param {Document} document @param {Target} target @param {any} value @returns {Document} */
export const setInput = (document, { node, input }, value) => setRaw(document, { node, input }, wrapped(value));

/**
 * Give an input what the document then has there: a literal or a link.
 * @param {Document} document @param {Target} target @param {any} raw @returns {Document}
 */
export const setRaw = (document, { node: id, input }, raw) =>
  changeNode(document, id, (node) =>
    same(inputOf(node, input), raw) ? node : { ...node, inputs: { ...node.inputs, [input]: raw } },
  );

/** Let an input have its default again. @param {Document} document @param {Target} target @returns {Document} */
export const resetInput = (document, { node: id, input }) =>
  changeNode(document, id, (node) =>
    Object.hasOwn(node.inputs, input) ? { ...node, inputs: without(node.inputs, new Set([input])) } : node,
  );

/**
 * Let every input that is not linked have its default again.
 * @param {Document} document @param {string} id @returns {Document}
 */
export const resetNode = (document, id) =>
  changeNode(document, id, (node) => {
    const literals = Object.keys(node.inputs).filter((name) => !isLink(node.inputs[name]));
    return literals.length ? { ...node, inputs: without(node.inputs, new Set(literals)) } : node;
  });

/**
 * An empty title is the kind's own.
 * @param {Document} document @param {string} id @param {string} title @returns {Document}
 */
export const setTitle = (document, id, title) => changeNode(document, id, (node) => withField(node, "title", title));

/**
 * @param {Document} document @param {Iterable<string>} ids @param {import("./document.js").Mode | "on"} mode
 * @returns {Document}
 */
export const setMode = (document, ids, mode) =>
  changeNodes(document, ids, (node) => withField(node, "mode", mode === "on" ? undefined : mode));

/**
 * What is done with a value at each run.
 * @param {Document} document @param {Target} target
 * @param {string} how `fixed`, `randomize`, `increment`, `decrement` or `increment-wrap`; empty: as without a word @returns {Document}
 */
export const setControl = (document, { node, input }, how) =>
  changeEntry(document, node, (entry) => {
    const control = withField(isObject(entry.control) ? entry.control : {}, input, how);
    return withField(entry, "control", keysOf(control).length ? control : undefined);
  });

/**
 * @template {Record<string, any>} T @param {T} object @param {string} name
 * @param {any} value an empty one takes the field away @returns {T}
 */
function withField(object, name, value) {
  if (value !== undefined && value !== "") return object[name] === value ? object : { ...object, [name]: value };
  return Object.hasOwn(object, name) ? /** @type {T} */ (without(object, new Set([name]))) : object;
}

/**
 * The node with other sources for its links to these nodes.
 * @param {Node} node @param {Set<string>} inside @param {(source: Source) => Source} instead @returns {Node}
 */
export function relinked(node, inside, instead) {
  const moved = linksOf(node).filter(([, source]) => inside.has(source.node));
  const changes = moved.map(([input, source]) => [input, { link: instead(source) }]);
  return moved.length ? { ...node, inputs: { ...node.inputs, ...Object.fromEntries(changes) } } : node;
}
