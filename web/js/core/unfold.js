// @ts-check
/** A node that uses a sub-workflow made its nodes again. */

import { paste } from "./copies.js";
import { definitionOf, inputOf, linksOf, middle, nodeIds, nodeOf, positionOf } from "./document.js";
import { changeNode, relinked, setRaw } from "./edit_nodes.js";
import { entriesOf, ordered, own } from "./json.js";
import { removeNodes } from "./remove.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {import("./document.js").Node} Node
 * @typedef {import("./document.js").Source} Source
 * @typedef {import("./document.js").Target} Target
 */

/**
 * Put the nodes of a sub-workflow in the place of a node that uses it; the sub-workflow itself stays.
 * @param {Document} document @param {string} id
 * @param {Document[]} [scopes] the document, and the sub-workflows down to this one
 * @returns {{document: Document, ids: string[]}}
 */
export function unfold(document, id, scopes = [document]) {
  const user = nodeOf(document, id);
  const found = user && definitionOf(user.kind, scopes);
  if (!user || !found) return { document, ids: [] };
  const { workflow } = found;
  const [x, y] = middle(workflow, new Set(nodeIds(workflow)));
  const [left, top] = positionOf(document, id) ?? [0, 0];
  const { document: pasted, ids } = paste(document, workflow, [left - x, top - y], { scopes });
  const names = new Map(nodeIds(workflow).map((inner, index) => [inner, ids[index]]));
  const fed = feed(pasted, user, workflow, names);
  const read = readers(fed, id, workflow, names);
  return { document: removeNodes(exposedAgain(read, id, workflow, names), [id]), ids };
}

/**
 * Give the inner inputs what the node that used the sub-workflow gave.
 * @param {Document} document @param {Node} user @param {Document} workflow @param {Map<string, string>} names
 * @returns {Document}
 */
function feed(document, user, workflow, names) {
  const targets = entriesOf(workflow.interface?.inputs ?? {}).flatMap(([name, all]) =>
    all.map((/** @type {Target} */ target) => ({ target, raw: inputOf(user, name) })),
  );
  const given = targets.filter(({ raw }) => raw !== undefined);
  const inner = (/** @type {Target} */ { node, input }) => ({ node: names.get(node) ?? "", input });
  return given.reduce((fed, { target, raw }) => setRaw(fed, inner(target), raw), document);
}

/**
 * Let those that read the node's outputs read the inner ones.
 * @param {Document} document @param {string} id @param {Document} workflow @param {Map<string, string>} names
 * @returns {Document}
 */
function readers(document, id, workflow, names) {
  const outputs = workflow.interface?.outputs ?? {};
  const reads = (/** @type {string} */ other) => linksOf(document.nodes[other]).some(([, { node }]) => node === id);
  const inner = (/** @type {Source} */ { node, output }) => {
    const source = own(outputs, output);
    return source ? { node: names.get(source.node) ?? "", output: source.output } : { node, output };
  };
  return nodeIds(document)
    .filter(reads)
    .reduce((read, other) => changeNode(read, other, (node) => relinked(node, new Set([id]), inner)), document);
}

/**
 * Let what the interface says of the node be said of the inner ones.
 * @param {Document} document @param {string} id @param {Document} workflow @param {Map<string, string>} names
 * @returns {Document}
 */
function exposedAgain(document, id, workflow, names) {
  if (!document.interface) return document;
  const { inputs = {}, outputs = {}, ...rest } = document.interface;
  const inside = workflow.interface ?? { inputs: {}, outputs: {} };
  const target = (/** @type {Target} */ { input }) =>
    (own(inside.inputs, input) ?? []).map((inner) => ({ ...inner, node: names.get(inner.node) ?? "" }));
  const given = entriesOf(inputs).map(([name, targets]) => [
    name,
    targets.flatMap((/** @type {Target} */ one) => (one.node === id ? target(one) : [one])),
  ]);
  const taken = entriesOf(outputs).map(([name, source]) => {
    const inner = source.node === id ? own(inside.outputs, source.output) : undefined;
    return [name, inner ? { ...inner, node: names.get(inner.node) ?? "" } : source];
  });
  const face = { ...rest, inputs: ordered(/** @type {any} */ (given)), outputs: ordered(/** @type {any} */ (taken)) };
  return { ...document, interface: face };
}
