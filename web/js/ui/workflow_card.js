// @ts-check
/** The workflow that is shown, as a whole: its name, its interface, the sub-workflows in it. */

import { nodeIds, nodeOf } from "../core/document.js";
import { describedPort, exposedName, givenName, movedPort, removedPort, renamedPort, setInput, usersOf } from "../core/edits.js";
import { keysOf } from "../core/json.js";
import { widgetOf } from "../core/kinds.js";
import { text } from "../text/index.js";
import { html } from "./html.js";
import { changeFace, goTo, placeName, placeOf, removeAt, renameAt, toggleShown, userName, usesText } from "./subworkflows.js";
import { Widget } from "./widget.js";

/**
 * @typedef {import("./session.js").Session} Session
 * @typedef {import("../core/edit_interface.js").Side} Side
 * @typedef {{node: string, port: import("../core/kinds.js").Port}} Inner
 */

/** @param {{session: Session}} props */
export function WorkflowCard({ session }) {
  const tab = session.tab.value;
  const path = tab.path.value;
  return html`<article class="node-card workflow-card" aria-label=${placeName(tab)}>
    ${path.length ? html`<${Name} session=${session} path=${path} />` : html`<h3>${text("sub.interface")}</h3>`}
    <p class="quiet">${text(path.length ? "sub.help" : "sub.helpWhole")}</p>
    ${["inputs", "outputs"].map((side) => html`<${Ports} key=${side} session=${session} side=${side} />`)}
    <${Definitions} session=${session} />
  </article>`;
}

/** @param {{session: Session, path: string[]}} props */
function Name({ session, path }) {
  const users = usersOf(session.tab.value.whole.document.value, path);
  return html`<input class="heading" aria-label=${text("sub.name")} value=${path.at(-1)} maxlength="200"
      onChange=${(/** @type {any} */ event) => renameAt(session, path, event.currentTarget.value.trim())} />
    <details><summary>${usesText(users.length)}</summary>
      <ul class="plain">${users.map((user) => html`<li key=${`${user.path} ${user.node}`}>${userName(session, user)}</li>`)}</ul></details>`;
}

/** @param {{session: Session, side: Side}} props */
function Ports({ session, side }) {
  const face = session.tab.value.document.value.interface ?? { inputs: {}, outputs: {} };
  const names = keysOf(face[side] ?? {});
  return html`<h3>${text(`inspector.${side}`)}</h3>
    ${!names.length && html`<p class="quiet">${text(`sub.no.${side}`)}</p>`}
    <ol class="ports">${names.map((name, at) => html`<${Port} key=${name} session=${session} side=${side} name=${name} first=${at === 0} last=${at === names.length - 1} />`)}</ol>
    <${Add} session=${session} side=${side} />`;
}

/** @param {{session: Session, side: Side, name: string, first: boolean, last: boolean}} props */
function Port({ session, side, name, first, last }) {
  const face = /** @type {any} */ (session.tab.value.document.value.interface);
  const targets = /** @type {any[]} */ ([face[side][name]].flat());
  const type = typeOf(session, side, targets[0]);
  const words = face.docs?.[side]?.[name] ?? "";
  const rename = (/** @type {any} */ event) => {
    const next = event.currentTarget.value.trim();
    if (!next || Object.hasOwn(face[side], next)) return void (event.currentTarget.value = name);
    changeFace(session, (now) => renamedPort(now, side, name, next), { [side]: { [name]: next } });
  };
  const does = (/** @type {string} */ what, /** @type {any} */ change, disabled = false) => html`<button class=${`icon ${what}`} disabled=${disabled}
    aria-label=${text(`sub.${what}`, { name })} title=${text(`sub.${what}`, { name })} onClick=${() => changeFace(session, change)}></button>`;
  return html`<li class="port" data-port=${name}>
    <div class="line"><span class="type-mark" data-type=${type} aria-hidden="true"></span>
      <input aria-label=${text("sub.portName", { name })} value=${name} maxlength="100" onChange=${rename} />
      <span class="quiet">${type}</span>
      ${does("earlier", (/** @type {any} */ now) => movedPort(now, side, name, -1), first)}
      ${does("later", (/** @type {any} */ now) => movedPort(now, side, name, 1), last)}
      ${does("trash", (/** @type {any} */ now) => removedPort(now, side, name))}</div>
    <p class="quiet">${targets.map((target) => html`<${Inside} key=${`${target.node} ${target.input ?? target.output}`} session=${session} target=${target} />`)}</p>
    ${side === "inputs" && html`<${Default} session=${session} targets=${targets} name=${name} />`}
    <input class="words" aria-label=${text("sub.words", { name })} placeholder=${text("sub.wordsHint")} value=${words} maxlength="500"
      onChange=${(/** @type {any} */ event) => changeFace(session, (now) => describedPort(now, side, name, event.currentTarget.value.trim()))} />
  </li>`;
}

/** What a port of the interface sets or gives. @param {{session: Session, target: any}} props */
function Inside({ session, target }) {
  const node = nodeOf(session.tab.value.document.value, target.node);
  const title = node ? session.kinds.titleOf(node) : target.node;
  return html`<button class="link" onClick=${() => session.select([target.node])}>${text("sub.inside", { node: title, port: target.input ?? target.output })}</button> `;
}

/** The value that an input has where nobody gives it one. @param {{session: Session, targets: any[], name: string}} props */
function Default({ session, targets: [first, ...others], name }) {
  const tab = session.tab.value;
  const node = first && nodeOf(tab.document.value, first.node);
  const port = node && session.kinds.inputOf(node, first.input, tab.scopes.value);
  if (!port || !widgetOf(port)) return null;
  const label = text("sub.default", { name });
  const set = (/** @type {any} */ value, /** @type {any} */ options) => tab.store.edit("sub.default", (document) =>
    [first, ...others].reduce((now, target) => setInput(now, target, value), document), options);
  return html`<div class="field"><span class="quiet">${text("sub.defaultShort")}</span>
    <${Widget} session=${session} tab=${tab} id=${first.node} port=${port} label=${label} set=${set} /></div>`;
}

/** @param {Session} session @param {Side} side @param {any} target */
function typeOf({ kinds, tab }, side, target) {
  const { document, scopes } = tab.value;
  const node = target && nodeOf(document.value, target.node);
  if (!node) return "*";
  const port = side === "inputs" ? kinds.inputOf(node, target.input, scopes.value) : kinds.outputOf(node, target.output, scopes.value);
  return port?.type ?? "*";
}

/** @param {{session: Session, side: Side}} props */
function Add({ session, side }) {
  const tab = session.tab.value;
  const document = tab.document.value;
  const groups = nodeIds(document).map((node) => ({ node, ports: freePorts(session, side, node) })).filter(({ ports }) => ports.length);
  if (!groups.length) return null;
  const add = (/** @type {any} */ event) => {
    const [node, name] = JSON.parse(event.currentTarget.value);
    event.currentTarget.value = "";
    toggleShown(session, { node, side: side === "inputs" ? "input" : "output", port: name });
  };
  return html`<select aria-label=${text(`sub.add.${side}`)} onChange=${add}>
    <option value="">${text(`sub.add.${side}`)}</option>
    ${groups.map(({ node, ports }) => html`<optgroup key=${node} label=${session.kinds.titleOf(/** @type {any} */ (nodeOf(document, node)))}>
      ${ports.map((/** @type {string} */ name) => html`<option key=${name} value=${JSON.stringify([node, name])}>${name}</option>`)}</optgroup>`)}
  </select>`;
}

/** The ports of a node that the interface does not show. @param {Session} session @param {Side} side @param {string} id @returns {string[]} */
function freePorts({ kinds, tab }, side, id) {
  const { document, scopes } = tab.value;
  const isFree = (/** @type {string} */ name) => side === "inputs"
    ? exposedName(document.value, { node: id, input: name }) === undefined
    : givenName(document.value, { node: id, output: name }) === undefined;
  return kinds.portsOf(/** @type {any} */ (nodeOf(document.value, id)), scopes.value)[side].map((/** @type {any} */ { name }) => name).filter(isFree);
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
