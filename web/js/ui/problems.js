// @ts-check
/** What keeps the workflow from running, and what failed in the last run; each leads to its input. */

import { whereIs } from "../core/places.js";
import { text } from "../text/index.js";
import { html } from "./html.js";
import { Repairs, repairsNow } from "./repairs.js";
import { goToNode, trailOf } from "./subworkflows.js";

/** @typedef {import("./session.js").Session} Session */

/** @param {{session: Session}} props */
export function Problems({ session }) {
  const tab = session.tab.value;
  const failed = [...tab.whole.states.value].filter(([, { state }]) => state === "failed").map(([node, state]) => ({ node, ...state }));
  const repairs = repairsNow(session);
  const repaired = new Set(repairs.flatMap(({ problems }) => problems));
  const all = [...tab.whole.problems.value.filter((problem) => !repaired.has(problem)), ...failed];
  if (!all.length && !repairs.length) return html`<p class="empty">${text("problems.none")}</p>`;
  return html`<${Repairs} session=${session} repairs=${repairs} />
    ${repairs.length > 0 && all.length > 0 && html`<h3>${text("repair.rest")}</h3>`}
    <ul class="cards">${all.map((problem, number) => html`<li key=${number}>
    <button class="card bad" onClick=${() => go(session, problem)}>
      <strong>${titleOf(session, problem)}</strong><span>${problem.message}</span><span class="quiet">${problem.cure}</span>
    </button></li>`)}</ul>`;
}

/** @param {Session} session @param {any} problem */
function titleOf(session, { node: id, input }) {
  const name = id ? trailOf(session, session.tab.value, id) : "";
  return input ? `${name} · ${input}` : name;
}

/** Go to the node, also into a sub-workflow, and put the focus on its input. @param {Session} session @param {any} problem */
function go(session, { node, input }) {
  if (!node) return;
  const { node: id = node } = whereIs(session.tab.value.whole.document.value, node);
  goToNode(session, node, input);
  requestAnimationFrame(() => {
    const place = document.querySelector(`[data-node="${CSS.escape(id)}"] [data-input="${CSS.escape(input ?? "")}"]`);
    place?.scrollIntoView({ block: "center" });
    /** @type {HTMLElement | null | undefined} */ (place?.querySelector("input, textarea, button"))?.focus();
  });
}
