// @ts-check
/** What keeps the workflow from running, and what failed in the last run; each leads to its input. */

import { nodeOf } from "../core/document.js";
import { foundAt, whereIs } from "../core/places.js";
import { text } from "../text/index.js";
import { html } from "./html.js";
import { Repairs, repairsNow } from "./repairs.js";
import { goToNode } from "./subworkflows.js";

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
  const name = id ? trailOf(session, id) : "";
  return input ? `${name} · ${input}` : name;
}

/** The node, after the sub-workflows that it is in. @param {Session} session @param {string} id */
function trailOf(session, id) {
  const document = session.tab.value.whole.document.value;
  const { place, node } = whereIs(document, id);
  const all = node === undefined ? place : [...place, node];
  const titles = all.map((one, depth) => {
    const scope = /** @type {any} */ (foundAt(document, place.slice(0, depth)).scopes.at(-1));
    const found = nodeOf(scope, one);
    return found ? session.kinds.titleOf(found) : one;
  });
  return titles.length ? titles.join(" › ") : id;
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
