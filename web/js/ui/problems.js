// @ts-check
/** What keeps the workflow from running, and what failed in the last run; each leads to its input. */

import { nodeOf } from "../core/document.js";
import { text } from "../text/index.js";
import { html } from "./html.js";

/** @typedef {import("./session.js").Session} Session */

/** @param {{session: Session}} props */
export function Problems({ session }) {
  const tab = session.tab.value;
  const failed = [...tab.states.value].filter(([, { state }]) => state === "failed").map(([node, state]) => ({ node, ...state }));
  const all = [...tab.problems.value, ...failed];
  if (!all.length) return html`<p class="empty">${text("problems.none")}</p>`;
  return html`<ul class="cards">${all.map((problem, number) => html`<li key=${number}>
    <button class="card bad" onClick=${() => go(session, problem)}>
      <strong>${titleOf(session, problem)}</strong><span>${problem.message}</span><span class="quiet">${problem.cure}</span>
    </button></li>`)}</ul>`;
}

/** @param {Session} session @param {any} problem */
function titleOf(session, { node: id, input }) {
  const node = id && nodeOf(session.tab.value.document.value, id);
  const name = node ? session.kinds.titleOf(node) : (id ?? "");
  return input ? `${name} · ${input}` : name;
}

/** Select the node, and put the focus on its input. @param {Session} session @param {any} problem */
function go(session, { node, input }) {
  if (!node) return;
  session.select([node], { input });
  requestAnimationFrame(() => {
    const place = document.querySelector(`[data-node="${CSS.escape(node)}"] [data-input="${CSS.escape(input ?? "")}"]`);
    place?.scrollIntoView({ block: "center" });
    /** @type {HTMLElement | null | undefined} */ (place?.querySelector("input, textarea, button"))?.focus();
  });
}
