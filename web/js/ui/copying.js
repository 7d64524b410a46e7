// @ts-check
/** Nodes to the clipboard as text, and back. */

import { copyText, pasteText } from "../core/clipboard.js";
import { text } from "../text/index.js";
import { takesText } from "./keys.js";
import { edit } from "./session.js";

/** @typedef {import("./session.js").Session} Session */

/** @param {Session} session */
export async function copy(session) {
  const tab = session.tab.value;
  const ids = [...tab.selection.value];
  await session.attempt(() => navigator.clipboard.writeText(copyText(tab.store.get(), ids, [], tab.scopes.value)));
  session.tell(text("copy.done", { n: ids.length }));
}

/** @param {Session} session */
export const paste = (session) => session.attempt(async () => take(session, await navigator.clipboard.readText()));

/** Take what is pasted where no field is. @param {Session} session */
export function listenToPaste(session) {
  addEventListener("paste", (event) => {
    const pasted = event.clipboardData?.getData("text/plain");
    if (!pasted || takesText(event.target) || session.dialog.value) return;
    event.preventDefault();
    take(session, pasted);
  });
}

/** @param {Session} session @param {string} pasted */
function take(session, pasted) {
  try {
    const { ids } = edit(session, "command.paste", (document) => pasteText(document, pasted, undefined, session.tab.value.scopes.value));
    session.select(ids);
    session.tell(text("paste.done", { n: ids.length }));
  } catch (error) {
    session.tell(text("paste.refused", { message: /** @type {Error} */ (error).message }), { kind: "bad" });
  }
}
