// @ts-check
/** What a workflow needs that is not here, a fix for each; nothing is fetched from anywhere. */

import { uniqueTitle } from "../core/names.js";
import { nearest, repaired, repairsOf } from "../core/repairs.js";
import { text } from "../text/index.js";
import { html, useEffect, useState } from "./html.js";
import { goToNode } from "./subworkflows.js";

/** @typedef {import("./session.js").Session} Session */
/** @typedef {import("../core/repairs.js").Repair} Repair */

/** The repairs of the workflow that is shown. @param {Session} session @returns {Repair[]} */
export function repairsNow(session) {
  const { document, problems } = session.tab.value.whole;
  return repairsOf(document.value, session.kinds, problems.value);
}

/** @param {{session: Session, repairs: Repair[]}} props */
export function Repairs({ session, repairs }) {
  if (!repairs.length) return null;
  return html`<section aria-label=${text("repair.title")}><h3>${text("repair.title")}</h3>
    <ul class="cards">${repairs.map((repair) => html`<li class="card bad repair" data-what=${repair.what} key=${`${repair.what} ${repair.name} ${repair.targets[0].node}`}>
      <strong>${said(repair)}</strong>
      ${packOf(repair) && html`<span class="quiet">${text("repair.pack", { pack: packOf(repair) })}</span>`}
      <span class="line">${repair.targets.map((target) => html`<${NodeLink} key=${target.called + target.input} session=${session} target=${target} />`)}</span>
      <span class="line actions"><${FIXES[repair.what]} session=${session} repair=${repair} /></span></li>`)}</ul></section>`;
}

/** @param {Repair} repair */
const said = ({ what, name, port }) => text(`repair.${what}`, { name, port: port?.source ?? port?.label ?? port?.name });

/** The pack that a missing kind says it is of. @param {Repair} repair */
const packOf = ({ what, name }) => (what === "kind" && name.includes("/") ? name.slice(0, name.indexOf("/")) : "");

/** @param {{session: Session, target: import("../core/repairs.js").Place}} props */
function NodeLink({ session, target: { called, node, input, scopes } }) {
  const title = uniqueTitle(/** @type {any} */ (scopes.at(-1)), session.kinds, node);
  return html`<button class="link" onClick=${() => goToNode(session, called, input)}>${title}</button>`;
}

/** @param {Session} session @param {Repair} repair @param {any} instead */
function fix(session, repair, instead) {
  session.tab.value.whole.store.edit("command.problems", (document) => repaired(document, session.kinds, repair, instead));
  session.said.value = text("repair.done", { name: repair.name });
}

/** @param {{session: Session, repair: Repair}} props */
function KindFixes({ session, repair }) {
  const find = () => (session.dialog.value = { kind: "finder", replace: (/** @type {string} */ kind) => fix(session, repair, kind) });
  return html`${repair.near.map((name) => html`<button key=${name} onClick=${() => fix(session, repair, name)}>
      ${text("repair.kindBy", { name: session.kinds.of(name)?.title || name })}</button> `)}
    <button onClick=${find}>${text("repair.kindFind")}</button>`;
}

/** @param {{session: Session, repair: Repair}} props */
function ChoiceFixes({ session, repair }) {
  const { port, name } = repair;
  const [choices, setChoices] = useState(/** @type {any[] | null} */ (port?.choices ?? null));
  useEffect(() => {
    if (port?.source) session.api.choices(port.source).then(setChoices, session.tellError);
  }, [port?.source]);
  if (!choices) return null;
  if (!choices.length) return html`<span class="quiet">${text("repair.empty", { source: port?.source ?? "" })}</span>`;
  const take = (/** @type {string} */ named) => fix(session, repair, choices.find((choice) => String(choice) === named));
  const near = nearest(name, choices.map(String));
  return html`${near.map((choice) => html`<button key=${choice} onClick=${() => take(choice)}>${text("repair.choiceBy", { name: choice })}</button> `)}
    <select aria-label=${text("repair.choiceFind")} value="" onChange=${(/** @type {any} */ event) => take(event.currentTarget.value)}>
      <option value="" disabled>${text("repair.choiceFind")}</option>
      ${choices.map((choice) => html`<option key=${choice}>${choice}</option>`)}</select>`;
}

/** @param {{session: Session, repair: Repair}} props */
function VersionFixes({ session, repair }) {
  const version = session.kinds.of(repair.name)?.version ?? 1;
  return html`<button onClick=${() => fix(session, repair, "")}>${text("repair.versionBy", { version })}</button>`;
}

/** @type {Record<Repair["what"], any>} */
const FIXES = { kind: KindFixes, choice: ChoiceFixes, version: VersionFixes };
