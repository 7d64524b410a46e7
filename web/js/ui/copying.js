// @ts-check
/** Nodes to the clipboard as text, and back: by its own events, which need no leave, else as far as the browser lets. */

import { copyText, pasteText } from "../core/clipboard.js";
import { removeFrame, removeNodes } from "../core/edits.js";
import { frameContents } from "../core/geometry.js";
import { text } from "../text/index.js";
import { asked, give } from "./clipboard.js";
import { shownKey, takesText } from "./keys.js";
import { edit } from "./session.js";

/** @typedef {import("./session.js").Session} Session */
/** @typedef {{ids: string[], frames: number[]}} Chosen */

/** @param {Session} session */
export const copy = (session) => write(session, "Mod+C", copied);

/** @param {Session} session */
export const cut = (session) => write(session, "Mod+X", cutOut);

/** @param {Session} session */
export async function paste(session) {
  const pasted = await asked(session, byKey("Mod+V"), () => navigator.clipboard.readText());
  if (pasted !== undefined) take(session, pasted);
}

/** What is copied and pasted where no field is. @param {Session} session */
export function listenToClipboard(session) {
  const isOurs = (/** @type {ClipboardEvent} */ event) => !takesText(event.target) && !session.dialog.value;
  const give = (/** @type {typeof copied} */ done) => (/** @type {ClipboardEvent} */ event) => {
    const chosen = isOurs(event) && !String(getSelection()) && chosenIn(session);
    if (!chosen || !event.clipboardData) return;
    event.preventDefault();
    event.clipboardData.setData("text/plain", textOf(session, chosen));
    done(session, chosen);
  };
  addEventListener("copy", give(copied));
  addEventListener("cut", give(cutOut));
  addEventListener("paste", (event) => {
    const pasted = event.clipboardData?.getData("text/plain");
    if (!pasted || !isOurs(event)) return;
    event.preventDefault();
    take(session, pasted);
  });
}

/** The selected nodes, or the frame that is selected on the graph with what is in it. @param {Session} session @returns {Chosen | undefined} */
function chosenIn({ kinds, tab: { value: tab } }) {
  const frame = tab.view.value === "graph" ? tab.surface?.selection.all().frame : undefined;
  if (frame === undefined) return tab.selection.value.size ? { ids: [...tab.selection.value], frames: [] } : undefined;
  const { nodes, frames } = frameContents(tab.document.value, kinds, frame, tab.scopes.value);
  return { ids: nodes, frames: [frame, ...frames] };
}

/** @param {Session} session @param {Chosen} chosen */
const textOf = ({ tab: { value: tab } }, { ids, frames }) => copyText(tab.store.get(), ids, frames, tab.scopes.value);

/** @param {Session} session @param {Chosen} chosen */
const copied = (session, { ids }) => session.tell(text("copy.done", { n: ids.length }));

/** @param {Session} session @param {Chosen} chosen */
function cutOut(session, { ids, frames }) {
  const { scopes } = session.tab.value;
  const last = frames.toSorted((one, other) => other - one); // so that those before it keep their number
  edit(session, "command.cut", (document) =>
    last.reduce((now, frame) => removeFrame(now, frame), removeNodes(document, ids, { heal: session.kinds, scopes: scopes.value })));
  session.select([]);
  session.tell(text("cut.done", { n: ids.length }));
}

/** @param {Session} session @param {string} key that does the same @param {typeof copied} done */
async function write(session, key, done) {
  const chosen = chosenIn(session);
  if (!chosen) return;
  if (await give(session, textOf(session, chosen), byKey(key))) done(session, chosen);
}

/** @param {string} key */
const byKey = (key) => text("copy.byKey", { key: shownKey(key) });

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
