// @ts-check
/** What holds how much memory, as far as it was told: asked for when jobs have ended, never while the page is hidden. */

import { text } from "../text/index.js";
import { isWorking } from "./job_state.js";

/** @typedef {import("./session.js").Session} Session */

/** @param {number} count */
export const bytes = (count) =>
  count < 2 ** 30 ? text("bytes.mega", { n: Math.round(count / 2 ** 20) }) : text("bytes.giga", { n: (count / 2 ** 30).toFixed(1) });

/** Bytes by holder. @param {any} memory @returns {[name: "models" | "cache" | "server", size: number][]} */
export const sums = ({ server, workers }) => [
  ["models", sum(workers.flatMap((/** @type {any} */ { models }) => models.map((/** @type {any} */ model) => model.bytes)))],
  ["cache", sum(workers.map((/** @type {any} */ { cache }) => cache.bytes))],
  ["server", server],
];

/** @param {number[]} sizes */
const sum = (sizes) => sizes.reduce((total, size) => total + size, 0);

/** Ask, where it would be answered. @param {Session} session */
export async function readMemory(session) {
  if (document.hidden || isWorking(session)) return;
  const health = await session.api.health().catch(() => undefined);
  if (!health?.ready || isWorking(session)) return;
  await session.api.memory().then((memory) => (session.memory.value = memory), () => undefined); // a job began meanwhile: it is asked for when that ends
}

/** Let go of what nothing uses now. @param {Session} session @param {{models: boolean, cache: boolean}} what */
export const free = (session, what) =>
  session.attempt(async () => {
    const total = (/** @type {any} */ memory) => sum(sums(memory).slice(0, 2).map(([, size]) => size));
    const before = session.memory.value;
    const after = await session.api.free(what);
    session.memory.value = after;
    if (before) session.tell(text("memory.freed", { bytes: bytes(Math.max(0, total(before) - total(after))) }), { kind: "good" });
  });
