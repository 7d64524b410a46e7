// @ts-check
/** What is known of outputs before anything runs, for the sockets and wires that tell it. */

import { changedFacts, factText } from "../core/facts.js";

/**
 * @param {(source: import("../core/document.js").Source) => import("../core/ports.js").Port | undefined} portOf
 * @param {import("./scene.js").Texts} texts
 */
export function createFacts(portOf, texts) {
  /** @type {import("../core/facts.js").Facts} */
  let facts = {};
  return {
    /** What is known of an output, in a word or two. @param {import("../core/document.js").Source} source */
    of: (source) => (facts[source.node] ? factText(facts[source.node][portOf(source)?.name ?? ""], texts) : ""),
    /** @param {import("../core/facts.js").Facts} next @returns {string[]} the nodes of which something else is known */
    set(next) {
      const changed = changedFacts(facts, next);
      facts = next;
      return changed;
    },
  };
}
