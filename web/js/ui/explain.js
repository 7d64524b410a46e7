// @ts-check
/** Why a node ran, or did not, or will: in words. */

import { text } from "../text/index.js";
import { isBusy } from "./job_state.js";

/** @typedef {import("./session.js").Session} Session */
/** @typedef {import("./tab.js").Tab} Tab */

/** @param {Tab} tab @param {string} id @returns {string} */
export function explain(tab, id) {
  const state = tab.states.value.get(id);
  const plan = tab.plan.value;
  if (state?.state === "blocked") return text("why.blocked", { by: state.by ?? "?" });
  if (state?.why && isBusy(tab)) return text("why.run", { why: state.why });
  if (plan?.run[id]) return text("why.willRun", { why: plan.run[id].join("; ") });
  if (state?.why && state.state !== "cached") return text("why.run", { why: state.why });
  if (state?.state === "cached") return text("why.cached");
  if (plan?.cached.includes(id)) return text("why.willBeCached");
  if (plan && !plan.order.includes(id)) return text("why.unneeded");
  return "";
}

/**
 * Say at a node's state why it is so; and what earlier jobs tell of it, once that is found: which one made a kept
 * value, or what has changed since, where the plan was not there to tell.
 * @param {Session} session @param {Tab} tab @param {string} id @param {(text: string) => void} say
 */
export function sayWhy(session, tab, id, say) {
  const state = tab.states.value.get(id);
  const ran = state?.why && state.state !== "cached" ? text("why.run", { why: state.why }) : explain(tab, id);
  say([ran || text(`state.${state?.state ?? "idle"}`), state?.message, state?.cure].filter(Boolean).join("\n"));
  if (tab.place.value.length) return; // earlier jobs are compared by the nodes of whole documents
  if (state?.state !== "cached" && (state?.state !== "done" || state.why)) return;
  import("./past.js").then(({ madeBy, changedSince }) => (state.state === "done" ? changedSince : madeBy)(session, tab, id)).then(
    say,
    () => undefined, // what was said stays true
  );
}
