// @ts-check
/** The graph as a table, in the order in which it runs: for screen readers, phones and whoever likes lists. */

import { executionOrder, nodeOf } from "../core/document.js";
import { duration, text } from "../text/index.js";
import { factsOf } from "./facts.js";
import { html } from "./html.js";
import { linksText } from "./inspector.js";
import { enter } from "./subworkflows.js";

/** @typedef {import("./session.js").Session} Session */

/** @param {{session: Session}} props */
export function List({ session }) {
  const tab = session.tab.value;
  const document = tab.document.value;
  const order = executionOrder(document);
  if (!order.length) return html`<p class="empty">${text("list.empty")}</p>`;
  return html`<div class="list scroll" tabindex="0" role="region" aria-label=${text("list.caption")}><table>
    <caption class="unseen">${text("list.caption")}</caption>
    <thead><tr>${["node", "kind", "state", "inputs", "gives"].map((name) => html`<th scope="col" key=${name}>${text(`list.${name}`)}</th>`)}</tr></thead>
    <tbody>${order.map((id) => html`<${Row} key=${id} session=${session} id=${id} node=${nodeOf(document, id)} document=${document} />`)}</tbody>
  </table></div>`;
}

/** @param {{session: Session, id: string, node: any, document: any}} props */
function Row({ session, id, node, document }) {
  const tab = session.tab.value;
  const chosen = tab.selection.value.has(id);
  const state = tab.states.value.get(id);
  const planned = tab.plan.value?.run[id] && !state ? "planned" : undefined;
  const select = (/** @type {MouseEvent} */ event) => {
    const more = event.shiftKey || event.ctrlKey || event.metaKey;
    const kept = more ? [...tab.selection.value].filter((one) => one !== id) : [];
    session.select(more && chosen ? kept : [...kept, id]);
  };
  return html`<tr data-node-row=${id} data-state=${state?.state ?? "idle"} data-selected=${chosen} data-mode=${node.mode} data-planned=${planned}>
    <th scope="row"><button class="row" aria-pressed=${chosen} onClick=${select} onDblClick=${() => enter(session, id)}>${session.kinds.titleOf(node)}</button></th>
    <td class="quiet">${node.kind}</td>
    <td><span class="badge" data-state=${state?.state ?? "idle"}>${text(`state.${state?.state ?? "idle"}`)}</span>
      ${state?.seconds !== undefined && html` <span class="quiet">${duration(state.seconds)}</span>`}
      ${state?.state === "running" && state.total && html` <progress aria-label=${session.kinds.titleOf(node)} max=${state.total} value=${state.done}></progress>`}</td>
    <td class="quiet">${linksText(session, node, document).map(({ input, from, title }) => html`<button class="link" key=${input} onClick=${() => session.select([from])}>${input} ← ${title}</button> `)}</td>
    <td class="quiet facts">${factsOf(session, id, node).join(", ")}</td>
  </tr>`;
}
