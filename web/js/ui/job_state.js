// @ts-check
/** What is known of the job of a workflow. */

import { ENDED } from "../core/run_state.js";
import { duration, text } from "../text/index.js";

/** @typedef {import("./session.js").Session} Session */
/** @typedef {import("./tab.js").Tab} Tab */

/** Whether its job waits or runs. @param {Tab} tab */
export const isBusy = (tab) => tab.job.value !== null && !ENDED.includes(tab.job.value.state);

/** Whether a worker has jobs to do: then it answers no questions. @param {Session} session */
export function isWorking(session) {
  const { running = [], waiting = [], paused = false } = session.queue.value ?? {};
  return running.length > 0 || (waiting.length > 0 && !paused);
}

/** How a run ended, in words. @param {Tab} tab */
export function outcomeText(tab) {
  const job = tab.job.value;
  if (!job) return "";
  if (job.state === "done") return job.ran ? text("run.done", { time: duration(job.seconds ?? 0) }) : text("run.cached");
  return text(`run.${job.state}`) + (job.reason ? `: ${job.reason}` : "");
}
