// @ts-check
/** Running the workflow that is open, and stopping it. */

import { pathsIn } from "../core/contracts.js";
import { sourcesOf, withNextValues } from "../core/controls.js";
import { ancestors } from "../core/document.js";
import { changeWorkflow, scopesAt } from "../core/edits.js";
import { outputsOf } from "../core/outputs.js";
import { shownBy } from "../net/inner_states.js";
import { text } from "../text/index.js";
import { drawn } from "../widgets/seed.js";
import { batch } from "./html.js";
import { catchUp, CLIENT, failureOf, submitting } from "./watching.js";

/** @typedef {import("./session.js").Session} Session */
/** @typedef {import("./tab.js").Tab} Tab */

/** What was last given to the server from here. @type {WeakMap<Tab, import("../core/document.js").Document>} */
const ranLast = new WeakMap();

/** Run the workflow that is open, to some of the nodes that are shown, or to all of its outputs. @param {Session} session @param {string[]} [ids] */
export async function run(session, ids) {
  const tab = session.tab.value;
  const targets = ids?.flatMap((id) => outputsOf(id, session.kinds, tab.scopes.value, tab.prefix.value));
  nextValues(session, tab, await offered(session, tab));
  const isMeant = meant(tab, ids);
  const why = Object.entries(tab.whole.plan.value?.run ?? {}).filter(([name]) => isMeant(name));
  submitting.add(tab);
  try {
    const title = tab.name.value.slice(0, 200);
    const workflow = tab.whole.store.get();
    const job = await session.api.submit({ workflow, title, client: CLIENT, targets });
    ranLast.set(tab, workflow);
    batch(() => {
      tab.job.value = { id: job.id, number: job.number, state: job.state };
      const others = [...tab.whole.states.value].filter(([name]) => !isMeant(name));
      tab.whole.states.value = new Map([...others, ...why.map(queued)]);
      tab.whole.problems.value = [];
    });
    session.settle(failureOf(tab));
    catchUp(session, tab, job.id);
  } catch (error) {
    refused(session, tab, error);
  } finally {
    submitting.delete(tab);
  }
}

/** @param {[string, string[]]} planned @returns {[string, import("../core/run_state.js").RunState]} */
const queued = ([name, reasons]) => [name, { state: "queued", why: reasons.join("; ") }];

/** Whether a run is about a node, by the server's name for it: on the way to some nodes only about what they need. @param {Tab} tab @param {string[]} [ids] */
function meant({ document, prefix }, ids) {
  const needed = ids && ancestors(document.value, ids);
  return (/** @type {string} */ name) => !needed || needed.has(shownBy(document.value, prefix.value, name)?.owner ?? "");
}

/** @param {Session} session @param {Tab} tab @param {any} error */
function refused(session, tab, error) {
  if (error.status !== 422) return session.tellError(error);
  tab.whole.problems.value = error.problems;
  session.panel.value = "problems";
  session.tell(text("run.refused", { n: error.problems.length }), { kind: "bad", key: "refused" });
}

/** What the machine has now of what another one is taken of at each run. @param {Session} session @param {Tab} tab @returns {Promise<import("../core/controls.js").Listed>} */
async function offered({ kinds, api }, tab) {
  const document = tab.whole.store.get();
  const sources = new Set(pathsIn(document).flatMap((path) => {
    const scopes = scopesAt(document, path);
    return sourcesOf(/** @type {any} */ (scopes.at(-1)), scopes, kinds);
  }));
  const read = [...sources].map(async (source) => /** @type {[string, string[]]} */ ([source, await api.choices(source).catch(() => [])]));
  return new Map(await Promise.all(read));
}

/**
 * Draw what is new each run, and go a step on with what counts, also in sub-workflows.
 * @param {Session} session @param {Tab} tab @param {import("../core/controls.js").Listed} listed
 */
function nextValues({ kinds }, tab, listed) {
  const ran = ranLast.get(tab);
  tab.whole.store.edit("widget.each", (document) =>
    pathsIn(document).reduce((now, path) =>
      changeWorkflow(now, path, (inner) =>
        withNextValues(inner, scopesAt(now, path), kinds, drawn, ran && scopesAt(ran, path).at(-1), listed)), document));
}

/** @param {Session} session */
export const stop = (session) =>
  session.attempt(async () => {
    const job = session.tab.value.job.value;
    if (job) await session.api.cancel(job.id);
  });
