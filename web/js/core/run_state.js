// @ts-check
/** What a run says of a node, and of several at once: of those in a sub-workflow, or in a folded frame. */

/**
 * @typedef {"idle" | "queued" | "running" | "cached" | "done" | "failed" | "blocked"} StateName
 * @typedef {{state: StateName, done?: number, total?: number, seconds?: number, why?: string, message?: string,
 *   cure?: string, input?: string, trace?: string, by?: string}} RunState
 */

/** States of a job that are left no more. */
export const ENDED = ["done", "failed", "cancelled", "lost"];

/** One state for those of several nodes, at least one. @param {RunState[]} states @returns {RunState} */
export function summary(states) {
  if (states.length === 1) return states[0];
  const some = (/** @type {string} */ name) => states.find(({ state }) => state === name);
  const ended = states.filter(({ state }) => state !== "queued" && state !== "running").length;
  const failed = some("failed");
  if (failed) return failed;
  if (some("running") || (some("queued") && ended)) return { state: "running", done: ended, total: states.length };
  const rest = some("queued") ?? some("blocked");
  if (rest) return { ...rest };
  const seconds = states.reduce((sum, one) => sum + (one.seconds ?? 0), 0);
  return some("done") ? { state: "done", ...(seconds ? { seconds } : {}) } : { ...states[0] };
}
