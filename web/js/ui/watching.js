// @ts-check
/** What the open workflows have to show of the jobs that run and ran: events, states, results, previews, the queue. */

import { ENDED } from "../core/run_state.js";
import { listen } from "../net/events.js";
import { noted, statesOf } from "../net/run_states.js";
import { text } from "../text/index.js";
import { announce } from "./announce.js";
import { hearOf, keepAll } from "./documents.js";
import { batch, effect } from "./html.js";
import { isBusy, outcomeText } from "./job_state.js";
import { schedulePlan, watchPlans } from "./planning.js";
import { goToNode, trailOf } from "./subworkflows.js";

/** @typedef {import("./session.js").Session} Session */
/** @typedef {import("./tab.js").Tab} Tab */

/** What jobs of this page are told by, on the server. */
export const CLIENT = "editor";

/** @param {Session} session */
export function watchRuns(session) {
  /** @type {any[]} */
  let waiting = [];
  const flush = () => {
    const events = waiting;
    waiting = [];
    batch(() => hear(session, events));
  };
  listen({
    onConnection: (open) => {
      const before = session.connected.value;
      session.connected.value = open;
      if (open) session.settle("connection");
      else if (before) session.tellAway();
      if (open && !before) {
        void refresh(session);
        keepAll(session);
      }
    },
    onEvents: (events) => {
      if (!waiting.length && events.length) requestAnimationFrame(flush);
      waiting.push(...events);
      if (document.hidden) flush();
    },
    onPreview: ({ job, node }, picture) => showPreview(session, job, node, picture),
  });
  watchPlans(session);
  watchOpened(session);
  void refresh(session);
}

/** Show what ran of each workflow that is opened from now on. @param {Session} session */
function watchOpened(session) {
  const known = new WeakSet(session.tabs.value);
  effect(() => {
    const opened = session.tabs.value.filter((tab) => !known.has(tab));
    if (!opened.length) return;
    for (const tab of opened) known.add(tab);
    void session.attempt(async () => follow(session, (await session.api.jobs(50)).jobs, opened));
  });
}

/** @param {Session} session @param {any[]} events */
function hear(session, events) {
  /** @type {Map<Tab, import("../net/run_states.js").RunStates>} */
  const changed = new Map();
  let queueMoved = false;
  session.heard.value = events;
  for (const event of events) {
    if (event.kind === "reset") return void refresh(session);
    queueMoved ||= ["state", "queue", "deleted"].includes(event.kind);
    if (!event.job) hearOf(session, event);
    if (event.kind === "state" && ENDED.includes(event.data.state)) early.delete(event.job ?? "");
    const tab = event.job && session.tabs.value.find(({ job }) => job.value?.id === event.job);
    if (!tab) continue;
    changed.set(tab, noted(changed.get(tab) ?? tab.whole.states.value, event));
    if (event.kind === "state") jobMoved(session, tab, event.data);
  }
  for (const [tab, states] of changed) tab.whole.states.value = states;
  if (queueMoved) void refreshQueue(session);
  const ends = events.some(({ kind, data }) => kind === "state" && ENDED.includes(data.state)); // of any job, also of a sweep
  if (ends) void session.attempt(() => refreshGallery(session));
}

/** @param {Session} session @param {Tab} tab @param {{state: string, reason: string}} data */
function jobMoved(session, tab, { state, reason }) {
  const job = /** @type {import("./tab.js").Job} */ (tab.job.value);
  tab.job.value = { ...job, state, reason };
  if (ENDED.includes(state)) void session.attempt(() => ended(session, tab, job.id));
}

/** Show how a job ended, unless another one runs by the time of the answer. @param {Session} session @param {Tab} tab @param {string} id */
async function showEnded(session, tab, id) {
  const job = await session.api.job(id);
  if (tab.job.value?.id !== id) return undefined;
  adopt(tab, job);
  return job;
}

/** @param {Session} session @param {Tab} tab @param {string} id */
async function ended(session, tab, id) {
  const job = await showEnded(session, tab, id);
  if (!job) return;
  session.said.value = outcomeText(tab);
  announce(session, tab.name.value, outcomeText(tab), text(`job.${job.state}`));
  tellFailure(session, tab, job);
  forgetPreviews(tab);
  schedulePlan(session, tab, 50);
}

/** Say which node failed and why, and offer to lead there. @param {Session} session @param {Tab} tab @param {any} job */
function tellFailure(session, tab, job) {
  const [failed] = [...statesOf(job)].filter(([, { state }]) => state === "failed");
  if (!failed) return;
  const [node, { message = "", cure = "" }] = failed;
  const go = () => {
    session.shown.value = tab.key;
    goToNode(session, node);
  };
  const words = text("run.failedAt", { node: trailOf(session, tab, node), message, cure });
  session.tell(words.trim(), { kind: "bad", key: failureOf(tab), actions: [{ text: text("run.goTo"), run: go }] });
}

/** By what a failure is told, until the workflow is run again. @param {Tab} tab */
export const failureOf = (tab) => `failed ${tab.key}`;

/** Show a job's states and results in a tab. @param {Tab} tab @param {any} job */
function adopt(tab, job) {
  const { seconds, ran } = job.outcome ?? {};
  tab.job.value = { id: job.id, number: job.number, state: job.state, reason: job.reason, seconds, ran: ran?.length };
  const others = [...tab.whole.states.value].filter(([, { state }]) => state !== "queued" && state !== "running");
  tab.whole.states.value = new Map([...others, ...withReasons(tab.whole.states.value, statesOf(job))]);
  if (job.results.length) tab.whole.results.value = byNode(tab.whole.results.value, job.results);
}

/**
 * States as the server shows them, with what only events and plans told: seconds and reasons.
 * @param {import("../net/run_states.js").RunStates} heard @param {import("../net/run_states.js").RunStates} states
 */
const withReasons = (heard, states) =>
  new Map([...states].map(([id, state]) => {
    const { why, ...more } = heard.get(id) ?? {};
    const same = heard.get(id)?.state === state.state ? more : {};
    return [id, { ...same, ...(why ? { why } : {}), ...state }];
  }));

/** @param {Map<string, any[]>} before @param {any[]} results */
function byNode(before, results) {
  const nodes = new Set(results.map(({ node }) => node));
  const kept = new Map([...before].filter(([node]) => !nodes.has(node)));
  for (const result of results) kept.set(result.node, [...(kept.get(result.node) ?? []), result]);
  return kept;
}

/** Hear what a job did before it was known here: its events may have come first. @param {Session} session @param {Tab} tab @param {string} id */
export async function catchUp(session, tab, id) {
  const job = await session.api.job(id).catch(() => undefined);
  if (!job || tab.job.value?.id !== id || !isBusy(tab)) return;
  if (ENDED.includes(job.state)) return void (await ended(session, tab, id));
  const states = withReasons(tab.whole.states.value, statesOf(job));
  if (tab.job.value.state === "queued") tab.job.value = { ...tab.job.value, state: job.state };
  tab.whole.states.value = new Map([...tab.whole.states.value, ...states]);
  tab.whole.results.value = byNode(tab.whole.results.value, job.results);
  const preview = early.get(id);
  if (preview) showPreview(session, id, preview.node, preview.picture);
  early.delete(id);
}

/** The newest preview of each job that no workflow here has shown: it may be followed yet. @type {Map<string, {node: string, picture: Blob}>} */
const early = new Map();

/** @param {Session} session @param {string} job @param {string} node @param {Blob} picture */
function showPreview(session, job, node, picture) {
  const tab = session.tabs.value.find((one) => one.job.value?.id === job);
  if (!tab) return void early.set(job, { node, picture });
  const before = tab.whole.previews.value.get(node);
  tab.whole.previews.value = new Map(tab.whole.previews.value).set(node, URL.createObjectURL(picture));
  if (before) setTimeout(() => URL.revokeObjectURL(before), 500); // when the new one is shown
}

/** @param {Tab} tab */
function forgetPreviews(tab) {
  for (const place of tab.whole.previews.value.values()) URL.revokeObjectURL(place);
  tab.whole.previews.value = new Map();
}

/** Read anew what runs, what ran, and what the open workflows have to show of it. @param {Session} session */
async function refresh(session) {
  await session.attempt(async () => {
    const busy = session.tabs.value.filter(isBusy);
    for (const tab of busy) await catchUp(session, tab, /** @type {import("./tab.js").Job} */ (tab.job.value).id);
    await Promise.all([refreshQueue(session), refreshGallery(session)]);
  });
}

/** Those whose job is on its way to the server: what is heard of one of theirs may be that. @type {WeakSet<Tab>} */
export const submitting = new WeakSet();

/**
 * Show the newest job of the name of each workflow: what ran before it was opened, or what another page runs.
 * @param {Session} session @param {any[]} jobs the newest first @param {Tab[]} tabs
 */
async function follow(session, jobs, tabs) {
  for (const tab of tabs) {
    const title = tab.name.value.slice(0, 200);
    const found = jobs.find((job) => job.title === title && job.client === CLIENT);
    const isNew = found && found.number > (tab.job.value?.number ?? 0);
    if (!isNew || submitting.has(tab)) continue;
    batch(() => {
      tab.job.value = { id: found.id, number: found.number, state: found.state };
      tab.whole.states.value = new Map();
    });
    if (isBusy(tab)) await catchUp(session, tab, found.id);
    else await showEnded(session, tab, found.id);
  }
}

/** Read anew what runs, waits and ended. @param {Session} session */
async function refreshQueue(session) {
  const [queue, { jobs }] = await Promise.all([session.api.queue(), session.api.jobs(50)]).catch(() => [null, { jobs: [] }]);
  if (!queue) return;
  session.queue.value = { ...queue, ended: jobs.filter((/** @type {any} */ { state }) => ENDED.includes(state)) };
  await session.attempt(() => follow(session, jobs, session.tabs.value));
}

/** @param {Session} session */
async function refreshGallery(session) {
  session.gallery.value = await session.api.results(60);
}
