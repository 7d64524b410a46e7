// @ts-check
/** Before an interface is changed: which nodes use what would be gone. */

import { nodeOf } from "../core/document.js";
import { scopesAt } from "../core/subworkflows.js";
import { text } from "../text/index.js";
import { Dialog } from "./dialog.js";
import { html } from "./html.js";
import { userName } from "./subworkflows.js";
import { TypeMark } from "./type_mark.js";

/** @typedef {import("../core/contracts.js").Loss} Loss */

/**
 * @param {{session: import("./session.js").Session, dialog: {lost: Loss[],
 *   apply: () => void}}} props
 */
export function Contract({ session, dialog: { lost, apply } }) {
  const close = () => (session.dialog.value = null);
  return html`<${Dialog} session=${session} title=${text("sub.contract")} name="contract">
    <p>${text(lost.length === 1 ? "sub.affectedOne" : "sub.affected", { n: lost.length })}</p>
    <ul class="cards">${lost.map((loss) => html`<li class="card bad" key=${`${loss.path} ${loss.node}`}>
      <strong>${userName(session, loss)}</strong>
      <${Lost} session=${session} loss=${loss} side="inputs" /><${Lost} session=${session} loss=${loss} side="outputs" /></li>`)}</ul>
    <footer class="line"><span class="space"></span><button autofocus onClick=${close}>${text("cancel")}</button>
      <button class="primary" onClick=${() => { close(); apply(); }}>${text("sub.apply")}</button></footer>
  </${Dialog}>`;
}

/** The ports on one side that a node would lose. @param {{session: import("./session.js").Session, loss: Loss, side: "inputs" | "outputs"}} props */
function Lost({ session, loss, side }) {
  const scopes = scopesAt(session.tab.value.whole.document.value, loss.path);
  const node = nodeOf(scopes[scopes.length - 1], loss.node);
  const ports = node ? session.kinds.portsOf(node, scopes)[side] : [];
  const typeOf = (/** @type {string} */ name) => ports.find((/** @type {any} */ port) => port.name === name)?.type;
  if (!loss[side].length) return null;
  return html`<div class="line lost"><span class="quiet">${text(`sub.lost.${side}`)}</span>
    <ul class="plain">${loss[side].map((name) => html`<li key=${name}><${TypeMark} type=${typeOf(name)} /> ${name} <span class="quiet">${typeOf(name)}</span></li>`)}</ul></div>`;
}
