// @ts-check
/**
 * An open workflow: its store, and what is known beside the document. Nothing here is a step to undo.
 *
 * `whole` is the document as the server has it, and what the server tells of all of its nodes. Everything else is of the
 * workflow that is shown: the document itself, or the sub-workflow that was opened at `place`.
 */

import { factsAt } from "../core/facts.js";
import { changedPlace, foundAt, prefixOf } from "../core/places.js";
import { createShownStore } from "../core/shown_store.js";
import { createStore } from "../core/store.js";
import { byOwner, planAt, problemsAt, statesAt } from "../net/inner_states.js";
import { batch, computed, signal } from "./html.js";

/**
 * @typedef {import("../core/document.js").Document} Document
 * @typedef {import("../core/places.js").Place} Place
 * @typedef {import("../net/run_states.js").RunStates} RunStates
 * @typedef {{run: Record<string, string[]>, cached: string[], order: string[], seconds: number}} Plan
 * @typedef {{id: string, number: number, state: string, reason?: string, seconds?: number, ran?: number}} Job
 * @typedef {{selection: Set<string>, view?: any}} Kept of a place that was left
 * @typedef {ReturnType<typeof createTab>} Tab
 */

let count = 0;

/** @param {import("../core/store.js").Store} store */
const createWhole = (store) => ({
  store,
  document: signal(store.get()),
  states: signal(/** @type {RunStates} */ (new Map())),
  results: signal(/** @type {Map<string, any[]>} */ (new Map())),
  previews: signal(/** @type {Map<string, string>} */ (new Map())),
  problems: signal(/** @type {any[]} */ ([])),
  plan: signal(/** @type {Plan | null} */ (null)),
  facts: signal(/** @type {import("../core/facts.js").Facts} */ ({})),
});

/**
 * @param {string} name @param {Document} base what the server has, or what it began as
 * @param {number | null} version @param {Document} [draft] unsaved work on it
 */
export function createTab(name, base, version, draft) {
  const isNew = version === null && draft !== undefined; // then there is nothing to go back to
  const store = isNew ? createStore(draft, { base }) : createStore(base, { version: version ?? undefined });
  if (draft && !isNew) store.edit("draft", () => draft);
  const whole = createWhole(store);
  const moved = signal(0); // counts what changes beside the document: what is saved, what can be undone
  const place = signal(/** @type {Place} */ ([]));
  const found = computed(() => foundAt(whole.document.value, place.value));
  const document = computed(() => /** @type {Document} */ (found.value.scopes.at(-1)));
  const prefix = computed(() => prefixOf(place.value));
  const selection = signal(/** @type {Set<string>} */ (new Set()));
  /** @type {Map<string, Kept>} */
  const kept = new Map();
  store.subscribe((now, before, { kind }) => batch(() => {
    const travels = kind === "undo" || kind === "redo"; // what is undone is to be seen
    const next = travels ? changedPlace(before, now, place.value) : foundAt(now, place.value).place;
    whole.document.value = now;
    moved.value += 1;
    go(next);
  }));
  count += 1;
  const tab = {
    key: count,
    whole,
    store: createShownStore(store, () => found.peek().path),
    document,
    /** The document, and the sub-workflows down to the one that is shown. */
    scopes: computed(() => found.value.scopes),
    /** The names that lead to it. */
    path: computed(() => found.value.path),
    place,
    prefix,
    go,
    /** The view of a place, as it was left. @param {Place} at @returns {any} */
    viewAt: (at) => kept.get(prefixOf(at))?.view,
    name: signal(name),
    version: computed(() => (moved.value, /** @type {number | undefined} */ (store.version) ?? null)),
    dirty: computed(() => (moved.value, whole.document.value, store.dirty)),
    /** What the server has of it. */
    base: computed(() => (moved.value, /** @type {Document} */ (store.base))),
    /** What it is compared with instead. */
    compared: signal(/** @type {{name: string, document: Document} | null} */ (null)),
    steps: computed(() => (moved.value, store.steps)),
    selection,
    states: computed(() => statesAt(whole.states.value, document.value, prefix.value)),
    job: signal(/** @type {Job | null} */ (null)),
    results: computed(() => joined(byOwner(document.value, prefix.value, whole.results.value))),
    previews: computed(() => last(byOwner(document.value, prefix.value, whole.previews.value))),
    problems: computed(() => problemsAt(whole.problems.value, document.value, prefix.value)),
    plan: computed(() => whole.plan.value && planAt(whole.plan.value, document.value, prefix.value)),
    facts: computed(() => factsAt(whole.facts.value, prefix.value)),
    view: signal(/** @type {"graph" | "list" | "form" | "sweep"} */ (matchMedia("(max-width: 699px)").matches ? "form" : "graph")),
    /** Whether what it needs has been looked at since it was opened. */
    looked: false,
    /** The surface that shows it, once there is one. @type {any} */
    surface: null,
  };

  /** Show the sub-workflow at a place; what was selected and seen there is so again. @param {Place} next */
  function go(next) {
    if (prefixOf(next) === prefix.peek()) return;
    kept.set(prefix.peek(), { selection: selection.peek(), view: tab.surface?.view.get() });
    tab.surface = null;
    batch(() => {
      place.value = next;
      const there = kept.get(prefix.peek())?.selection ?? [];
      selection.value = new Set([...there].filter((id) => Object.hasOwn(document.peek().nodes, id)));
    });
  }

  return tab;
}

/** @param {Map<string, any[][]>} lists */
const joined = (lists) => new Map([...lists].map(([id, all]) => [id, all.flat()]));

/** @param {Map<string, string[]>} lists */
const last = (lists) => new Map([...lists].map(([id, all]) => [id, /** @type {string} */ (all.at(-1))]));
