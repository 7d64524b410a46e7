// @ts-check
/** Copies of nodes: a fragment is a small document (nodes, their places, sub-workflows they use) put into another. */

import { asRenamed, joinedWorkflows, usedWorkflows } from "./copied_workflows.js";
import { entryOf, framesOf, linksOf, nodeIds, nodeOf, positionOf } from "./document.js";
import { shiftedFrame, withFolded } from "./edit_frames.js";
import { newId } from "./edit_nodes.js";
import { changeLayout, rounded, shifted } from "./edit_layout.js";
import { entriesOf, keysOf, ordered, without } from "./json.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {import("./document.js").Node} Node
 * @typedef {import("./document.js").Frame} Frame
 * @typedef {[number, number]} Point
 * @typedef {{document: Document, ids: string[]}} Copied
 */

/**
 * The part of a document that these nodes are; links to other nodes stay with `outside`, else they are no part of it.
 * @param {Document} document @param {Iterable<string>} ids
 * @param {{frames?: Frame[], outside?: boolean, scopes?: Document[]}} [options] `scopes`: those around the nodes
 * @returns {Document}
 */
export function fragment(document, ids, { frames = [], outside = false, scopes = [document] } = {}) {
  const wanted = new Set(ids);
  const taken = nodeIds(document).filter((id) => wanted.has(id));
  const names = new Map(taken.map((id) => [id, id]));
  const around = outside ? document : undefined;
  const nodes = ordered(taken.map((id) => [id, relinked(document.nodes[id], names, around)]));
  const entries = ordered(taken.map((id) => [id, entryOf(document, id)]));
  const workflows = usedWorkflows(Object.values(nodes), scopes);
  return {
    graphengine: 1,
    nodes,
    ...(keysOf(workflows).length ? { workflows } : {}),
    layout: { nodes: entries, ...(frames.length ? { groups: frames } : {}) },
  };
}

/**
 * Put a fragment into a document under new ids. Links inside it lead to the copies; those to nodes outside it are
 * kept with `outside`, where such a node is there, and dropped otherwise.
 * @param {Document} document @param {Document} part @param {Point} by how far from its own place
 * @param {{outside?: boolean, scopes?: Document[]}} [options] `scopes`: the document, and the sub-workflows around it
 * @returns {Copied}
 */
export function paste(document, part, by = [0, 0], { outside = false, scopes = [document] } = {}) {
  if (nodeIds(part).length + framesOf(part).length === 0) return { document, ids: [] };
  const { added, renamed } = joinedWorkflows(part.workflows ?? {}, scopes);
  const ids = freshIds(document, part);
  const copy = (/** @type {Node} */ node) => relinked(asRenamed(node, renamed), ids, outside ? document : undefined);
  const nodes = ordered(nodeIds(part).map((id) => [/** @type {string} */ (ids.get(id)), copy(part.nodes[id])]));
  const wider = keysOf(added).length ? { ...document, workflows: { ...document.workflows, ...added } } : document;
  const pasted = { ...wider, nodes: ordered([...entriesOf(document.nodes), ...entriesOf(nodes)]) };
  return { document: withPlaces(pasted, part, ids, by), ids: [...ids.values()] };
}

/**
 * Copy nodes beside themselves; wires from nodes outside lead to the copies too.
 * @param {Document} document @param {Iterable<string>} ids @param {Point} by @returns {Copied}
 */
export const duplicate = (document, ids, by = [40, 40]) =>
  paste(document, fragment(document, ids, { outside: true }), by, { outside: true });

/** @param {Document} document @param {Document} part @returns {Map<string, string>} */
function freshIds(document, part) {
  const taken = new Set(nodeIds(document));
  return new Map(
    nodeIds(part).map((id) => {
      const fresh = newId(document, part.nodes[id].kind, taken);
      taken.add(fresh);
      return [id, fresh];
    }),
  );
}

/**
 * @param {Node} node @param {Map<string, string>} ids @param {Document} [around] where other links may lead
 * @returns {Node}
 */
function relinked(node, ids, around) {
  const links = linksOf(node);
  const lost = links.filter(([, source]) => !ids.has(source.node) && !(around && nodeOf(around, source.node)));
  const moved = links.filter(([, source]) => ids.has(source.node));
  const inputs = without(node.inputs, new Set(lost.map(([input]) => input)));
  const changes = moved.map(([input, source]) => [input, { link: { ...source, node: ids.get(source.node) } }]);
  return { ...node, inputs: { ...inputs, ...Object.fromEntries(changes) } };
}

/**
 * @param {Document} document @param {Document} part @param {Map<string, string>} ids @param {Point} by
 * @returns {Document}
 */
function withPlaces(document, part, ids, by) {
  const place = (/** @type {string} */ id) => rounded(shifted(positionOf(part, id) ?? [0, 0], by));
  const places = [...ids].map(([id, fresh]) => [fresh, { ...entryOf(part, id), pos: place(id) }]);
  const frames = withFolded(framesOf(part), (id) => ids.get(id)).map((frame) => shiftedFrame(frame, by));
  return changeLayout(document, (layout) => ({
    ...layout,
    nodes: { ...layout.nodes, ...Object.fromEntries(places) },
    ...(frames.length ? { groups: [...(layout.groups ?? []), ...frames] } : {}),
  }));
}
