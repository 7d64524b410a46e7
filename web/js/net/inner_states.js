// @ts-check
/** What a run tells of a nest of sub-workflows, as one of its workflows shows it: inner nodes speak through their owner. Pure. */

import { ownerOf } from "../core/places.js";
import { summary } from "../core/run_state.js";

/**
 * @typedef {import("../core/document.js").Document} Document
 * @typedef {import("./run_states.js").RunState} RunState
 * @typedef {import("./run_states.js").RunStates} RunStates
 * @typedef {{owner: string, direct: boolean}} Shown `direct`: it is the node itself
 */

/**
 * Which node of a workflow a name of the server's is about.
 * @param {Document} document @param {string} prefix of the workflow's nodes @param {string} name @returns {Shown | undefined}
 */
export function shownBy(document, prefix, name) {
  if (!name.startsWith(prefix)) return undefined;
  const inner = name.slice(prefix.length);
  const owner = ownerOf(document, inner);
  return owner === undefined ? undefined : { owner, direct: owner === inner };
}

/**
 * Lists of what is told of nodes, by the nodes that show it.
 * @template T @param {Document} document @param {string} prefix @param {Iterable<[string, T]>} told
 * @returns {Map<string, T[]>}
 */
export function byOwner(document, prefix, told) {
  const found = new Map();
  for (const [name, one] of told) {
    const shown = shownBy(document, prefix, name);
    if (shown) found.set(shown.owner, [...(found.get(shown.owner) ?? []), one]);
  }
  return found;
}

/** @param {RunStates} states @param {Document} document @param {string} prefix @returns {RunStates} */
export const statesAt = (states, document, prefix) =>
  new Map([...byOwner(document, prefix, states)].map(([id, all]) => [id, summary(all)]));

/**
 * Problems as a workflow shows them: on the node itself, or on the one that it is inside of.
 * @template {{node?: string, input?: string}} P
 * @param {P[]} problems @param {Document} document @param {string} prefix @returns {P[]}
 */
export const problemsAt = (problems, document, prefix) =>
  problems.flatMap((problem) => {
    const shown = shownBy(document, prefix, problem.node ?? "");
    if (!shown) return [];
    return [{ ...problem, node: shown.owner, ...(shown.direct ? {} : { input: "" }) }];
  });

/**
 * A plan as a workflow shows it.
 * @template {{run: Record<string, string[]>, cached: string[], order: string[]}} P
 * @param {P} plan @param {Document} document @param {string} prefix @returns {P}
 */
export function planAt(plan, document, prefix) {
  const names = (/** @type {string[]} */ all) => byOwner(document, prefix, all.map((name) => [name, name]));
  const run = [...byOwner(document, prefix, Object.entries(plan.run))].map(([id, reasons]) => [id, [...new Set(reasons.flat())]]);
  const runs = new Set(run.map(([id]) => id));
  const cached = [...names(plan.cached).keys()].filter((id) => !runs.has(id));
  return { ...plan, run: Object.fromEntries(run), cached, order: [...names(plan.order).keys()] };
}
