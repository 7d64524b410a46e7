// @ts-check
/** Sweeps between the page and the server: each variant is a job, whose labels say where in the sweep it is. */

import { inputOf } from "../core/document.js";
import { changeWorkflow, setRaw } from "../core/edits.js";
import { findNode } from "../core/places.js";
import { ENDED } from "../core/run_state.js";
import { countOf, variantsOf } from "../core/sweep.js";
import { cellOf, labelsOf, SWEEP } from "../core/sweep_grid.js";
import { text } from "../text/index.js";
import { announce } from "./announce.js";
import { effect } from "./html.js";

/** @typedef {import("./session.js").Session} Session */
/** @typedef {import("../core/sweep_grid.js").Grid} Grid */

const MOST = 400; // jobs of sweeps that are looked at

/** @type {WeakSet<Session>} */
const listening = new WeakSet();

/** Hear of jobs of sweeps from now on. @param {Session} session */
function listen(session) {
  if (listening.has(session)) return;
  listening.add(session);
  effect(() => hear(session, session.heard.value));
}

/** Run all variants, one job each. @param {Session} session @param {import("../core/sweep.js").Axis[]} axes */
export async function begin(session, axes) {
  const { store, whole, path, prefix, name, view } = session.tab.value;
  const called = axes.map((axis) => ({ ...axis, node: prefix.value + axis.node }));
  const id = [...crypto.getRandomValues(new Uint32Array(3))].map((part) => part.toString(36)).join("");
  const jobs = variantsOf(store.get(), axes).map(({ at, document }) => ({
    id: [id, ...at].join("-"),
    workflow: changeWorkflow(whole.store.get(), path.value, () => document),
    title: name.value.slice(0, 200),
    client: SWEEP,
    key: `${SWEEP} ${id} ${cellOf(at)}`,
    labels: labelsOf(id, called, at),
  }));
  listen(session);
  view.value = "sweep";
  await submitAll(session, jobs, countOf(axes));
}

/**
 * In order; what is not accepted can be tried again without being done twice. The jobs are known by ids of our own before
 * they are sent, so that nothing that is told of them comes too early.
 * @param {Session} session @param {any[]} jobs @param {number} all
 */
async function submitAll(session, jobs, all) {
  const created = Date.now() / 1000;
  const sent = jobs.map(({ id, title, labels }) => ({ id, title, labels, created, state: "queued" }));
  session.sweeps.value = [...sent.reverse(), ...session.sweeps.value];
  for (const [done, job] of jobs.entries()) {
    const isWanted = () => session.sweeps.value.some(({ id }) => id === job.id);
    if (!isWanted()) return undefined; // all was cancelled
    try {
      const accepted = await session.api.submit(job);
      if (!isWanted()) return void (await session.api.cancel(job.id).catch(passed)); // while it was on its way
      session.sweeps.value = session.sweeps.value.map((one) => (one.id === job.id ? later(one, accepted) : one));
    } catch (error) {
      const left = new Set(jobs.slice(done).map(({ id }) => id));
      session.sweeps.value = session.sweeps.value.filter((one) => !left.has(one.id));
      const { message, code } = /** @type {any} */ (error);
      const why = code === "unreachable" ? text("run.unreachable") : message;
      const goOn = { text: text("sweep.goOn"), run: () => void submitAll(session, jobs.slice(done), all) };
      return session.tell(text("sweep.stopped", { done: all - jobs.length + done, all, message: why }), { kind: "bad", actions: [goOn] });
    }
  }
  return undefined;
}

/** Read what sweeps there are. @param {Session} session */
export const load = (session) =>
  session.attempt(async () => {
    listen(session);
    const read = await session.api.labelled(SWEEP, MOST);
    session.sweeps.value = merged(session.sweeps.value, read);
  });

const STAGES = ["queued", "running"]; // then it has ended
const stageOf = (/** @type {any} */ { state }) => (ENDED.includes(state) ? STAGES.length : STAGES.indexOf(state));

/** What was read, with what was heard meanwhile: jobs that came since, and states that are further on. @param {any[]} heard @param {any[]} read */
function merged(heard, read) {
  const known = new Map(heard.map((job) => [job.id, job]));
  const newest = read.length ? read[0].number : -1;
  const came = heard.filter(({ id, number = Infinity }) => number > newest && !read.some((job) => job.id === id));
  return [...came, ...read.map((job) => later(known.get(job.id), job))];
}

/** A job as it was read, or in the state that was heard if that is further on. @param {any} heard @param {any} read */
const later = (heard, read) => (heard && stageOf(heard) > stageOf(read) ? { ...read, state: heard.state, reason: heard.reason } : read);

/** @param {Session} session @param {import("../net/events.js").Event[]} events */
function hear(session, events) {
  if (events.some(({ kind }) => kind === "reset")) return void load(session);
  const known = new Map(session.sweeps.peek().map((job) => [job.id, job]));
  const states = events.filter(({ kind, job }) => kind === "state" && job && known.has(job));
  const gone = new Set(events.flatMap(({ kind, job }) => (kind === "deleted" && job ? [job] : [])));
  if (!states.length && !gone.size) return;
  for (const { job: id, data } of states) known.set(String(id), { ...known.get(String(id)), state: data.state, reason: data.reason });
  session.sweeps.value = [...known.values()].filter(({ id }) => !gone.has(id));
  const ended = new Set(states.filter(({ data }) => ENDED.includes(data.state)).map(({ job }) => known.get(String(job)).labels[SWEEP]));
  for (const id of ended) tellEnd(session, [...known.values()].filter(({ labels }) => labels[SWEEP] === id));
}

/** @param {Session} session @param {any[]} jobs of one sweep */
function tellEnd(session, jobs) {
  if (!jobs.every(({ state }) => ENDED.includes(state))) return;
  const done = jobs.filter(({ state }) => state === "done").length;
  const outcome = text("sweep.done", { done, all: jobs.length });
  session.said.value = outcome;
  announce(session, jobs[0].title, outcome, text(`job.${done ? "done" : jobs[0].state}`));
}

/** @param {Session} session @param {Grid} grid */
export const cancel = (session, grid) =>
  session.attempt(async () => {
    const open = [...grid.jobs.values()].filter(({ state, number }) => !ENDED.includes(state) && number !== undefined);
    session.sweeps.value = session.sweeps.value.filter(({ labels, number }) => labels[SWEEP] !== grid.id || number !== undefined);
    for (const { id } of open.reverse()) await session.api.cancel(id).catch(passed); // the last first: none begins meanwhile
  });

/** What ended meanwhile needs no cancelling. @param {any} error */
function passed(error) {
  if (error.status !== 409) throw error;
}

/** Give the inputs of the shown workflow the values that a variant had. @param {Session} session @param {Grid} grid @param {any} job @param {string} values */
export const restore = (session, grid, job, values) =>
  session.attempt(async () => {
    const { store } = session.tab.value.whole;
    const variant = await session.api.jobWorkflow(job.id);
    if (!grid.axes.every(({ node }) => findNode(store.get(), node).found)) return session.tell(text("sweep.gone"), { kind: "bad" });
    store.edit("sweep.restore", (document) =>
      grid.axes.reduce((now, { node: called, input }) => {
        const [{ node, path }, { found }] = [findNode(now, called), findNode(variant, called)];
        return changeWorkflow(now, path, (inner) => setRaw(inner, { node, input }, found && inputOf(found, input)));
      }, document));
    session.tell(text("sweep.restored", { values }), { kind: "good" });
  });
