// @ts-check
/** Jobs that run, wait and ended. */

import { clock, duration, text } from "../text/index.js";
import { openUnnamed } from "./documents.js";
import { html, useEffect, useState } from "./html.js";

/** @typedef {import("./session.js").Session} Session */

/** @param {{session: Session}} props */
export function Queue({ session }) {
  const queue = session.queue.value;
  if (!queue) return null;
  const { paused, running, waiting, ended } = queue;
  return html`<div class="line">
      <button aria-pressed=${paused} onClick=${() => session.attempt(() => session.api.queueDo(paused ? "resume" : "pause"))}>
        ${paused ? text("queue.resume") : text("queue.pause")}</button>
      ${waiting.length > 0 && html`<button onClick=${() => session.attempt(() => session.api.queueDo("clear"))}>${text("queue.clear")}</button>`}
    </div>
    ${paused && html`<p class="note">${text("queue.paused")}</p>`}
    ${!running.length && !waiting.length && html`<p class="empty">${text("queue.none")}</p>`}
    <${Jobs} session=${session} title=${text("queue.running")} jobs=${running} />
    <${Jobs} session=${session} title=${text("queue.waiting")} jobs=${waiting} />
    <${Jobs} session=${session} title=${text("queue.ended")} jobs=${ended} />
    <${Memory} session=${session} />`;
}

/** @param {{session: Session, title: string, jobs: any[]}} props */
function Jobs({ session, title, jobs }) {
  if (!jobs.length) return null;
  return html`<h3>${title}</h3><ul class="cards">${jobs.map((job) => html`<li class="card job" key=${job.id}>
    <span class="line"><strong>${job.title || job.id.slice(0, 8)}</strong> <span class="badge" data-state=${job.state}>${text(`job.${job.state}`)}</span></span>
    <span class="quiet">${clock(job.created)}${job.outcome?.seconds ? ` · ${duration(job.outcome.seconds)}` : ""}</span>
    ${job.reason && html`<span class="bad-text">${job.reason}</span>`}
    <span class="line actions"><${Actions} session=${session} job=${job} /></span></li>`)}</ul>`;
}

/** @param {{session: Session, job: any}} props */
function Actions({ session, job }) {
  const { api } = session;
  const act = (/** @type {string} */ name, /** @type {() => Promise<any>} */ run) =>
    html`<button aria-label=${`${name}: ${job.title || job.id}`} onClick=${() => session.attempt(run)}>${name}</button>`;
  const open = act(text("results.open"), async () => openUnnamed(session, job.title || text("app.untitled"), await api.jobWorkflow(job.id)));
  if (job.state === "running") return act(text("cancel"), () => api.cancel(job.id));
  if (job.state === "queued") {
    return html`${act(text("queue.front"), () => api.move(job.id, { to: "front" }))} ${act(text("cancel"), () => api.cancel(job.id))}`;
  }
  return html`${act(text("queue.retry"), () => api.retry(job.id))} ${open}`;
}

/** @param {{session: Session}} props */
function Memory({ session }) {
  const [memory, setMemory] = useState(/** @type {any} */ (null));
  useEffect(() => {
    session.api.memory().then(setMemory, () => setMemory(null)); // a worker that runs does not answer
  }, [session.queue.value]);
  if (!memory) return null;
  const workers = memory.workers.filter(Boolean);
  const sum = (/** @type {(worker: any) => number} */ of) => workers.reduce((/** @type {number} */ total, /** @type {any} */ one) => total + of(one), 0);
  return html`<p class="quiet memory">${text("queue.memory", {
      server: bytes(memory.server), cache: bytes(sum((one) => one.cache.bytes)), values: sum((one) => one.cache.values), models: sum((one) => one.models.length),
    })}</p><button onClick=${() => session.attempt(async () => setMemory(await session.api.free()))}>${text("command.free")}</button>`;
}

/** @param {number} count */
const bytes = (count) => (count < 2 ** 30 ? `${Math.round(count / 2 ** 20)} MB` : `${(count / 2 ** 30).toFixed(1)} GB`);
