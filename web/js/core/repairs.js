// @ts-check
/**
 * What a workflow needs that is not here: kinds, files and other choices, newer versions of kinds. The same thing that
 * several nodes miss is one repair.
 */

import { nodeOf } from "./document.js";
import { changeNodes, setInput } from "./edit_nodes.js";
import { without } from "./json.js";
import { replaceKind } from "./replace.js";
import { createIndex, plain } from "./search.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {import("./kinds.js").Kinds} Kinds
 * @typedef {{code: string, node: string, input: string, data?: any}} Problem as the server tells it
 * @typedef {{what: "kind" | "choice" | "version", name: string, targets: import("./document.js").Target[],
 *   near: string[], port?: import("./ports.js").Port, problems: Problem[]}} Repair `near`: what could take its place
 */

const MOST_NEAR = 3;

/** @type {Record<string, Repair["what"]>} */
const REPAIRED = { unknown_kind: "kind", bad_choice: "choice", newer_version: "version" };

/**
 * The repairs that some problems ask for; problems of nodes inside sub-workflows are none of them.
 * @param {Document} document @param {Kinds} kinds @param {Problem[]} problems @returns {Repair[]}
 */
export function repairsOf(document, kinds, problems) {
  /** @type {Map<string, Repair>} */
  const repairs = new Map();
  for (const problem of problems) {
    const { code, node: id, input } = problem;
    const [what, node] = [REPAIRED[code], nodeOf(document, id)];
    if (!what || !node) continue;
    const port = what === "choice" ? kinds.inputOf(node, input, document) : undefined;
    const name = what === "choice" ? String(problem.data?.value ?? "") : node.kind;
    const key = JSON.stringify([what, name, port && (port.source ?? [node.kind, input])]);
    /** @type {Repair} */
    const repair = repairs.get(key) ?? { what, name, targets: [], near: problem.data?.near ?? [], port, problems: [] };
    repair.targets.push({ node: id, input });
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
  if (what === "version") {
    return changeNodes(document, targets.map(({ node }) => node), (node) => versioned(node, kinds.of(node.kind)?.version ?? 1));
  }
  return targets.reduce((changed, target) =>
    what === "kind" ? replaceKind(changed, target.node, instead, kinds).document : setInput(changed, target, instead), document);
}

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
