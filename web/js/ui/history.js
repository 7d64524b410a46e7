// @ts-check
/** The saved versions of a workflow and what ran of it: to compare with, and to go back to. */

import { clock, duration, text } from "../text/index.js";
import { openUnnamed } from "./documents.js";
import { html, useEffect, useState } from "./html.js";

/** @typedef {import("./session.js").Session} Session */

/** @param {{session: Session}} props */
export function History({ session }) {
  const tab = session.tab.value;
  const [versions, setVersions] = useState(/** @type {any[]} */ ([]));
  const name = tab.name.value;
  const version = tab.version.value;
  useEffect(() => {
    setVersions([]);
    if (version !== null) session.api.history(name).then(setVersions, session.tellError);
  }, [name, version]);
  const runs = (session.queue.value?.ended ?? []).filter((/** @type {any} */ { title }) => title === name);
  return html`<h3>${text("history.versions")}</h3>
    ${!versions.length && html`<p class="empty">${text("history.none")}</p>`}
    <ul class="cards">${versions.map((one) => html`<li class="card" key=${one.version}>
      <span class="line"><strong>${text("history.version", { n: one.version })}</strong>
        ${one.version === version && html`<span class="badge">${text("history.current")}</span>`}</span>
      <span class="quiet">${clock(one.time)}</span>
      <span class="line actions">
        <button onClick=${() => compare(session, one.version)}>${text("history.compare")}</button>
        <button onClick=${() => restore(session, one.version)}>${text("history.restore")}</button>
      </span></li>`)}</ul>
    ${runs.length > 0 && html`<h3>${text("history.runs")}</h3><ul class="cards">${runs.map((/** @type {any} */ job) => html`<li class="card" key=${job.id}>
      <span class="line"><span class="badge" data-state=${job.state}>${text(`job.${job.state}`)}</span>
        <span class="quiet">${clock(job.created)}${job.outcome?.seconds ? ` · ${duration(job.outcome.seconds)}` : ""}</span></span>
      <span class="line actions">
        <button onClick=${() => compareRun(session, job)}>${text("history.compare")}</button>
        <button onClick=${() => session.attempt(async () => openUnnamed(session, name, await session.api.jobWorkflow(job.id)))}>${text("history.openRun")}</button>
      </span></li>`)}</ul>`}`;
}

/** @param {Session} session @param {string} name @param {any} document */
function show(session, name, document) {
  session.tab.value.compared.value = { name, document };
  session.panel.value = "diff";
}

/** @param {Session} session @param {number} version */
const compare = (session, version) =>
  session.attempt(async () => {
    const { document } = await session.api.document(session.tab.value.name.value, version);
    show(session, text("diff.version", { n: version }), document);
  });

/** @param {Session} session @param {any} job */
const compareRun = (session, job) =>
  session.attempt(async () => show(session, clock(job.created), await session.api.jobWorkflow(job.id)));

/** As an edit: it can be undone, and is saved when people save. @param {Session} session @param {number} version */
const restore = (session, version) =>
  session.attempt(async () => {
    const { whole, name } = session.tab.value;
    const { document } = await session.api.document(name.value, version);
    whole.store.edit("history.restore", () => document);
  });
