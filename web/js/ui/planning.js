// @ts-check
/** Checking and planning the open workflows anew, soon after each change. */

import { changedFacts } from "../core/facts.js";
import { text } from "../text/index.js";
import { batch, computed, effect } from "./html.js";
import { isBusy, isWorking } from "./job_state.js";

/** @typedef {import("./session.js").Session} Session */
/** @typedef {import("./tab.js").Tab} Tab */

const PAUSE = 350;

/** @type {WeakMap<Tab, {timer?: ReturnType<typeof setTimeout>, abort?: AbortController}>} */
const planning = new WeakMap();

/** Check and plan anew soon after each change, and when the workers have nothing to do any more. @param {Session} session */
export function watchPlans(session) {
  const working = computed(() => isWorking(session));
  effect(() => {
    const tab = session.tab.value;
    void tab.whole.document.value;
    void working.value;
    schedulePlan(session, tab, PAUSE);
  });
}

/** @param {Session} session @param {Tab} tab @param {number} pause */
export function schedulePlan(session, tab, pause) {
  const known = planning.get(tab) ?? {};
  clearTimeout(known.timer);
  known.abort?.abort();
  planning.set(tab, { timer: setTimeout(() => void plan(session, tab), pause) });
}

/** @param {Session} session @param {Tab} tab */
async function plan(session, tab) {
  const abort = new AbortController();
  planning.set(tab, { abort });
  const document = tab.whole.store.get();
  try {
    const { problems, facts } = await session.api.check(document, abort.signal);
    batch(() => {
      tab.whole.problems.value = problems;
      if (changedFacts(tab.whole.facts.value, facts).length) tab.whole.facts.value = facts;
    });
    if (!tab.looked) void session.attempt(() => lookFirst(session, tab));
    const isAsked = !problems.length && !isWorking(session);
    if (!isAsked && !isBusy(tab)) tab.whole.plan.value = null;
    if (!isAsked || isBusy(tab)) return;
    tab.whole.plan.value = await session.api.plan(document, tab.name.value.slice(0, 200), abort.signal);
  } catch (error) {
    const { name, status, code, message, cure = "" } = /** @type {any} */ (error);
    if (name === "AbortError") return;
    tab.whole.plan.value = null;
    if (status === 400) tab.whole.problems.value = [{ code, node: "", input: "", message, cure, data: {} }]; // of the whole
  }
}

/** A workflow was opened: tell what it needs that is not here, once; the panel of problems has it from then on. @param {Session} session @param {Tab} tab */
async function lookFirst(session, tab) {
  tab.looked = true;
  const { document, problems } = tab.whole;
  if (!problems.value.length) return;
  const { repairsOf } = await import("../core/repairs.js");
  const missing = repairsOf(document.value, session.kinds, problems.value).length;
  if (!missing) return;
  const show = () => (session.panel.value = "problems");
  const isTouched = tab.selection.value.size > 0 || tab.steps.value.past.some((name) => name !== "draft");
  if (session.tab.value === tab && !isTouched) show(); // else people are at something
  session.tell(text(missing === 1 ? "repair.one" : "repair.found", { name: tab.name.value, n: missing }), { kind: "bad", actions: [{ text: text("repair.show"), run: show }] });
}
