// @ts-check
/** How the workflow differs from the saved version, or from another one that was asked for. */

import { nodeOf } from "../core/document.js";
import { changesOf, otherAt } from "./changes.js";
import { text } from "../text/index.js";
import { html } from "./html.js";

/** @typedef {import("./session.js").Session} Session */

/** @param {{session: Session}} props */
export function Diff({ session }) {
  const tab = session.tab.value;
  const other = tab.compared.value ?? { name: text("diff.saved"), document: tab.base.value };
  const before = otherAt(tab, other.document);
  const { nodes, layout } = changesOf(before, tab.document.value);
  const title = html`<p class="quiet">${text("diff.against", { what: other.name })}
    ${tab.compared.value && html` <button onClick=${() => (tab.compared.value = null)}>${text("command.diff")}</button>`}</p>`;
  if (!nodes.length && !layout) return html`${title}<p class="empty">${text("diff.none", { what: other.name })}</p>`;
  return html`${title}<ul class="cards">${nodes.map((node) => html`<li key=${node.id}><${Change} session=${session} change=${node} other=${before} /></li>`)}</ul>
    ${layout && html`<p class="quiet">${text("diff.layout")}</p>`}`;
}

/** @param {{session: Session, change: import("./changes.js").NodeChange, other: any}} props */
function Change({ session, change: { id, what, fields }, other }) {
  const node = nodeOf(session.tab.value.document.value, id) ?? nodeOf(other, id);
  return html`<button class="card diff" data-what=${what} onClick=${() => session.select([id])}>
    <span class="line"><strong>${node ? session.kinds.titleOf(node) : id}</strong> <span class="badge" data-what=${what}>${text(`diff.${what}`)}</span></span>
    ${fields.map(({ name, before, after }) => html`<span class="field-change" key=${name}><span class="label">${name}</span>
      <del>${before ?? text("diff.empty")}</del> <ins>${after ?? text("diff.empty")}</ins></span>`)}
  </button>`;
}
