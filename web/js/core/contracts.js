// @ts-check
/**
 * The interface of a sub-workflow is a contract with the nodes that use it, wherever in the document they are.
 *
 * A change of it is worked out as a whole: the next document, and what its users would lose. Who decides sees the
 * losses first, and has the document at hand.
 */

import { definitionOf, isLink, nodeIds, SUBWORKFLOW, wiresFrom } from "./document.js";
import { setInterface } from "./edit_interface.js";
import { changeNodes } from "./edit_nodes.js";
import { entriesOf, keysOf, ordered, own, same } from "./json.js";
import { changeWorkflow, scopesAt } from "./subworkflows.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {import("./document.js").Interface} Interface
 * @typedef {import("./document.js").Source} Source
 * @typedef {import("./document.js").Target} Target
 * @typedef {{path: string[], node: string}} User of a sub-workflow; `path`: the names that lead to the node's workflow
 * @typedef {User & {inputs: string[], outputs: string[]}} Loss
 * @typedef {{inputs?: Record<string, string>, outputs?: Record<string, string>}} Renamed new names by the old ones
 */

/** Every workflow of a document, by the names that lead to it. @param {Document} document @param {string[]} [path] @returns {string[][]} */
export const pathsIn = (document, path = []) => [
  path,
  ...entriesOf(document.workflows ?? {}).flatMap(([name, inner]) => pathsIn(inner, [...path, name])),
];

/** The nodes that use a sub-workflow. @param {Document} document @param {string[]} path @returns {User[]} */
export function usersOf(document, path) {
  const kind = SUBWORKFLOW + path[path.length - 1];
  const meant = scopesAt(document, path).at(-1);
  return pathsIn(document).flatMap((around) => {
    const scopes = scopesAt(document, around);
    const workflow = scopes[scopes.length - 1];
    const uses = (/** @type {string} */ id) =>
      workflow.nodes[id].kind === kind && definitionOf(kind, scopes)?.workflow === meant;
    return nodeIds(workflow).filter(uses).map((node) => ({ path: around, node }));
  });
}

/**
 * Give a sub-workflow another interface. Its users follow: what got another name has it there too, what is gone they
 * lose, and where that was an output or input of their own workflow, the users of that one lose it in turn.
 * @param {Document} document @param {string[]} path @param {Interface} face @param {Renamed} [renamed]
 * @returns {{document: Document, lost: Loss[]}}
 */
export function changeContract(document, path, face, renamed = {}) {
  const users = path.length ? usersOf(document, path) : [];
  const lost = users.map(({ path: around, node }) => lossOf(scopesAt(document, around).at(-1), around, node, face, renamed));
  let changed = changeWorkflow(document, path, (workflow) => setInterface(workflow, face));
  const further = /** @type {Loss[]} */ ([]);
  for (const around of new Set(users.map((user) => user.path))) {
    const ids = new Set(users.filter((user) => user.path === around).map(({ node }) => node));
    changed = changeWorkflow(changed, around, (workflow) => followed(workflow, ids, face, renamed));
    const next = faceAfter(scopesAt(changed, around).at(-1), ids, face, renamed);
    if (!next) continue;
    const outer = changeContract(changed, around, next);
    changed = outer.document;
    further.push(...outer.lost);
  }
  return { document: changed, lost: [...lost.filter(({ inputs, outputs }) => inputs.length + outputs.length), ...further] };
}

/** The name that a port has after a change; undefined if it is gone. @param {Record<string, any>} ports @param {Record<string, string>} [names] */
const nameAfter = (ports, names = {}) => (/** @type {string} */ name) => {
  const next = own(names, name) ?? name;
  return own(ports ?? {}, next) ? next : undefined;
};

/** @param {Document | undefined} workflow @param {string[]} path @param {string} node @param {Interface} face @param {Renamed} renamed @returns {Loss} */
function lossOf(workflow, path, node, face, renamed) {
  if (!workflow) return { path, node, inputs: [], outputs: [] };
  const [input, output] = [nameAfter(face.inputs, renamed.inputs), nameAfter(face.outputs, renamed.outputs)];
  const taken = new Set(wiresFrom(workflow, node).map(({ from }) => from.output));
  for (const source of Object.values(workflow.interface?.outputs ?? {})) if (source.node === node) taken.add(source.output);
  return {
    path,
    node,
    inputs: keysOf(workflow.nodes[node].inputs).filter((name) => input(name) === undefined),
    outputs: [...taken].filter((name) => output(name) === undefined),
  };
}

/** A workflow whose nodes use the interface as it is now. @param {Document} workflow @param {Set<string>} ids @param {Interface} face @param {Renamed} renamed @returns {Document} */
function followed(workflow, ids, face, renamed) {
  const [input, output] = [nameAfter(face.inputs, renamed.inputs), nameAfter(face.outputs, renamed.outputs)];
  const valueAfter = (/** @type {any} */ value) => {
    if (!isLink(value) || !ids.has(value.link.node)) return value;
    const next = output(value.link.output);
    return next === value.link.output ? value : next && { ...value, link: { ...value.link, output: next } };
  };
  return changeNodes(workflow, nodeIds(workflow), (node, id) => {
    const before = entriesOf(node.inputs);
    const after = before.map(([name, value]) => /** @type {[string | undefined, any]} */ ([ids.has(id) ? input(name) : name, valueAfter(value)]));
    if (after.every(([name, value], at) => name === before[at][0] && value === before[at][1])) return node;
    const kept = /** @type {[string, any][]} */ (after.filter(([name, value]) => name !== undefined && value !== undefined));
    return { ...node, inputs: ordered(kept) };
  });
}

/** The interface of a workflow that shows ports of such nodes; undefined if it stays. @param {Document | undefined} workflow @param {Set<string>} ids @param {Interface} face @param {Renamed} renamed @returns {Interface | undefined} */
function faceAfter(workflow, ids, face, renamed) {
  if (!workflow?.interface) return undefined;
  const [input, output] = [nameAfter(face.inputs, renamed.inputs), nameAfter(face.outputs, renamed.outputs)];
  const target = (/** @type {Target} */ one) => (ids.has(one.node) ? { ...one, input: input(one.input) } : one);
  const source = (/** @type {Source} */ one) => (ids.has(one.node) ? { ...one, output: output(one.output) } : one);
  const inputs = entriesOf(workflow.interface.inputs ?? {}).map(([name, all]) =>
    /** @type {[string, any[]]} */ ([name, all.map(target).filter((/** @type {any} */ one) => one.input !== undefined)]));
  const outputs = entriesOf(workflow.interface.outputs ?? {}).map(([name, one]) => /** @type {[string, any]} */ ([name, source(one)]));
  const next = {
    ...workflow.interface,
    inputs: ordered(inputs.filter(([, all]) => all.length)),
    outputs: ordered(outputs.filter(([, one]) => one.output !== undefined)),
  };
  return same(next, workflow.interface) ? undefined : next;
}

/**
 * Give a sub-workflow another name; the nodes that use it follow.
 * @param {Document} document @param {string[]} path @param {string} name @returns {Document}
 */
export function renameWorkflow(document, path, name) {
  const [around, old] = [path.slice(0, -1), path[path.length - 1]];
  const users = usersOf(document, path);
  const changed = users.reduce((next, user) => changeWorkflow(next, user.path, (workflow) =>
    changeNodes(workflow, [user.node], (node) => ({ ...node, kind: SUBWORKFLOW + name }))), document);
  return changeWorkflow(changed, around, (workflow) => ({
    ...workflow,
    workflows: ordered(entriesOf(workflow.workflows ?? {}).map(([key, inner]) => [key === old ? name : key, inner])),
  }));
}

/** Take a sub-workflow away that nothing uses. @param {Document} document @param {string[]} path @returns {Document} */
export function removeWorkflow(document, path) {
  const [around, old] = [path.slice(0, -1), path[path.length - 1]];
  return changeWorkflow(document, around, ({ workflows = {}, ...rest }) => {
    const left = entriesOf(workflows).filter(([name]) => name !== old);
    return left.length ? { ...rest, workflows: ordered(left) } : rest;
  });
}
