// @ts-check
/**
 * The one mutable thing of the core: which document is current, and what came before and after it.
 *
 * Every edit is one step to undo. The edits of one gesture are joined by giving them the same `merge`; what is between
 * its first and its last is no step. Selection, view and run states live elsewhere: they are no steps.
 */

import { samePortOrder } from "./edit_interface.js";
import { same } from "./json.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {{name: string, kind: "edit" | "undo" | "redo" | "cancel" | "load" | "saved"}} Why
 * @typedef {(now: Document, before: Document, why: Why) => void} Listener
 * @typedef {{document: Document, name: string, merge: unknown, future: Step[]}} Step what was before an edit, or after one
 *   undone; `future`: what could be made again before a gesture began
 * @typedef {ReturnType<typeof createStore>} Store
 */

const STEPS = 1000; // that can be undone

/**
 * @param {Document} initial
 * @param {{version?: number | string, base?: Document}} [options] of what the server has, and that, if it is another
 */
export function createStore(initial, { version, base = initial } = {}) {
  /** @type {Set<Listener>} */
  const listeners = new Set();
  let document = initial;
  /** @type {Step[]} */
  let past = [];
  /** @type {Step[]} */
  let future = [];
  let saved = { document: base, version };

  /** @param {Document} next @param {Why} why */
  function show(next, why) {
    const before = document;
    document = next;
    for (const listener of [...listeners]) listener(document, before, why);
  }

  /**
   * Make an edit; one that changes nothing is no step.
   * @template {Document | {document: Document}} R
   * @param {string} name for people: a key of the texts @param {(document: Document) => R} change
   * @param {{merge?: unknown}} [options] what the edits of one gesture have in common: anything but undefined
   * @returns {R} what `change` returned
   */
  function edit(name, change, { merge } = {}) {
    const result = change(document);
    const next = documentIn(result);
    if (next === document) return result;
    const joined = merge !== undefined && past.at(-1)?.merge === merge;
    if (!joined) past = [...past, { document, name, merge, future: merge === undefined ? [] : future }].slice(-STEPS);
    future = [];
    show(next, { name, kind: "edit" });
    return result;
  }

  /** Take the last step back. @returns {boolean} whether there was one */
  function undo() {
    const step = past.at(-1);
    if (!step) return false;
    past = past.slice(0, -1);
    future = [...future, { ...step, document, future: [] }];
    show(step.document, { name: step.name, kind: "undo" });
    return true;
  }

  /** Make the step again that was taken back last. @returns {boolean} whether there was one */
  function redo() {
    const step = future.at(-1);
    if (!step) return false;
    future = future.slice(0, -1);
    past = [...past, { document, name: step.name, merge: undefined, future: [] }];
    show(step.document, { name: step.name, kind: "redo" });
    return true;
  }

  /** End a gesture as if it had not begun: without a step. @param {unknown} merge */
  function cancel(merge) {
    const step = past.at(-1);
    if (!step || step.merge !== merge) return;
    past = past.slice(0, -1);
    future = step.future;
    show(step.document, { name: step.name, kind: "cancel" });
  }

  /** Let a later edit with the same `merge` be a step of its own. */
  function settle() {
    const step = past.at(-1);
    if (step) past = past.with(-1, { ...step, merge: undefined, future: [] });
  }

  /**
   * Show another document, without a past: what the server has.
   * @param {Document} next @param {number | string} [version]
   */
  function load(next, version) {
    past = [];
    future = [];
    saved = { document: next, version };
    show(next, { name: "load", kind: "load" });
  }

  /** The server has this document now, as this version, or none any more. @param {number | string | undefined} version @param {Document} [what] */
  function markSaved(version, what = document) {
    saved = { document: what, version };
    show(document, { name: "saved", kind: "saved" });
  }

  return {
    get: () => document,
    edit,
    undo,
    redo,
    cancel,
    settle,
    load,
    saved: markSaved,
    /** @param {Listener} listener */
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    /** Whether the document says anything else than what the server has. */
    get dirty() {
      return !same(document, saved.document) || !samePortOrder(document, saved.document);
    },
    /** The version that the document is based on; undefined if the server has none. */
    get version() {
      return saved.version;
    },
    /** What the server has. */
    get base() {
      return saved.document;
    },
    /** The names of the steps that can be undone, and of those that can be made again, the next of each last. */
    get steps() {
      return { past: past.map(({ name }) => name), future: future.map(({ name }) => name) };
    },
  };
}

/** @param {Document | {document: Document}} result @returns {Document} */
const documentIn = (result) => ("nodes" in result ? result : result.document);
