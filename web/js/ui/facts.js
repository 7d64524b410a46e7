// @ts-check
/** What is known of the open workflow's outputs before anything runs, in words. */

import { nodeOf } from "../core/document.js";
import { factText } from "../core/facts.js";
import { text } from "../text/index.js";

/** @typedef {import("./session.js").Session} Session */
/** @typedef {import("../core/document.js").Source} Source */

/** What is known of an output; empty where it is nothing. @param {Session} session @param {Source} source */
export function factOf(session, { node: id, output }) {
  const tab = session.tab.value;
  const node = nodeOf(tab.document.value, id);
  const port = node && session.kinds.outputOf(node, output, tab.scopes.value);
  return factText(port && tab.facts.value[id]?.[port.name], text);
}

/** What is known of all that a node gives, each with its name. @param {Session} session @param {string} id @param {any} node @returns {string[]} */
export const factsOf = (session, id, node) =>
  session.kinds.portsOf(node, session.tab.value.scopes.value).outputs.flatMap((/** @type {any} */ port) => {
    const fact = factText(session.tab.value.facts.value[id]?.[port.name], text);
    return fact ? [`${port.label ?? port.name} ${fact}`] : [];
  });
