// @ts-check
/** The clipboard, as far as the browser lets the page use it by itself: at addresses that are secure. */

import { text } from "../text/index.js";

/** @typedef {import("./session.js").Session} Session */

/** Whether a text is on the clipboard now; where the browser does not let the page, people are told. @param {Session} session @param {string} given @param {string} [otherwise] in these words */
export const give = (session, given, otherwise = text("copy.refused")) =>
  asked(session, otherwise, async () => {
    await navigator.clipboard.writeText(given);
    return true;
  });

/** What the clipboard answers; where the browser does not let the page use it, people are told. @template T @param {Session} session @param {string} otherwise @param {() => Promise<T>} use @returns {Promise<T | undefined>} */
export async function asked(session, otherwise, use) {
  try {
    return await use();
  } catch {
    session.tell(otherwise, { kind: "bad", key: "clipboard" });
    return undefined;
  }
}
