// @ts-check
/** The sub-workflows that copied nodes bring along: which they are, and what they are called where they come to. */

import { SUBWORKFLOW } from "./document.js";
import { entriesOf, ordered, own, pick, keysOf, same } from "./json.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {import("./document.js").Node} Node
 * @typedef {Record<string, Document>} Workflows
 */

/** The names of the sub-workflows that nodes use. @param {Node[]} nodes */
const namesIn = (nodes) =>
  nodes.filter(({ kind }) => kind.startsWith(SUBWORKFLOW)).map(({ kind }) => kind.slice(SUBWORKFLOW.length));

/** The names that a sub-workflow looks for outside of itself. @param {Document} workflow @returns {string[]} */
function namesOutside({ nodes, workflows = {} }) {
  const names = [...namesIn(Object.values(nodes)), ...Object.values(workflows).flatMap(namesOutside)];
  return names.filter((name) => !Object.hasOwn(workflows, name));
}

/** The sub-workflows that can be seen: inner ones before outer ones of the same name. @param {Document[]} scopes */
const seenFrom = (scopes) => /** @type {Workflows} */ (Object.assign({}, ...scopes.map(({ workflows }) => workflows)));

/** The sub-workflows that nodes use, and those that these use. @param {Node[]} nodes @param {Document[]} scopes */
export function usedWorkflows(nodes, scopes) {
  const known = seenFrom(scopes);
  const used = new Set(namesIn(nodes));
  for (const name of used) {
    const workflow = own(known, name);
    for (const other of workflow ? namesOutside(workflow) : []) used.add(other); // it may grow while it is read
  }
  return ordered(entriesOf(known).filter(([name]) => used.has(name)));
}

/**
 * What others add to the sub-workflows that can be seen. One whose name another has gets a new one, and so does one that
 * uses such a one; one that is seen already adds nothing.
 * @param {Workflows} more @param {Document[]} scopes where they are seen from
 * @returns {{added: Workflows, renamed: Map<string, string>}} `renamed`: old kinds and new ones, of what is more
 */
export function joinedWorkflows(more, scopes) {
  const known = seenFrom(scopes);
  const others = othersOf(known, more);
  const renamed = new Map();
  const taken = new Set([...keysOf(known), ...keysOf(more)]);
  for (const name of others) {
    const free = unused(name, taken);
    taken.add(free);
    renamed.set(SUBWORKFLOW + name, SUBWORKFLOW + free);
  }
  const nameOf = (/** @type {string} */ name) => (renamed.get(SUBWORKFLOW + name) ?? SUBWORKFLOW + name).slice(1);
  const news = entriesOf(more).filter(([name]) => others.has(name) || !Object.hasOwn(known, name));
  const added = ordered(news.map(([name, workflow]) => [nameOf(name), withKinds(workflow, renamed)]));
  return { added, renamed };
}

/**
 * The names that mean something else in both.
 * @param {Workflows} known @param {Workflows} more @returns {Set<string>}
 */
function othersOf(known, more) {
  const shared = keysOf(more).filter((name) => Object.hasOwn(known, name));
  const others = new Set(shared.filter((name) => !same(known[name], more[name])));
  const uses = (/** @type {string} */ name) => namesOutside(more[name]).some((used) => others.has(used));
  for (let count = -1; count !== others.size; ) {
    count = others.size;
    for (const name of shared) if (uses(name)) others.add(name);
  }
  return others;
}

/** @param {string} wish @param {Set<string>} taken */
function unused(wish, taken) {
  let name = wish;
  for (let number = 2; taken.has(name); number += 1) name = `${wish} ${number}`;
  return name;
}

/** @param {Node} node @param {Map<string, string>} renamed @returns {Node} */
export const asRenamed = (node, renamed) => {
  const kind = renamed.get(node.kind);
  return kind ? { ...node, kind } : node;
};

/**
 * A sub-workflow that uses others by their new names.
 * @param {Document} workflow @param {Map<string, string>} renamed @returns {Document}
 */
function withKinds(workflow, renamed) {
  const { nodes, workflows = {} } = workflow;
  const outside = new Map([...renamed].filter(([kind]) => !Object.hasOwn(workflows, kind.slice(1))));
  if (!namesOutside(workflow).some((name) => outside.has(SUBWORKFLOW + name))) return workflow;
  const inner = pick(workflows, keysOf(workflows), (_name, sub) => withKinds(sub, outside));
  return {
    ...workflow,
    nodes: pick(nodes, keysOf(nodes), (_id, node) => asRenamed(node, outside)),
    ...(workflow.workflows ? { workflows: inner } : {}),
  };
}
