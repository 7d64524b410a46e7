// @ts-check
/**
 * Every command by name: those that can be done now, then those with keys that have nothing to do now. And what else can
 * be said: phrases that edit the graph, nodes and workflows to go to.
 */

import { createIndex } from "../core/search.js";
import { COMMANDS, commandName } from "./commands.js";
import { text } from "../text/index.js";
import { Dialog } from "./dialog.js";
import { html, useEffect, useMemo, useState } from "./html.js";
import { shownKey } from "./keys.js";
import { Listbox } from "./listbox.js";

/** @typedef {import("./session.js").Session} Session */
/** @typedef {{key: string, title: string, hint?: string, keys?: string[], idle?: boolean, run: () => void}} Line */

/** @param {{session: Session}} props */
export function Palette({ session }) {
  const commands = useMemo(() => commandLines(session), []);
  const findCommand = useMemo(() => createIndex(commands, ({ key, title }) => ({ strong: [title], weak: [key] })), [commands]);
  const phrasing = usePhrasing(session);
  const find = (/** @type {string} */ wanted) => {
    const named = wanted.trim() ? findCommand(wanted) : commands;
    return [...(phrasing?.edits(wanted) ?? []), ...named, ...(phrasing?.places(wanted) ?? [])];
  };
  const choose = (/** @type {Line} */ line) => {
    session.dialog.value = null;
    line.run();
  };
  const row = (/** @type {Line} */ { title, hint, keys = [], idle }) => html`<span class=${idle ? "title idle" : "title"}>${title}</span>
    <span class="keys">${hint && html`<span class="badge">${hint}</span>`}${keys.slice(0, 1).map((key) => html`<kbd key=${key}>${shownKey(key)}</kbd>`)}</span>`;
  return html`<${Dialog} session=${session} title=${text("command.palette")} name="palette" bare=${true}>
    <${Listbox} hint=${text("palette.hint")} none=${text("palette.none")} find=${find} row=${row} choose=${choose}
      keyOf=${(/** @type {Line} */ { key }) => key} />
  </${Dialog}>`;
}

/** @param {Session} session @returns {Line[]} */
function commandLines(session) {
  const isUsable = (/** @type {import("./commands.js").Command} */ command) => command.when?.(session) ?? true;
  const others = COMMANDS.filter(({ id }) => id !== "palette");
  const listed = [...others.filter(isUsable), ...others.filter((command) => command.keys && !isUsable(command))];
  return listed.map((command) => {
    const title = commandName(command);
    const run = isUsable(command) ? command.run : () => session.tell(text("palette.notNow", { command: title }));
    return { key: command.id, title, keys: command.keys, idle: !isUsable(command), run: () => void run(session) };
  });
}

/** What reads phrases: it comes a moment after the palette, with the names of workflows. @param {Session} session */
function usePhrasing(session) {
  const [phrasing, setPhrasing] = useState(/** @type {any} */ (undefined));
  useEffect(() => {
    const documents = session.api.documents().catch(() => []);
    void session.attempt(async () => {
      const { createPhrasing } = await import("./phrasing.js");
      setPhrasing(createPhrasing(session, []));
      const names = (await documents).map((/** @type {any} */ { name }) => name);
      setPhrasing(createPhrasing(session, names));
    });
  }, []);
  return phrasing;
}
