// @ts-check
/**
 * Copies of nodes: a fragment is a small document (nodes, their places, the sub-workflows they use) put into another
 * .
 */

import { entryOf, framesOf, linksOf, nodeIds, nodeOf, positionOf, SUBWORKFLOW } from "./document.js";
import { shiftedFrame } from "./edit_frames.js";
import { newId } from "./edit_nodes.js";
import { changeLayout, rounded, shifted } from "./edit_layout.js";
import { entriesOf, keysOf, ordered, same, without } from "./json.js";

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
 * @param {{frames?: Frame[], outside?: boolean}} [options] @returns {Document}
 */
export function fragment(document, ids, { frames = [], outside = false } = {}) {
  const wanted = new Set(ids);
  const taken = nodeIds(document).filter((id) => wanted.has(id));
  const same = new Map(taken.map((id) => [id, id]));
  const around = outside ? document : undefined;
  const nodes = ordered(taken.map((id) => [id, relinked(document.nodes[id], same, around)]));
  const entries = ordered(taken.map((id) => [id, entryOf(document, id)]));
  const workflows = usedWorkflows(document, Object.values(nodes));
  return {
    graphengine: 1,
    nodes,
    ...(keysOf(workflows).length ? { workflows } : {}),
    layout: { nodes: entries, ...(frames.length ? { groups: frames } : {}) },
  };
}

/** The names of the sub-workflows that nodes use. @param {Node[]} nodes */
const namesIn = (nodes) =>
  nodes.filter(({ kind }) => kind.startsWith(SUBWORKFLOW)).map(({ kind }) => kind.slice(SUBWORKFLOW.length));

/**
 * The sub-workflows that nodes use, and those that these use.
 * @param {Document} document @param {Node[]} nodes @returns {Record<string, Document>}
 */
function usedWorkflows(document, nodes) {
  const known = document.workflows ?? {};
  const used = new Set(namesIn(nodes));
  for (const name of used) {
    const inner = Object.hasOwn(known, name) ? namesIn(Object.values(known[name].nodes)) : [];
    for (const other of inner) used.add(other); // it may grow while it is read
  }
  return ordered(entriesOf(known).filter(([name]) => used.has(name)));
}

/**
 * Put a fragment into a document under new ids. Links inside it lead to the copies; those to nodes outside it are
 * kept with `outside`, where such a node is there, and dropped otherwise.
 * @param {Document} document @param {Document} part @param {Point} by how far from its own place
 * @param {{outside?: boolean}} [options] @returns {Copied}
 */
export function paste(document, part, by = [0, 0], { outside = false } = {}) {
  if (nodeIds(part).length + framesOf(part).length === 0) return { document, ids: [] };
  const { document: wider, renamed } = withWorkflows(document, part.workflows ?? {});
  const ids = freshIds(document, part);
  const copy = (/** @type {Node} */ node) => relinked(asRenamed(node, renamed), ids, outside ? document : undefined);
  const nodes = ordered(nodeIds(part).map((id) => [/** @type {string} */ (ids.get(id)), copy(part.nodes[id])]));
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
 * Bring sub-workflows along; one that is another under the same name gets a new name.
 * @param {Document} document @param {Record<string, Document>} workflows
 */
function withWorkflows(document, workflows) {
  const known = { ...document.workflows };
  const renamed = new Map();
  for (const [name, workflow] of entriesOf(workflows)) {
    const differs = (/** @type {string} */ other) => Object.hasOwn(known, other) && !same(known[other], workflow);
    let free = name;
    for (let number = 2; differs(free); number += 1) free = `${name} ${number}`;
    if (free !== name) renamed.set(SUBWORKFLOW + name, SUBWORKFLOW + free);
    known[free] = workflow;
  }
  return { document: keysOf(known).length ? { ...document, workflows: known } : document, renamed };
}

/** @param {Node} node @param {Map<string, string>} renamed @returns {Node} */
const asRenamed = (node, renamed) => (renamed.has(node.kind) ? { ...node, kind: renamed.get(node.kind) ?? "" } : node);

/**
 * @param {Document} document @param {Document} part @param {Map<string, string>} ids @param {Point} by
 * @returns {Document}
 */
function withPlaces(document, part, ids, by) {
  const place = (/** @type {string} */ id) => rounded(shifted(positionOf(part, id) ?? [0, 0], by));
  const places = [...ids].map(([id, fresh]) => [fresh, { ...entryOf(part, id), pos: place(id) }]);
  const frames = framesOf(part).map((frame) => shiftedFrame(frame, by));
  return changeLayout(document, (layout) => ({
    ...layout,
    nodes: { ...layout.nodes, ...Object.fromEntries(places) },
    ...(frames.length ? { groups: [...(layout.groups ?? []), ...frames] } : {}),
  }));
}
