// @ts-check
/**
 * What a workflow needs that is not here: kinds, files and other choices, newer versions of kinds. The same thing that
 * several nodes miss is one repair.
 */

import { findNode } from "./places.js";
import { changeNodes, setInput } from "./edit_nodes.js";
import { same, without } from "./json.js";
import { replaceKind } from "./replace.js";
import { createIndex, plain } from "./search.js";
import { changeWorkflow } from "./subworkflows.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {import("./kinds.js").Kinds} Kinds
 * @typedef {{code: string, node: string, input: string, data?: any}} Problem as the server tells it
 * @typedef {{called: string, node: string, input: string, path: string[], scopes: Document[]}} Place `called`: as the
 *   server calls the node; `path`: the names that lead to its sub-workflow
 * @typedef {{what: "kind" | "choice" | "version", name: string, targets: Place[],
 *   near: string[], port?: import("./ports.js").Port, problems: Problem[]}} Repair `near`: what could take its place
 */

const MOST_NEAR = 3;

/** @type {Record<string, Repair["what"]>} */
const REPAIRED = { unknown_kind: "kind", bad_choice: "choice", newer_version: "version" };

/**
 * The repairs that some problems ask for, also inside sub-workflows: once for all that use one.
 * @param {Document} document @param {Kinds} kinds @param {Problem[]} problems @returns {Repair[]}
 */
export function repairsOf(document, kinds, problems) {
  /** @type {Map<string, Repair>} */
  const repairs = new Map();
  for (const problem of problems) {
    const { code, node: called, input } = problem;
    const { path, scopes, node: id, found: node } = findNode(document, called);
    const what = REPAIRED[code];
    if (!what || !node) continue;
    const port = what === "choice" ? kinds.inputOf(node, input, scopes) : undefined;
    const name = what === "choice" ? String(problem.data?.value ?? "") : node.kind;
    const key = JSON.stringify([what, name, port && (port.source ?? [node.kind, input])]);
    /** @type {Repair} */
    const repair = repairs.get(key) ?? { what, name, targets: [], near: problem.data?.near ?? [], port, problems: [] };
    const isKnown = repair.targets.some((one) => one.node === id && one.input === input && same(one.path, path));
    if (!isKnown) repair.targets.push({ called, node: id, input, path, scopes });
    repair.problems.push(problem);
    repairs.set(key, repair);
  }
  return [...repairs.values()];
}

/**
 * The document with a repair made: another kind, another choice, or what is here taken as it is.
 * @param {Document} document @param {Kinds} kinds @param {Repair} repair @param {any} instead @returns {Document}
 */
export function repaired(document, kinds, { what, targets }, instead) {
  return targets.reduce((changed, target) => changeWorkflow(changed, target.path, (inner) => FIXES[what](inner, kinds, target, instead)), document);
}

/** @type {Record<Repair["what"], (document: Document, kinds: Kinds, target: Place, instead: any) => Document>} */
const FIXES = {
  kind: (document, kinds, { node, scopes }, instead) => replaceKind(document, node, instead, kinds, [...scopes.slice(0, -1), document]).document,
  choice: (document, _kinds, target, instead) => setInput(document, target, instead),
  version: (document, kinds, { node: id }) => changeNodes(document, [id], (node) => versioned(node, kinds.of(node.kind)?.version ?? 1)),
};

/** @param {import("./document.js").Node} node @param {number} version */
const versioned = (node, version) =>
  version === 1 ? /** @type {typeof node} */ (without(node, new Set(["version"]))) : { ...node, version };

/**
 * The choices that are most like one that is missing: the same file in another folder first.
 * @param {string} missing @param {string[]} choices @returns {string[]}
 */
export function nearest(missing, choices) {
  const stem = stemOf(missing);
  const same = choices.filter((choice) => stemOf(choice) === stem);
  const find = createIndex(choices, (choice) => ({ strong: [stemOf(choice)] }));
  const words = stem.split(" ");
  const found = words.map((_word, index) => words.slice(0, words.length - index).join(" ")).flatMap((query) => find(query, { limit: MOST_NEAR }));
  return [...new Set([...same, ...found])].slice(0, MOST_NEAR);
}

/** The words of a file's name, without folders and ending. @param {string} name */
const stemOf = (name) => (plain(name.replace(/^.*[/\\]/, "").replace(/\.[a-z]+$/i, "")).match(/[\p{L}\p{N}.]+/gu) ?? []).join(" ");
