// @ts-check
/** Checking, planning, running and watching: between the open workflows and the server's jobs. */

import { ancestors, controlOf, nodeIds } from "../core/document.js";
import { changeWorkflow, setInput } from "../core/edits.js";
import { changedFacts } from "../core/facts.js";
import { pathsIn } from "../core/contracts.js";
import { outputsOf } from "../core/outputs.js";
import { listen } from "../net/events.js";
import { shownBy } from "../net/inner_states.js";
import { noted, statesOf } from "../net/run_states.js";
import { duration, text } from "../text/index.js";
import { announce } from "./announce.js";
import { keepAll } from "./documents.js";
import { batch, computed, effect } from "./html.js";
import { goToNode, trailOf } from "./subworkflows.js";

/** @typedef {import("./session.js").Session} Session */
/** @typedef {import("./tab.js").Tab} Tab */

const CLIENT = "editor";
const PAUSE = 350;
const ENDED = new Set(["done", "failed", "cancelled", "lost"]);

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
    const tab = session.tabs.value.find(({ job }) => job.value?.id === event.job);
    if (!tab) continue;
    changed.set(tab, noted(changed.get(tab) ?? tab.whole.states.value, event));
    if (event.kind === "state") jobMoved(session, tab, event.data);
  }
  for (const [tab, states] of changed) tab.whole.states.value = states;
  if (queueMoved) void refreshQueue(session);
}

/** @param {Session} session @param {Tab} tab @param {{state: string, reason: string}} data */
function jobMoved(session, tab, { state, reason }) {
  const job = /** @type {import("./tab.js").Job} */ (tab.job.value);
  tab.job.value = { ...job, state, reason };
  if (ENDED.has(state)) void session.attempt(() => ended(session, tab, job.id));
}

/** @param {Session} session @param {Tab} tab @param {string} id */
async function ended(session, tab, id) {
  const job = await session.api.job(id);
  adopt(tab, job);
  session.said.value = outcomeText(tab);
  announce(session, tab.name.value, outcomeText(tab), text(`job.${job.state}`));
  tellFailure(session, tab);
  forgetPreviews(tab);
  schedulePlan(session, tab, 50);
  await refreshGallery(session);
}

/** Say which node failed and why, and offer to lead there. @param {Session} session @param {Tab} tab */
function tellFailure(session, tab) {
  const [failed] = [...tab.whole.states.value].filter(([, { state }]) => state === "failed");
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
const failureOf = (tab) => `failed ${tab.key}`;

/** How a run ended, in words. @param {Tab} tab */
export function outcomeText(tab) {
  const job = tab.job.value;
  if (!job) return "";
  if (job.state === "done") return job.ran ? text("run.done", { time: duration(job.seconds ?? 0) }) : text("run.cached");
  return text(`run.${job.state}`) + (job.reason ? `: ${job.reason}` : "");
}

/** Show a job's states and results in a tab. @param {Tab} tab @param {any} job */
function adopt(tab, job) {
  const { seconds, ran } = job.outcome ?? {};
  tab.job.value = { id: job.id, number: job.number, state: job.state, reason: job.reason, seconds, ran: ran?.length };
  const states = withReasons(tab.whole.states.value, statesOf(job));
  tab.whole.states.value = states;
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

/** Those whose job is on its way to the server: what is heard of one of theirs may be that. @type {WeakSet<Tab>} */
const submitting = new WeakSet();

/** Run the workflow that is open, to some of the nodes that are shown, or to all of its outputs. @param {Session} session @param {string[]} [ids] */
export async function run(session, ids) {
  const tab = session.tab.value;
  const targets = ids?.flatMap((id) => outputsOf(id, session.kinds, tab.scopes.value, tab.prefix.value));
  newSeeds(tab);
  const why = expected(tab, ids);
  submitting.add(tab);
  try {
    const title = tab.name.value.slice(0, 200);
    const job = await session.api.submit({ workflow: tab.whole.store.get(), title, client: CLIENT, targets });
    batch(() => {
      tab.job.value = { id: job.id, number: job.number, state: job.state };
      tab.whole.states.value = new Map(why.map(([id, reasons]) => [id, { state: "queued", why: reasons.join("; ") }]));
      tab.whole.problems.value = [];
    });
    session.settle(failureOf(tab));
    catchUp(session, tab, job.id);
  } catch (error) {
    refused(session, tab, error);
  } finally {
    submitting.delete(tab);
  }
}

/** What the plan says will run, and why; on the way to some nodes only what they need. @param {Tab} tab @param {string[]} [ids] */
function expected(tab, ids) {
  const all = Object.entries(tab.whole.plan.value?.run ?? {});
  if (!ids) return all;
  const needed = ancestors(tab.document.value, ids);
  return all.filter(([name]) => needed.has(shownBy(tab.document.value, tab.prefix.value, name)?.owner ?? ""));
}

/** Hear what a job did before it was known here: its events may have come first. @param {Session} session @param {Tab} tab @param {string} id */
async function catchUp(session, tab, id) {
  const job = await session.api.job(id).catch(() => undefined);
  if (!job || tab.job.value?.id !== id || !isBusy(tab)) return;
  if (ENDED.has(job.state)) return void (await ended(session, tab, id));
  const states = withReasons(tab.whole.states.value, statesOf(job));
  if (tab.job.value.state === "queued") tab.job.value = { ...tab.job.value, state: job.state };
  tab.whole.states.value = new Map([...tab.whole.states.value, ...states]);
  tab.whole.results.value = byNode(tab.whole.results.value, job.results);
}

/** @param {Session} session @param {Tab} tab @param {any} error */
function refused(session, tab, error) {
  if (error.status !== 422) return session.tellError(error);
  tab.whole.problems.value = error.problems;
  session.panel.value = "problems";
  session.tell(text("run.refused", { n: error.problems.length }), { kind: "bad", key: "refused" });
}

/** Draw the seeds that are new each run, also those in sub-workflows. @param {Tab} tab */
function newSeeds(tab) {
  tab.whole.store.edit("widget.each", (document) =>
    pathsIn(document).reduce((now, path) => changeWorkflow(now, path, withNewSeeds), document));
}

/** @param {import("../core/document.js").Document} document */
function withNewSeeds(document) {
  const drawn = nodeIds(document).flatMap((node) => Object.keys(document.nodes[node].inputs).map((input) => ({ node, input })));
  return drawn
    .filter(({ node, input }) => controlOf(document, node, input) === "randomize")
    .reduce((now, target) => setInput(now, target, randomSeed()), document);
}

/** As many as a number holds to the digit. */
export function randomSeed() {
  const [high, low] = crypto.getRandomValues(new Uint32Array(2));
  return (high % 2 ** 21) * 2 ** 32 + low;
}

/** @param {Session} session */
export const stop = (session) =>
  session.attempt(async () => {
    const job = session.tab.value.job.value;
    if (job) await session.api.cancel(job.id);
  });

/** @param {Session} session @param {string} job @param {string} node @param {Blob} picture */
function showPreview(session, job, node, picture) {
  const tab = session.tabs.value.find((one) => one.job.value?.id === job);
  if (!tab) return;
  const shown = shownBy(tab.document.value, tab.prefix.value, node);
  if (shown) tab.surface?.showPreview?.(shown.owner, picture);
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
export async function refresh(session) {
  await session.attempt(async () => {
    const busy = session.tabs.value.filter(isBusy);
    for (const tab of busy) await catchUp(session, tab, /** @type {import("./tab.js").Job} */ (tab.job.value).id);
    await Promise.all([refreshQueue(session), refreshGallery(session)]);
  });
}

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
    else adopt(tab, await session.api.job(found.id));
  }
}

/** Read anew what runs, waits and ended. @param {Session} session */
async function refreshQueue(session) {
  const [queue, { jobs }] = await Promise.all([session.api.queue(), session.api.jobs(50)]).catch(() => [null, { jobs: [] }]);
  if (!queue) return;
  session.queue.value = { ...queue, ended: jobs.filter((/** @type {any} */ { state }) => ENDED.has(state)) };
  await session.attempt(() => follow(session, jobs, session.tabs.value));
}

/** @param {Session} session */
async function refreshGallery(session) {
  session.gallery.value = await session.api.results(60);
}

/** @type {WeakMap<Tab, {timer?: ReturnType<typeof setTimeout>, abort?: AbortController}>} */
const planning = new WeakMap();

/** Check and plan anew soon after each change, and when the workers have nothing to do any more. @param {Session} session */
function watchPlans(session) {
  const working = computed(() => isWorking(session));
  effect(() => {
    const tab = session.tab.value;
    void tab.whole.document.value;
    void working.value;
    schedulePlan(session, tab, PAUSE);
  });
}

/** @param {Session} session @param {Tab} tab @param {number} pause */
function schedulePlan(session, tab, pause) {
  const known = planning.get(tab) ?? {};
  clearTimeout(known.timer);
  known.abort?.abort();
  planning.set(tab, { timer: setTimeout(() => void plan(session, tab), pause) });
}

/** @param {Session} session @param {Tab} tab */
async function plan(session, tab) {
  const abort = new AbortController();
  planning.set(tab, { abort });
  const document = tab.whole.store.get();
  try {
    const { problems, facts } = await session.api.check(document, abort.signal);
    batch(() => {
      tab.whole.problems.value = problems;
      if (changedFacts(tab.whole.facts.value, facts).length) tab.whole.facts.value = facts;
    });
    if (!tab.looked) void session.attempt(() => lookFirst(session, tab));
    const isAsked = !problems.length && !isWorking(session);
    if (!isAsked && !isBusy(tab)) tab.whole.plan.value = null;
    if (!isAsked || isBusy(tab)) return;
    tab.whole.plan.value = await session.api.plan(document, tab.name.value.slice(0, 200), abort.signal);
  } catch (error) {
    if (/** @type {any} */ (error).name !== "AbortError") tab.whole.plan.value = null;
  }
}

/** A workflow was opened: tell what it needs that is not here, once; the panel of problems has it from then on. @param {Session} session @param {Tab} tab */
async function lookFirst(session, tab) {
  tab.looked = true;
  const { document, problems } = tab.whole;
  if (!problems.value.length) return;
  const { repairsOf } = await import("../core/repairs.js");
  const missing = repairsOf(document.value, session.kinds, problems.value).length;
  if (!missing) return;
  const show = () => (session.panel.value = "problems");
  const isTouched = tab.selection.value.size > 0 || tab.steps.value.past.some((name) => name !== "draft");
  if (session.tab.value === tab && !isTouched) show(); // else people are at something
  session.tell(text(missing === 1 ? "repair.one" : "repair.found", { name: tab.name.value, n: missing }), { kind: "bad", actions: [{ text: text("repair.show"), run: show }] });
}

/** Whether its job waits or runs. @param {Tab} tab */
export const isBusy = (tab) => tab.job.value !== null && !ENDED.has(tab.job.value.state);

/** Whether a worker has jobs to do: then it answers no questions. @param {Session} session */
export function isWorking(session) {
  const { running = [], waiting = [], paused = false } = session.queue.value ?? {};
  return running.length > 0 || (waiting.length > 0 && !paused);
}
