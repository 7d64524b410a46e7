// @ts-check
/** Jobs that run, wait and ended. */

import { clock, duration, text } from "../text/index.js";
import { perform } from "./commands.js";
import { openUnnamed } from "./documents.js";
import { html } from "./html.js";

/** @typedef {import("./session.js").Session} Session */

/** @param {{session: Session}} props */
export function Queue({ session }) {
  const queue = session.queue.value;
  if (!queue) return null;
  const { paused, running, waiting, ended } = queue;
  return html`<div class="line">
      <button aria-pressed=${paused} onClick=${() => perform(session, "pause")}>
        ${paused ? text("queue.resume") : text("queue.pause")}</button>
      ${running.length + waiting.length > 0 && html`<button onClick=${() => perform(session, "clear")}>${text("queue.clear")}</button>`}
    </div>
    ${paused && html`<p class="note">${text("queue.paused")}</p>`}
    ${!running.length && !waiting.length && html`<p class="empty">${text("queue.none")}</p>`}
    <${Jobs} session=${session} title=${text("queue.running")} jobs=${running} />
    <${Jobs} session=${session} title=${text("queue.waiting")} jobs=${waiting} />
    <${Jobs} session=${session} title=${text("queue.ended")} jobs=${ended} />`;
}

/** @param {{session: Session, title: string, jobs: any[]}} props */
function Jobs({ session, title, jobs }) {
  if (!jobs.length) return null;
  return html`<h3>${title}</h3><ul class="cards">${jobs.map((job) => html`<li class="card job" key=${job.id}>
    <span class="line"><strong>${job.title || job.id.slice(0, 8)}</strong> <span class="badge" data-state=${job.state}>${text(`job.${job.state}`)}</span></span>
    <span class="quiet">${clock(job.created)}${job.outcome?.seconds ? ` · ${duration(job.outcome.seconds)}` : ""}</span>
    ${job.reason && html`<span class="bad-text">${job.reason}</span>`}
    <span class="line actions"><${Actions} session=${session} job=${job} jobs=${jobs} /></span></li>`)}</ul>`;
}

/** @param {{session: Session, job: any, jobs: any[]}} props `jobs`: among which it is */
function Actions({ session, job, jobs }) {
  const { api } = session;
  const act = (/** @type {string} */ name, /** @type {() => Promise<any>} */ run) =>
    html`<button aria-label=${`${name}: ${job.title || job.id}`} onClick=${() => session.attempt(run)}>${name}</button>`;
  const open = act(text("results.open"), async () => openUnnamed(session, job.title || text("app.untitled"), await api.jobWorkflow(job.id)));
  if (job.state === "running") return act(text("cancel"), () => api.cancel(job.id));
  if (job.state === "queued") {
    const at = jobs.indexOf(job);
    return html`${act(text("queue.front"), () => api.move(job.id, { to: "front" }))} ${act(text("cancel"), () => api.cancel(job.id))}
      <span class="space"></span><${Step} session=${session} job=${job} way="earlier" moved=${job} before=${jobs[at - 1]} />
      <${Step} session=${session} job=${job} way="later" moved=${jobs[at + 1]} before=${job} />`;
  }
  return html`${act(text("queue.retry"), () => api.retry(job.id))} ${open}`;
}

/** One place up or down. @param {{session: Session, job: any, way: "earlier" | "later", moved?: any, before?: any}} props */
function Step({ session, job, way, moved, before }) {
  const name = text(`queue.${way}`, { name: job.title || job.id });
  return html`<button class=${`icon ${way}`} aria-label=${name} title=${name} disabled=${!moved || !before}
    onClick=${() => session.attempt(() => session.api.move(moved.id, { before: before.id }))}></button>`;
}
