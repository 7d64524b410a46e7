// @ts-check
/** The store of a document as seen from one of its workflows: what is read and edited is that one, the steps are the document's. */

import { changeWorkflow, scopesAt } from "./subworkflows.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {import("./store.js").Store} Store
 * @typedef {Pick<Store, "get" | "edit" | "undo" | "redo" | "cancel" | "settle" | "subscribe">} ShownStore
 */

/**
 * @param {Store} whole @param {() => string[]} path the names that lead to the workflow, which may change
 * @returns {ShownStore}
 */
export function createShownStore(whole, path) {
  const shown = (/** @type {Document} */ document) => /** @type {Document} */ (scopesAt(document, path()).at(-1));
  return {
    get: () => shown(whole.get()),
    edit(name, change, options) {
      /** @type {any} */
      let result = shown(whole.get());
      const inner = (/** @type {Document} */ document) => {
        result = change(document);
        return /** @type {Document} */ ("nodes" in result ? result : result.document);
      };
      whole.edit(name, (document) => changeWorkflow(document, path(), inner), options);
      return result;
    },
    undo: whole.undo,
    redo: whole.redo,
    cancel: whole.cancel,
    settle: whole.settle,
    subscribe: (listener) => whole.subscribe((now, before, why) => listener(shown(now), shown(before), why)),
  };
}
