// @ts-check
/** The results of sweeps as grids: columns and rows by the values that were varied, a third input by pages. */

import { uniqueTitle } from "../core/names.js";
import { findNode } from "../core/places.js";
import { ENDED } from "../core/run_state.js";
import { cellOf, gridsOf } from "../core/sweep_grid.js";
import { smallPicture } from "../net/api.js";
import { clock, duration, text } from "../text/index.js";
import { perform } from "./commands.js";
import { openUnnamed } from "./documents.js";
import { html, useEffect, useState } from "./html.js";
import { cancel, load, restore } from "./sweeping.js";

/** @typedef {import("./session.js").Session} Session */
/** @typedef {import("../core/sweep_grid.js").Grid} Grid */
/** @typedef {import("../core/sweep_grid.js").ShownAxis} ShownAxis */

/** @param {{session: Session}} props */
export function SweepView({ session }) {
  const [chosen, choose] = useState("");
  useEffect(() => void load(session), []);
  const title = session.tab.value.name.value.slice(0, 200);
  const all = gridsOf(session.sweeps.value);
  const own = all.filter((grid) => grid.title === title);
  const grids = [...own, ...all.filter((grid) => grid.title !== title)];
  const grid = grids.find(({ id }) => id === chosen) ?? own[0];
  return html`<section class="sweep scroll" aria-label=${text("sweep.which")} tabindex="0">
    <div class="line">
      ${grids.length > 1 || !own.length ? html`<select aria-label=${text("sweep.which")} value=${grid?.id ?? ""} disabled=${!grids.length}
        onChange=${(/** @type {any} */ event) => choose(event.currentTarget.value)}>
        ${!grid && html`<option value="" disabled>${text("sweep.which")}</option>`}
        ${grids.map((one) => html`<option key=${one.id} value=${one.id}>${labelOf(one)}</option>`)}</select>`
      : grid && html`<h2>${labelOf(grid)}</h2>`}
      ${grid && html`<${Progress} session=${session} grid=${grid} />`}
      <span class="space"></span>
      <button onClick=${() => perform(session, "vary")}>${text(grid ? "sweep.again" : "command.vary")}</button>
    </div>
    ${grid ? html`<${Pages} key=${grid.id} session=${session} grid=${grid} />` : html`<p class="empty">${text("sweep.none")}</p>`}
  </section>`;
}

/** @param {Grid} grid */
function labelOf({ title, jobs }) {
  const [job] = jobs.values();
  return text("sweep.label", { title, time: clock(job.created) });
}

/** @param {{session: Session, grid: Grid}} props */
function Progress({ session, grid }) {
  const jobs = [...grid.jobs.values()];
  const ended = jobs.filter(({ state }) => ENDED.includes(state)).length;
  if (ended === jobs.length) return html`<span class="quiet">${text("sweep.ended", { done: ended, all: jobs.length })}</span>`;
  const told = text("sweep.ended", { done: ended, all: jobs.length });
  return html`<span class="quiet">${told}</span> <progress aria-label=${told} max=${jobs.length} value=${ended}></progress>
    <button onClick=${() => cancel(session, grid)}>${text("sweep.cancel")}</button>`;
}

/** @param {{session: Session, grid: Grid}} props */
function Pages({ session, grid }) {
  const [page, setPage] = useState(0);
  const [columns, rows, pages] = grid.axes;
  return html`${pages && html`<div class="line pages" role="group" aria-label=${text("sweep.page", { name: nameOf(session, pages) })}>
      <span class="quiet">${nameOf(session, pages)}</span>
      ${[...pages.values].map((value, at) => html`<button key=${at} aria-pressed=${at === page} onClick=${() => setPage(at)}>${value}</button>`)}</div>`}
    <table class="grid"><caption class="unseen">${text("sweep.caption", { title: grid.title })}</caption>
      <thead><tr>
        ${rows && html`<td class="quiet">${nameOf(session, rows)}</td>`}
        ${[...columns.values].map((value, at) => html`<th scope="col" key=${at}><span class="quiet">${at === 0 || !rows ? nameOf(session, columns) : ""}</span> ${value}</th>`)}</tr></thead>
      <tbody>${(rows ? [...rows.values] : [""]).map((value, row) => html`<tr key=${row}>
        ${rows && html`<th scope="row">${value}</th>`}
        ${[...columns.values].map((_value, column) => {
          const at = [column, ...(rows ? [row] : []), ...(pages ? [page] : [])];
          const job = grid.jobs.get(cellOf(at));
          return html`<td key=${cellOf(at)}>${job ? html`<${Cell} key=${job.id} session=${session} grid=${grid} at=${at} job=${job} />` : html`<span class="quiet">${text("sweep.missing")}</span>`}</td>`;
        })}</tr>`)}</tbody></table>`;
}

/** The input that an axis varies, as people call it now. @param {Session} session @param {ShownAxis} axis */
function nameOf(session, { node: id, input }) {
  const { inner, node, found } = findNode(session.tab.value.whole.document.value, id);
  return text("widget.nodeInput", { input, node: found ? uniqueTitle(inner, session.kinds, node) : id });
}

/** @param {{session: Session, grid: Grid, at: number[], job: any}} props */
function Cell({ session, grid, at, job }) {
  const [whole, setWhole] = useState(/** @type {any} */ (null));
  const done = job.state === "done";
  useEffect(() => {
    if (done) session.api.job(job.id).then(setWhole, session.tellError);
  }, [done]);
  const values = grid.axes.map(({ input, values: all }, axis) => `${input} ${all[at[axis]]}`).join(", ");
  const results = whole?.results ?? [];
  const item = results.find((/** @type {any} */ { thumbnail }) => thumbnail);
  const open = () => session.attempt(async () => openUnnamed(session, `${grid.title} ${values}`.slice(0, 120), await session.api.jobWorkflow(job.id)));
  const large = text("sweep.large", { values });
  const use = text("sweep.restore", { values, title: session.tab.value.name.value });
  return html`<div class="cell" data-state=${job.state}>
    <button class="picture" aria-label=${text("sweep.open", { values })} title=${text("sweep.open", { values })} onClick=${open}>
      ${item ? html`<img src=${smallPicture(item.thumbnail, 384)} alt="" loading="lazy" decoding="async" />` : html`<${Rest} job=${job} results=${results} />`}</button>
    ${done && html`<span class="line actions">
      ${item && html`<button class="icon larger" aria-label=${large} title=${large} onClick=${() => (session.dialog.value = { kind: "result", item })}></button>`}
      <button class="icon use" aria-label=${use} title=${use} onClick=${() => restore(session, grid, job, values)}></button>
      ${whole && html`<span class="quiet">${duration(whole.outcome.seconds ?? 0)}</span>`}</span>`}
  </div>`;
}

/** What there is to see where there is no picture. @param {{job: any, results: any[]}} props */
function Rest({ job, results }) {
  const texts = results.filter(({ item }) => typeof item === "string").map(({ item }) => item);
  if (texts.length) return html`<span class="words">${texts.join("\n")}</span>`;
  return html`<span class="badge" data-state=${job.state}>${text(`job.${job.state}`)}</span>${job.reason && html`<small>${job.reason}</small>`}`;
}
