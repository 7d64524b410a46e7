// @ts-check
/** An open workflow: its store, and what is known beside the document. Nothing here is a step to undo. */

import { createStore } from "../core/store.js";
import { computed, signal } from "./html.js";

/**
 * @typedef {import("../core/document.js").Document} Document
 * @typedef {import("../net/run_states.js").RunStates} RunStates
 * @typedef {{run: Record<string, string[]>, cached: string[], order: string[], seconds: number}} Plan
 * @typedef {{id: string, state: string, reason?: string, seconds?: number, ran?: number}} Job
 * @typedef {ReturnType<typeof createTab>} Tab
 */

let count = 0;

/**
 * @param {string} name @param {Document} base what the server has, or what it began as
 * @param {number | null} version @param {Document} [draft] unsaved work on it
 */
export function createTab(name, base, version, draft) {
  const store = createStore(base, { version: version ?? undefined });
  if (draft) store.edit("draft", () => draft);
  const document = signal(store.get());
  const moved = signal(0); // counts what changes beside the document: what is saved, what can be undone
  store.subscribe((now) => {
    document.value = now;
    moved.value += 1;
  });
  count += 1;
  return {
    key: count,
    store,
    document,
    name: signal(name),
    version: computed(() => (moved.value, /** @type {number | undefined} */ (store.version) ?? null)),
    dirty: computed(() => (moved.value, document.value, store.dirty)),
    /** What the server has of it. */
    base: computed(() => (moved.value, /** @type {Document} */ (store.base))),
    /** What it is compared with instead. */
    compared: signal(/** @type {{name: string, document: Document} | null} */ (null)),
    steps: computed(() => (moved.value, store.steps)),
    selection: signal(/** @type {Set<string>} */ (new Set())),
    states: signal(/** @type {RunStates} */ (new Map())),
    job: signal(/** @type {Job | null} */ (null)),
    results: signal(/** @type {Map<string, any[]>} */ (new Map())),
    previews: signal(/** @type {Map<string, string>} */ (new Map())),
    problems: signal(/** @type {any[]} */ ([])),
    plan: signal(/** @type {Plan | null} */ (null)),
    view: signal(/** @type {"graph" | "list" | "form"} */ (matchMedia("(max-width: 699px)").matches ? "form" : "graph")),
    /** The surface that shows it, once there is one. @type {any} */
    surface: null,
  };
}
