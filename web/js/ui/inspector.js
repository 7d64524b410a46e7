// @ts-check
/** All of the selected node: what it is, what it takes, why it ran, what it showed. */

import { isLink, linksOf, nodeOf } from "../core/document.js";
import { disconnect, resetInput, setMode, setTitle, usersOf } from "../core/edits.js";
import { foundAt } from "../core/places.js";
import { same } from "../core/json.js";
import { widgetOf } from "../core/kinds.js";
import { duration, text } from "../text/index.js";
import { give } from "./clipboard.js";
import { explain } from "./explain.js";
import { factOf } from "./facts.js";
import { html } from "./html.js";
import { Items } from "./items.js";
import { lookAt } from "./looking.js";
import { onDemand } from "./on_demand.js";
import { enter, shownName, toggleShown, unpack, usesText } from "./subworkflows.js";
import { TypeMark } from "./type_mark.js";
import { Widget } from "./widget.js";

/** @typedef {import("./session.js").Session} Session */

const Beginning = onDemand(() => import("./templates.js"), "Beginning");
const WorkflowCard = onDemand(() => import("./workflow_card.js"), "WorkflowCard");

const SHOWN = 60; // letters of a default

/** @param {{session: Session}} props */
export function Inspector({ session }) {
  const tab = session.tab.value;
  const document = tab.document.value;
  const ids = [...tab.selection.value].filter((id) => nodeOf(document, id));
  if (!ids.length) return html`<p class="empty">${text("inspector.none")}</p><${Beginning} session=${session} /><${WorkflowCard} session=${session} />`;
  return html`${ids.length > 1 && html`<p class="quiet">${text("inspector.several", { n: ids.length })}</p>`}
    ${ids.slice(0, 12).map((id) => html`<${NodeCard} key=${id} session=${session} id=${id} />`)}`;
}

/** @param {{session: Session, id: string}} props */
function NodeCard({ session, id }) {
  const tab = session.tab.value;
  const document = tab.document.value;
  const node = /** @type {any} */ (nodeOf(document, id));
  const kind = session.kinds.of(node.kind);
  const scopes = tab.scopes.value;
  const { inputs, outputs } = session.kinds.portsOf(node, scopes);
  const results = tab.results.value.get(id);
  const rename = (/** @type {any} */ event) =>
    tab.store.edit("inspector.title", (now) => setTitle(now, id, event.currentTarget.value));
  return html`<article class="node-card" aria-label=${session.kinds.titleOf(node)} data-node=${id}>
    <input class="heading" aria-label=${text("inspector.title")} value=${node.title ?? ""} placeholder=${session.kinds.titleOf(node)} onChange=${rename} />
    <p class="quiet">${node.kind} · ${id}</p>
    ${session.kinds.isUnknown(node, scopes) && html`<p class="note bad">${text("inspector.unknown")}</p>`}
    ${kind?.help && html`<p class="help">${kind.help}</p>`}
    <${Used} session=${session} id=${id} />
    <${State} session=${session} id=${id} />
    <${Mode} session=${session} id=${id} node=${node} />
    <h3>${text("inspector.inputs")}</h3>
    <ul class="inputs">${inputs.map((/** @type {any} */ port) => html`<${Input} key=${port.name} session=${session} id=${id} node=${node} port=${port} />`)}</ul>
    ${outputs.length > 0 && html`<h3>${text("inspector.outputs")}</h3><ul class="outputs">${outputs.map((/** @type {any} */ port) => html`<li key=${port.name}>
      <${TypeMark} type=${port.type} />${port.label ?? port.name} <span class="quiet">${port.type} ${factOf(session, { node: id, output: port.name })}</span>
      <button class="link" aria-label=${text("look.of", { output: port.label ?? port.name })} onClick=${(/** @type {MouseEvent} */ event) =>
        lookAt(session, { node: id, output: port.name }, [event.clientX || innerWidth, event.clientY || innerHeight / 3])}>${text("look.open")}</button>
      <span class="space"></span><${Connect} session=${session} end=${{ node: id, output: port.name }} label=${port.label ?? port.name} />
      <${Expose} session=${session} socket=${{ node: id, side: "output", port: port.name }} label=${port.label ?? port.name} />
      ${port.help && html`<small>${port.help}</small>`}</li>`)}</ul>`}
    ${results && html`<h3>${text("inspector.results")}</h3><${Items} session=${session} items=${results} />`}
  </article>`;
}

/** The sub-workflow that a node uses. @param {{session: Session, id: string}} props */
function Used({ session, id }) {
  const tab = session.tab.value;
  const whole = tab.whole.document.value;
  const place = [...tab.place.value, id];
  const found = foundAt(whole, place);
  if (found.place.length < place.length) return null;
  const count = usersOf(whole, found.path).length;
  return html`<div class="line used"><span class="quiet">${usesText(count)}</span><span class="space"></span>
    <button class="primary" onClick=${() => enter(session, id)}>${text("sub.open")}</button>
    <button onClick=${() => unpack(session, id)}>${text("command.sub.unpack")}</button></div>`;
}

/** @param {{session: Session, id: string}} props */
function State({ session, id }) {
  const tab = session.tab.value;
  const state = tab.states.value.get(id);
  const why = explain(tab, id);
  const preview = tab.previews.value.get(id);
  if (!state && !why) return null;
  const steps = state?.state === "running" && state.total ? ` · ${text("run.step", state)}` : "";
  return html`<section class="state" data-state=${state?.state ?? "idle"}>
    ${state && html`<p><span class="badge" data-state=${state.state}>${text(`state.${state.state}`)}</span>
      ${state.seconds !== undefined && html` <span class="quiet">${duration(state.seconds)}</span>`}${steps}</p>`}
    ${why && html`<p class="why">${why}</p>`}
    ${state?.message && html`<p class="bad-text">${state.message}</p>`}
    ${state?.cure && html`<p>${state.cure}</p>`}
    ${state?.trace && html`<details><summary>${text("inspector.trace")}</summary><pre tabindex="0">${state.trace}</pre>
      <button onClick=${() => copyDetails(session, id, state)}>${text("inspector.copyTrace")}</button></details>`}
    ${preview && html`<img class="preview" src=${preview} alt="" />`}
  </section>`;
}

/** @param {Session} session @param {string} id @param {import("../net/run_states.js").RunState} state */
const copyDetails = (session, id, state) =>
  session.attempt(async () => {
    const { version, python, platform, packs } = await session.api.system();
    const facts = { node: id, ...state, version, python, platform, packs };
    await give(session, JSON.stringify(facts, null, 1));
  });

/** @param {{session: Session, id: string, node: any}} props */
function Mode({ session, id, node }) {
  const now = node.mode ?? "on";
  const set = (/** @type {any} */ mode) => session.tab.value.store.edit("inspector.mode", (document) => setMode(document, [id], mode));
  return html`<div class="modes" role="group" aria-label=${text("inspector.mode")}>
    ${["on", "muted", "bypassed"].map((mode) => html`<button key=${mode} aria-pressed=${mode === now}
      title=${mode === "on" ? undefined : text(`inspector.${mode}Help`)} onClick=${() => set(mode)}>${text(`inspector.${mode}`)}</button>`)}
  </div>`;
}

/** @param {{session: Session, id: string, node: any, port: any}} props */
function Input({ session, id, node, port }) {
  const tab = session.tab.value;
  const raw = Object.hasOwn(node.inputs, port.name) ? node.inputs[port.name] : undefined;
  const changed = raw !== undefined && !isLink(raw) && !same(raw, port.default);
  const problem = tab.problems.value.find((one) => one.node === id && one.input === port.name);
  const label = port.label ?? port.name;
  const told = widgetOf(port) && !isLink(raw) ? String(port.default ?? "") : "";
  const standard = told && text("inspector.default", { value: told.slice(0, SHOWN) });
  return html`<li class="input" data-input=${port.name} data-changed=${changed} data-bad=${Boolean(problem)}>
    <div class="line"><${TypeMark} type=${port.type} />
      <span class="label">${label}</span> <span class="quiet">${port.type} ${isLink(raw) ? factOf(session, raw.link) : ""}</span>
      <span class="space"></span>
      ${changed && port.default !== undefined && html`<button class="icon reset" aria-label=${text("inspector.reset", { name: label })}
        title=${text("inspector.reset", { name: label })}
        onClick=${() => tab.store.edit("inspector.reset", (document) => resetInput(document, { node: id, input: port.name }))}></button>`}
      <${Connect} session=${session} end=${{ node: id, input: port.name }} label=${label} />
      ${widgetOf(port) && !isLink(raw) && html`<${Vary} session=${session} target=${{ node: id, input: port.name }} label=${label} />`}
      ${(tab.place.value.length > 0 || (widgetOf(port) && !isLink(raw))) && html`<${Expose} session=${session} socket=${{ node: id, side: "input", port: port.name }} label=${label} />`}
    </div>
    ${isLink(raw) ? html`<${LinkLine} session=${session} target=${{ node: id, input: port.name }} link=${raw.link} label=${label} />`
      : widgetOf(port) ? html`<${Widget} session=${session} tab=${tab} id=${id} port=${port} label=${label} />`
      : html`<p class="quiet">${text("inspector.unlinked")}${port.required ? ` · ${text("inspector.needed")}` : ""}</p>`}
    ${(port.help || standard) && html`<small>${port.help} ${standard && html`<span class="default">${standard}</span>`}</small>`}
    ${problem && html`<p class="bad-text">${problem.message} ${problem.cure}</p>`}
  </li>`;
}

/** @param {{session: Session, target: {node: string, input: string}, label: string}} props */
function Vary({ session, target, label }) {
  const title = text("vary.button", { name: label });
  return html`<button class="icon vary" aria-label=${title} title=${title} onClick=${() => (session.dialog.value = { kind: "vary", target })}></button>`;
}

/** @param {{session: Session, end: import("./connect.js").End, label: string}} props */
function Connect({ session, end, label }) {
  const title = text("inspector.connect", { name: label });
  return html`<button class="icon connect" aria-label=${title} title=${title} onClick=${() => (session.dialog.value = { kind: "connect", node: end.node, end })}></button>`;
}

/** @param {{session: Session, socket: import("../graph/scene.js").Socket, label: string}} props */
function Expose({ session, socket, label }) {
  const tab = session.tab.value;
  const isShown = shownName(tab, socket) !== undefined;
  const title = text(tab.place.value.length || socket.side === "output" ? "inspector.give" : "inspector.expose", { name: label });
  return html`<button class="icon expose" aria-pressed=${isShown} aria-label=${title} title=${title} onClick=${() => toggleShown(session, socket, label)}></button>`;
}

/** @param {{session: Session, target: {node: string, input: string}, link: {node: string, output: string}, label: string}} props */
function LinkLine({ session, target, link, label }) {
  const source = nodeOf(session.tab.value.document.value, link.node);
  const title = source ? session.kinds.titleOf(source) : link.node;
  const off = text("inspector.disconnect", { name: label });
  const cut = (/** @type {any} */ { currentTarget }) => {
    session.tab.value.store.edit("command.disconnect", (document) => disconnect(document, target));
    currentTarget.closest(".input").querySelector(".connect").focus(); // this one goes
  };
  return html`<div class="line"><button class="link" title=${text("inspector.openSource", { node: title })} onClick=${() => session.select([link.node])}>
    ${text("inspector.linked", { node: title, output: link.output })}</button>
    <span class="space"></span><button class="icon close" aria-label=${off} title=${off} onClick=${cut}></button></div>`;
}

/** The links into a node in words. @param {Session} session @param {any} node @param {any} document */
export const linksText = (session, node, document) =>
  linksOf(node).map(([input, { node: from }]) => {
    const source = nodeOf(document, from);
    return { input, from, title: source ? session.kinds.titleOf(source) : text("list.dangling") };
  });
