// @ts-check
/** The workflow that is shown, as a whole: its name, its interface, the sub-workflows in it. */

import { usersOf } from "../core/edits.js";
import { keysOf } from "../core/json.js";
import { text } from "../text/index.js";
import { Ports } from "./face.js";
import { faceOpen, openFace } from "./face_open.js";
import { html } from "./html.js";
import { goTo, placeName, placeOf, removeAt, renameAt, userName, usesText } from "./subworkflows.js";

/** @typedef {import("./session.js").Session} Session */

/** @param {{session: Session}} props */
export function WorkflowCard({ session }) {
  const tab = session.tab.value;
  const path = tab.path.value;
  return html`<article class="node-card workflow-card" aria-label=${placeName(tab)}>
    ${path.length ? html`<${Name} session=${session} path=${path} /><${Face} session=${session} help="sub.help" />` : html`<${Folded} session=${session} />`}
    <${Definitions} session=${session} />
  </article>`;
}

/** The interface of the whole workflow: one line, until people want to see all of it. @param {{session: Session}} props */
function Folded({ session }) {
  const { inputs = {}, outputs = {} } = session.tab.value.document.value.interface ?? {};
  const said = [["face.takes", keysOf(inputs)], ["face.gives", keysOf(outputs)]].filter(([, names]) => names.length);
  const line = said.map(([key, names]) => text(String(key), { names: [names].flat().join(", ") })).join(" · ");
  return html`<details class="face" open=${faceOpen.value} onToggle=${(/** @type {any} */ { currentTarget: { open } }) => openFace(open)}>
    <summary title=${text("sub.interface")}>${line || text("face.nothing")}</summary>
    ${faceOpen.value && html`<h3>${text("sub.interface")}</h3><${Face} session=${session} help="sub.helpWhole" />`}
  </details>`;
}

/** @param {{session: Session, help: string}} props */
const Face = ({ session, help }) => html`<p class="quiet">${text(help)}</p>
  ${["inputs", "outputs"].map((side) => html`<${Ports} key=${side} session=${session} side=${side} />`)}`;

/** @param {{session: Session, path: string[]}} props */
function Name({ session, path }) {
  const users = usersOf(session.tab.value.whole.document.value, path);
  return html`<input class="heading" aria-label=${text("sub.name")} value=${path.at(-1)} maxlength="200"
      onChange=${(/** @type {any} */ event) => renameAt(session, path, event.currentTarget.value.trim())} />
    <details><summary>${usesText(users.length)}</summary>
      <ul class="plain">${users.map((user) => html`<li key=${`${user.path} ${user.node}`}>${userName(session, user)}</li>`)}</ul></details>`;
}

/** @param {{session: Session}} props */
function Definitions({ session }) {
  const tab = session.tab.value;
  const names = keysOf(tab.document.value.workflows ?? {});
  if (!names.length) return null;
  return html`<h3>${text("sub.all")}</h3><ul class="cards">${names.map((name) => html`<${Definition} key=${name} session=${session} path=${[...tab.path.value, name]} />`)}</ul>`;
}

/** @param {{session: Session, path: string[]}} props */
function Definition({ session, path }) {
  const tab = session.tab.value;
  const users = usersOf(tab.whole.document.value, path).length;
  const place = placeOf(tab, path);
  const name = path.at(-1);
  return html`<li class="card"><span class="line"><strong>${name}</strong>
      <span class="quiet">${usesText(users)}</span></span>
    <span class="line actions">
      ${place && html`<button aria-label=${text("sub.openNamed", { name })} onClick=${() => goTo(session, place)}>${text("sub.open")}</button>`}
      ${!users && html`<button onClick=${() => removeAt(session, path)}>${text("sub.remove", { name })}</button>`}</span></li>`;
}
