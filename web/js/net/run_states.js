// @ts-check
/** The state of each node of a run, folded from the server's events one for one. Pure. */

/**
 * @typedef {import("../core/run_state.js").StateName} StateName
 * @typedef {import("../core/run_state.js").RunState} RunState
 * @typedef {Map<string, RunState>} RunStates
 */

/** @type {Record<string, (data: any) => RunState>} */
const STATES = {
  started: () => ({ state: "running" }),
  progress: ({ done, total }) => ({ state: "running", done, total }),
  finished: ({ seconds }) => ({ state: "done", seconds }),
  cached: () => ({ state: "cached" }),
  failed: ({ message, cure, input, trace }) => ({ state: "failed", message, cure, input, trace }),
  blocked: ({ by }) => ({ state: "blocked", by }),
};

/**
 * The states after an event.
 * @param {RunStates} states @param {{kind: string, data: any}} event @returns {RunStates}
 */
export function noted(states, { kind, data }) {
  if (kind === "planned") return planned(states, data);
  const state = STATES[kind];
  if (!state || !data.node) return states;
  const known = states.get(data.node);
  if (kind === "cached" && known?.state === "done") return states;
  return new Map(states).set(data.node, { ...(known?.why ? { why: known.why } : {}), ...state(data) });
}

/** Again when a node grew others: those that have begun stay as they are. @param {RunStates} states @param {any} data */
function planned(states, { run, cached }) {
  const next = new Map(states);
  for (const id of cached) if (!next.has(id)) next.set(id, { state: "cached" });
  for (const id of run) if (!next.has(id)) next.set(id, { state: "queued" });
  return next;
}

/** @type {Record<string, StateName>} */
const NAMES = { waiting: "queued" };

/** The states of a job that is shown, not heard: while it runs, or after it ended. @param {any} job @returns {RunStates} */
export function statesOf(job) {
  if (job.progress) {
    return new Map(
      Object.entries(job.progress).map(([id, one]) => [id, { ...one, state: NAMES[one.state] ?? one.state }]),
    );
  }
  const { ran = [], cached = [], blocked = [], failures = [] } = job.outcome ?? {};
  /** @type {RunStates} */
  const states = new Map();
  for (const id of cached) states.set(id, { state: "cached" });
  for (const id of ran) states.set(id, { state: "done" });
  for (const id of blocked) states.set(id, { state: "blocked" });
  for (const { node, ...failure } of failures) states.set(node, { ...failure, state: "failed" });
  return states;
}
