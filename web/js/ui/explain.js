// @ts-check
/** Why a node ran, or did not, or will: in words. */

import { text } from "../text/index.js";
import { isBusy } from "./running.js";

/** @param {import("./tab.js").Tab} tab @param {string} id @returns {string} */
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
