// @ts-check
/** The saved versions of a workflow, which may have names, and what ran of it: to compare with, and to go back to. */

import { smallPicture } from "../net/api.js";
import { clock, duration, text } from "../text/index.js";
import { compareWith } from "./comparing.js";
import { openUnnamed, placed } from "./documents.js";
import { effect, html, useEffect, useLayoutEffect, useRef, useState } from "./html.js";

/** @typedef {import("./session.js").Session} Session */

const PAGE = 20; // runs
const LOOKED_AT = 20; // results of a run, for one that has a picture

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
  const [heard] = useState(() => session.heard.peek()); // before the versions were asked for: they tell of it
  useEffect(() => effect(() => {
    const told = session.heard.value;
    if (told === heard) return;
    const named = told.filter(({ kind, data }) => kind === "named" && data.name === name.normalize());
    if (named.length) setVersions((now) => named.reduce(withName, now));
  }), [name]);
  const call = (/** @type {any} */ { version: n }, /** @type {string} */ called) => session.attempt(async () => {
    await session.api.nameVersion(name, n, called);
    setVersions((now) => withName(now, { data: { version: n, called } }));
    session.said.value = text(called ? "history.named" : "history.unnamed", { n, name: called });
  });
  return html`<h3>${text("history.versions")}</h3>
    ${!versions.length && html`<p class="empty">${text("history.none")}</p>`}
    <ul class="cards">${versions.map((one) => html`<${Version} key=${`${name} ${one.version}`} session=${session} name=${name} one=${one}
      isCurrent=${one.version === version} call=${(/** @type {string} */ called) => call(one, called)} />`)}</ul>
    <${Runs} key=${name} session=${session} name=${name} />`;
}

/** The versions, one of them by a new name. @param {any[]} versions @param {{data: any}} event */
const withName = (versions, { data: { version, called } }) => versions.map((one) => (one.version === version ? { ...one, name: called } : one));

/** @param {{session: Session, name: string, one: any, isCurrent: boolean, call: (name: string) => void}} props */
function Version({ session, name, one, isCurrent, call }) {
  const { version: n, name: called } = one;
  const against = called ? text("diff.versionNamed", { n, name: called }) : text("diff.version", { n });
  return html`<li class="card">
    <span class="line"><strong>${text("history.version", { n })}</strong>
      ${isCurrent && html`<span class="badge">${text("history.current")}</span>`}</span>
    <${Name} n=${n} called=${called} call=${call} />
    <span class="quiet">${clock(one.time)}</span>
    <span class="line actions"><${GoBack} session=${session} name=${against} read=${async () => (await session.api.document(name, n)).document} /></span>
  </li>`;
}

/** The name of a version, which others may change; not while one is written here. @param {{n: number, called: string, call: (name: string) => void}} props */
function Name({ n, called, call }) {
  const field = useRef(/** @type {HTMLInputElement | null} */ (null));
  const shown = useRef("");
  useLayoutEffect(() => {
    if (field.current && field.current.value === shown.current) field.current.value = called;
    shown.current = called;
  }, [called]);
  return html`<input ref=${field} class="version-name" aria-label=${text("history.nameOf", { n })} placeholder=${text("history.name")}
    title=${text("history.keeps")} maxlength="200" onChange=${() => field.current && call(field.current.value.trim())} />`;
}

/** What ran, the newest first, a page at a time. @param {{session: Session, name: string}} props */
function Runs({ session, name }) {
  const [runs, setRuns] = useState(/** @type {any[]} */ ([]));
  const [all, setAll] = useState(false); // that there are has been read
  const newest = (session.queue.value?.ended ?? []).find((/** @type {any} */ { title }) => title === name)?.id;
  useEffect(() => void session.attempt(async () => {
    const page = await session.api.ran(name, PAGE);
    setRuns((now) => [...page, ...now.filter(({ number }) => number < (page.at(-1)?.number ?? 0))]);
    if (page.length < PAGE) setAll(true);
  }), [newest]);
  const more = () => session.attempt(async () => {
    const page = await session.api.ran(name, PAGE, runs.at(-1).number);
    setRuns((now) => [...now, ...page]);
    setAll(page.length < PAGE);
  });
  if (!runs.length) return null;
  return html`<h3>${text("history.runs")}</h3>
    <ul class="cards runs">${runs.map((job) => html`<${Run} key=${job.id} session=${session} name=${name} job=${job} />`)}</ul>
    ${!all && html`<button class="more" onClick=${more}>${text("results.older")}</button>`}`;
}

/** @param {{session: Session, name: string, job: any}} props */
function Run({ session, name, job }) {
  const read = () => session.api.jobWorkflow(job.id);
  return html`<li class="card run-card"><${Picture} session=${session} job=${job} />
    <span class="line"><span class="badge" data-state=${job.state}>${text(`job.${job.state}`)}</span>
      <span class="quiet">${clock(job.created)}${job.outcome?.seconds ? ` · ${duration(job.outcome.seconds)}` : ""}</span></span>
    <span class="line actions"><${GoBack} session=${session} name=${clock(job.created)} read=${read} />
      <button onClick=${() => session.attempt(async () => openUnnamed(session, name, await read()))}>${text("history.openRun")}</button>
    </span></li>`;
}

/** The first picture that a run showed, if it did. @param {{session: Session, job: any}} props */
function Picture({ session, job }) {
  const [shown, setShown] = useState(/** @type {any[]} */ ([]));
  useEffect(() => {
    if (job.state === "done") session.api.resultsOf(job.id, LOOKED_AT).then(setShown, () => undefined); // there is just none to see then
  }, [job.id]);
  const items = shown.filter(({ thumbnail }) => thumbnail);
  const [first] = items;
  return first && html`<button class="picture" aria-label=${text("results.show", { name: first.item.filename })}
    onClick=${() => (session.dialog.value = { kind: "result", item: first, items })}><img src=${smallPicture(first.thumbnail, 128)} alt="" loading="lazy" /></button>`;
}

/** To compare with what was, or to have it again: as an edit, which can be undone. @param {{session: Session, name: string, read: () => Promise<any>}} props */
function GoBack({ session, name, read }) {
  const compare = () => session.attempt(() => compareWith(session, name, read));
  const restore = () => session.attempt(async () => {
    const { whole } = session.tab.value;
    const document = placed(session, await read());
    whole.store.edit("history.restore", () => document);
  });
  return html`<button onClick=${compare}>${text("history.compare")}</button><button onClick=${restore}>${text("history.restore")}</button>`;
}
