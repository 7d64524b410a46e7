// @ts-check
/** What earlier jobs say of a node of the last one: which one made its value, or what has changed since. */

import { diff } from "../core/diff.js";
import { nodeOf } from "../core/document.js";
import { sameWork } from "../core/same_work.js";
import { text } from "../text/index.js";
import { changesOf } from "./changes.js";

/** @typedef {import("./session.js").Session} Session */
/** @typedef {import("./tab.js").Tab} Tab */

const JOBS = 200;
const COMPARED = 10;
/** @type {Map<string, Promise<any>>} */
const workflows = new Map();

/** @param {Session} session @param {string} job @returns {Promise<import("../core/document.js").Document>} */
function workflowOf(session, job) {
  const known = workflows.get(job) ?? session.api.jobWorkflow(job);
  workflows.delete(job);
  workflows.set(job, known); // as the newest
  if (workflows.size > 2 * COMPARED) workflows.delete(/** @type {string} */ (workflows.keys().next().value));
  return known;
}

/** The last job's workflow, and the jobs before it that ran a node, the newest first. @param {Session} session @param {Tab} tab @param {string} id */
async function before(session, tab, id) {
  const last = tab.job.value?.id;
  const { jobs } = await session.api.jobs(JOBS);
  const now = jobs.find((/** @type {any} */ job) => job.id === last);
  const ran = jobs.filter((/** @type {any} */ job) => now && job.number < now.number && job.outcome?.ran?.includes(id));
  return { title: now?.title, document: last && (await workflowOf(session, last)), ran: ran.slice(0, COMPARED) };
}

/** Which job made the value that the last one found kept, in words. @param {Session} session @param {Tab} tab @param {string} id */
export async function madeBy(session, tab, id) {
  const { document, ran } = await before(session, tab, id);
  for (const job of ran) {
    const same = document && sameWork(document, await workflowOf(session, job.id), id);
    if (same) return text("why.cachedAs", { n: job.number });
  }
  return "";
}

/** What has changed since a node ran the last time, in words. @param {Session} session @param {Tab} tab @param {string} id */
export async function changedSince(session, tab, id) {
  const { title, document, ran } = await before(session, tab, id);
  const job = ran.find((/** @type {any} */ one) => one.title === title);
  if (!document) return "";
  if (!job) return text("why.first");
  const { nodes } = changesOf(diff(await workflowOf(session, job.id), document));
  const { fields } = nodes.find((change) => change.id === id) ?? { fields: [] };
  const changes = fields.map(({ name, before: old, after }) =>
    text("why.changed", { name, before: old ?? text("diff.empty"), after: after ?? text("diff.empty") }));
  if (changes.length) return text("why.run", { why: changes.join("; ") });
  const above = nodes.map((change) => nodeOf(document, change.id)).filter((node) => node !== undefined);
  return above.length ? text("why.run", { why: text("why.above", { nodes: above.map((node) => session.kinds.titleOf(node)).join(", ") }) }) : "";
}
