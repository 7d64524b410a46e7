// @ts-check
/** One side of an interface as a list: names, types, defaults and words, and what each port stands for inside. */

import { nodeIds, nodeOf } from "../core/document.js";
import { describedPort, exposedName, givenName, movedPort, removedPort, renamedPort, setInput } from "../core/edits.js";
import { differs, facePorts, unfitting } from "../core/face.js";
import { widgetOf } from "../core/kinds.js";
import { text } from "../text/index.js";
import { html } from "./html.js";
import { changeFace, toggleShown } from "./subworkflows.js";
import { TypeMark } from "./type_mark.js";
import { Widget } from "./widget.js";

/**
 * @typedef {import("./session.js").Session} Session
 * @typedef {import("../core/edit_interface.js").Side} Side
 * @typedef {import("../core/face.js").FacePort} FacePort
 * @typedef {import("../core/face.js").Inner} Inner
 */

/** @param {{session: Session, side: Side}} props */
export function Ports({ session, side }) {
  const ports = facePorts(session.kinds, session.tab.value.scopes.value, side);
  return html`<h3>${text(`inspector.${side}`)}</h3>
    ${!ports.length && html`<p class="quiet">${text(`sub.no.${side}`)}</p>`}
    <ol class="ports">${ports.map((port, at) => html`<${Port} key=${port.name} session=${session} side=${side} port=${port} first=${at === 0} last=${at === ports.length - 1} />`)}</ol>
    <${Add} session=${session} side=${side} />`;
}

/** @param {{session: Session, side: Side, port: FacePort, first: boolean, last: boolean}} props */
function Port({ session, side, port, first, last }) {
  const face = /** @type {any} */ (session.tab.value.document.value.interface);
  const { name, type, inner } = port;
  const words = face.docs?.[side]?.[name] ?? "";
  const rename = (/** @type {any} */ event) => {
    const next = event.currentTarget.value.trim();
    if (!next || Object.hasOwn(face[side], next)) return void (event.currentTarget.value = name);
    changeFace(session, (now) => renamedPort(now, side, name, next), { [side]: { [name]: next } });
  };
  const does = (/** @type {string} */ what, /** @type {any} */ change, disabled = false) => html`<button class=${`icon ${what}`} disabled=${disabled}
    aria-label=${text(`sub.${what}`, { name })} title=${text(`sub.${what}`, { name })} onClick=${() => changeFace(session, change)}></button>`;
  return html`<li class="port" data-port=${name}>
    <div class="line"><${TypeMark} type=${type} />
      <input aria-label=${text("sub.portName", { name })} value=${name} maxlength="100" onChange=${rename} />
      <span class="quiet">${type}</span>
      ${does("earlier", (/** @type {any} */ now) => movedPort(now, side, name, -1), first)}
      ${does("later", (/** @type {any} */ now) => movedPort(now, side, name, 1), last)}
      ${does("trash", (/** @type {any} */ now) => removedPort(now, side, name))}</div>
    <ul class="plain insides">${inner.map((one) => html`<${Inside} key=${`${one.node} ${one.port}`} session=${session} inner=${one} typed=${differs(port)} />`)}</ul>
    ${side === "inputs" && differs(port) && html`<${Differing} session=${session} port=${port} />`}
    ${side === "inputs" && html`<${Default} session=${session} targets=${face.inputs[name]} name=${name} />`}
    <input class="words" aria-label=${text("sub.words", { name })} placeholder=${text("sub.wordsHint")} value=${words} maxlength="500"
      onChange=${(/** @type {any} */ event) => changeFace(session, (now) => describedPort(now, side, name, event.currentTarget.value.trim()))} />
  </li>`;
}

/** What a port of the interface sets or gives. @param {{session: Session, inner: Inner, typed: boolean}} props `typed`: say its type too */
function Inside({ session, inner: { node, port, type }, typed }) {
  const label = text("sub.inside", { node: titleAt(session, node), port });
  return html`<li class="quiet"><button class="link" onClick=${() => session.select([node])}>${label}</button>
    ${typed && html`<${TypeMark} type=${type} /> ${type}`}</li>`;
}

/** That an input sets others of several types, and which of them do not take all that it takes. @param {{session: Session, port: FacePort}} props */
function Differing({ session, port }) {
  const odd = unfitting(port);
  if (!odd.length) return html`<p class="quiet">${text("sub.differ", { type: port.type })}</p>`;
  return odd.map((one) => html`<p class="bad-text" key=${`${one.node} ${one.port}`}>${text("sub.unfit", {
    given: port.type, port: one.port, node: titleAt(session, one.node), wanted: one.type })}</p>`);
}

/** @param {Session} session @param {string} id */
function titleAt({ kinds, tab }, id) {
  const node = nodeOf(tab.value.document.value, id);
  return node ? kinds.titleOf(node) : id;
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
