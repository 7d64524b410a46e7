// @ts-check
/**
 * Places: where people are in a nest of sub-workflows, as the ids of the nodes that were opened, outermost first.
 *
 * The server calls inner nodes `outer:inner`, however deep; here such a name is led back to a place and a node there.
 */

import { definitionOf, nodeIds, nodeOf } from "./document.js";
import { keysOf } from "./json.js";
import { scopesAt } from "./subworkflows.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {string[]} Place
 * @typedef {{place: Place, path: string[], scopes: Document[]}} Found `path`: the names that lead to the sub-workflow;
 *   `scopes`: the document, and the sub-workflows down to that one
 */

/**
 * What a place leads to, as far as it leads anywhere.
 * @param {Document} document @param {Place} place @returns {Found}
 */
export function foundAt(document, place) {
  /** @type {Found} */
  let found = { place: [], path: [], scopes: [document] };
  for (const id of place) {
    const next = entered(found, id);
    if (!next) break;
    found = next;
  }
  return found;
}

/** The sub-workflow that a node uses, seen from where the node is. @param {Found} found @param {string} id @returns {Found | undefined} */
function entered({ place, path, scopes }, id) {
  const node = nodeOf(scopes[scopes.length - 1], id);
  const definition = node && definitionOf(node.kind, scopes);
  if (!node || !definition) return undefined;
  const around = path.slice(0, definition.scopes.length - 2);
  return { place: [...place, id], path: [...around, node.kind.slice(1)], scopes: definition.scopes };
}

/** What the names of inner nodes begin with. @param {Place} place */
export const prefixOf = (place) => place.map((id) => `${id}:`).join("");

/**
 * The node of a workflow that a name is about: the one of this name, or the one that it is inside of.
 * @param {Document} document @param {string} name seen from this workflow @returns {string | undefined}
 */
export function ownerOf(document, name) {
  if (nodeOf(document, name)) return name;
  for (let end = name.indexOf(":"); end >= 0; end = name.indexOf(":", end + 1)) {
    if (nodeOf(document, name.slice(0, end))) return name.slice(0, end);
  }
  return undefined;
}

/**
 * Where the node of a name is; the nearest around it if it is no longer there.
 * @param {Document} document @param {string} name as the server says it @returns {{place: Place, node?: string}}
 */
export function whereIs(document, name) {
  let found = foundAt(document, []);
  for (let rest = name; ; ) {
    const node = ownerOf(found.scopes[found.scopes.length - 1], rest);
    const next = node === undefined || node === rest ? undefined : entered(found, node);
    if (!next) return { place: found.place, node };
    rest = rest.slice(/** @type {string} */ (node).length + 1);
    found = next;
  }
}

/**
 * The node of a name, and the workflow that it is in; no node if it is no longer there.
 * @param {Document} document @param {string} name as the server says it
 */
export function findNode(document, name) {
  const { place, node = "" } = whereIs(document, name);
  const { path, scopes } = foundAt(document, place);
  const inner = scopes[scopes.length - 1];
  return { path, scopes, inner, node, found: prefixOf(place) + node === name ? nodeOf(inner, node) : undefined };
}

/** A place for each workflow of a document that nodes lead to, outermost first. @param {Document} document @returns {Place[]} */
export function placesIn(document) {
  const seen = new Set([document]);
  const places = [/** @type {Place} */ ([])];
  for (const place of places) { // a list may grow while it is read
    const found = foundAt(document, place);
    for (const id of nodeIds(found.scopes[found.scopes.length - 1])) {
      const workflow = entered(found, id)?.scopes.at(-1);
      if (!workflow || seen.has(workflow)) continue;
      seen.add(workflow);
      places.push([...place, id]);
    }
  }
  return places;
}

/**
 * The place to show after an undo: this one where it changed itself, else the first where something did.
 * @param {Document} before @param {Document} now @param {Place} place @returns {Place}
 */
export function changedPlace(before, now, place) {
  const here = foundAt(now, place);
  if (here.place.length < place.length || isChanged(before, here)) return here.place;
  return placesIn(now).find((other) => isChanged(before, foundAt(now, other))) ?? here.place;
}

/** Whether a workflow is another than before, apart from those in it. @param {Document} before @param {Found} found */
function isChanged(before, { path, scopes }) {
  const known = scopesAt(before, path);
  const [then, now] = [known[known.length - 1], scopes[scopes.length - 1]];
  if (known.length < scopes.length) return true;
  return [...new Set([...keysOf(then), ...keysOf(now)])].some((field) => field !== "workflows" && then[field] !== now[field]);
}

/**
 * How many nodes a workflow has once its sub-workflows are unfolded.
 * @param {Document} document @param {Document[]} [scopes] the document, and the sub-workflows down to this one
 */
export function countNodes(document, scopes = [document]) {
  let count = 0;
  for (const id of nodeIds(document)) {
    const inner = definitionOf(document.nodes[id].kind, scopes);
    if (!inner) count += 1;
    else if (!scopes.includes(inner.workflow)) count += countNodes(inner.workflow, inner.scopes);
  }
  return count;
}
