// @ts-check
/** How the workflow, and every sub-workflow in it, differs from the saved version, or from another one that was asked for. */

import { differences } from "../core/diff.js";
import { nodeOf } from "../core/document.js";
import { prefixOf } from "../core/places.js";
import { text } from "../text/index.js";
import { changesOf } from "./changes.js";
import { perform } from "./commands.js";
import { compareWithFile } from "./comparing.js";
import { html, useRef } from "./html.js";
import { goTo, goToNode, placeOf } from "./subworkflows.js";

/**
 * @typedef {import("./session.js").Session} Session
 * @typedef {import("../core/diff.js").Place & ReturnType<typeof changesOf>} Group the changes of one workflow
 */

/** @param {{session: Session}} props */
export function Diff({ session }) {
  const tab = session.tab.value;
  const other = tab.compared.value ?? { name: text("diff.saved"), document: tab.base.value };
  const groups = differences(other.document, tab.whole.document.value).map((place) => ({ ...place, ...changesOf(place.difference) }));
  const told = groups.filter((group) => group.what !== "changed" || countOf(group) > 0);
  const moved = groups.filter(({ what, layout }) => what === "changed" && layout);
  const alone = told.length === 1 && told[0].path.length === 0;
  return html`<p class="quiet">${text("diff.against", { what: other.name })}</p>
    <${Others} session=${session} />
    ${!groups.length && html`<p class="empty">${text("diff.none", { what: other.name })}</p>`}
    ${told.map((group) => html`<${alone ? Changes : Folder} key=${group.path.join(" › ")} session=${session} group=${group} />`)}
    ${moved.length > 0 && html`<details class="moved"><summary>${text("diff.layout")}</summary>
      <ul class="plain">${moved.map((group) => html`<li key=${group.path.join(" › ")}><${Link} session=${session} group=${group} /></li>`)}</ul></details>`}`;
}

/** What else it may be compared with. @param {{session: Session}} props */
function Others({ session }) {
  const picker = useRef(/** @type {any} */ (null));
  const take = (/** @type {any} */ { currentTarget }) => {
    const [file] = currentTarget.files;
    currentTarget.value = ""; // so that the same file can be taken again
    if (file) void compareWithFile(session, file);
  };
  const { compared } = session.tab.value;
  return html`<div class="line others">
    ${compared.value && html`<button onClick=${() => (compared.value = null)}>${text("diff.withSaved")}</button>`}
    <button onClick=${() => picker.current.click()}>${text("diff.withFile")}</button>
    <button onClick=${() => (session.dialog.value = { kind: "compare" })}>${text("diff.withWorkflow")}</button>
    <input ref=${picker} type="file" hidden aria-label=${text("diff.withFile")} onChange=${take} /></div>`;
}

/** @param {Group} group */
const countOf = ({ nodes, face, others }) => nodes.length + face.length + others.length;

/** @param {Session} session @param {Group} group */
const nameOf = ({ tab }, { path }) => path.join(" › ") || tab.value.name.value;

/** The changes of one of several workflows, under its name; of one that came or went they are many, and folded. @param {{session: Session, group: Group}} props */
function Folder({ session, group }) {
  const count = countOf(group);
  return html`<details class="place" open=${group.what === "changed"}>
    <summary><strong>${nameOf(session, group)}</strong>
      ${group.what !== "changed" && html` <span class="badge" data-what=${group.what}>${text(`diff.${group.what}`)}</span>`}
      <span class="quiet"> ${text(count === 1 ? "diff.countOne" : "diff.count", { n: count })}</span></summary>
    <${Changes} session=${session} group=${group} /></details>`;
}

/** @param {{session: Session, group: Group}} props */
function Changes({ session, group }) {
  const { path, nodes, face, others } = group;
  const place = placeOf(session.tab.value, path);
  const goToFace = place && (() => {
    goTo(session, place);
    perform(session, "interface");
  });
  return html`<ul class="cards">
    ${nodes.map((change) => html`<li key=${change.id}><${Change} session=${session} change=${change} group=${group}
      go=${place && (() => goToNode(session, prefixOf(place) + change.id))} /></li>`)}
    ${face.length > 0 && html`<li key=" face"><${Card} what=${group.what} go=${goToFace}>
      <strong>${text("diff.face")}</strong>${face.map((field) => html`<${Field} ...${field} />`)}</${Card}></li>`}
    ${others.length > 0 && html`<li key=" others" class="quiet">${text("diff.others", { names: others.join(", ") })}</li>`}
  </ul>`;
}

/** @param {{session: Session, change: import("./changes.js").NodeChange, group: Group, go?: () => void}} props */
function Change({ session, change: { id, what, fields }, group, go }) {
  const node = nodeOf(group.after, id) ?? nodeOf(group.before, id);
  return html`<${Card} what=${what} go=${go}>
    <span class="line"><strong>${node ? session.kinds.titleOf(node) : id}</strong> <span class="badge" data-what=${what}>${text(`diff.${what}`)}</span></span>
    ${fields.map((field) => html`<${Field} key=${field.name} ...${field} />`)}
  </${Card}>`;
}

/** What leads to where it is, if anything can. @param {{what: string, go?: () => void, children: any}} props */
const Card = ({ what, go, children }) =>
  go ? html`<button class="card diff" data-what=${what} onClick=${go}>${children}</button>` : html`<div class="card diff" data-what=${what}>${children}</div>`;

/** @param {import("./changes.js").FieldChange} props */
const Field = ({ name, before, after }) => html`<span class="field-change"><span class="label">${name}</span>
  <del>${before ?? text("diff.empty")}</del> <ins>${after ?? text("diff.empty")}</ins></span>`;

/** The name of a workflow, which leads there. @param {{session: Session, group: Group}} props */
function Link({ session, group }) {
  const place = placeOf(session.tab.value, group.path);
  const name = nameOf(session, group);
  return place ? html`<button class="link" onClick=${() => goTo(session, place)}>${name}</button>` : html`<span>${name}</span>`;
}
