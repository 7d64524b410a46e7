// @ts-check
/** Every command by name: those that can be done now, then those with keys that have nothing to do now. */

import { COMMANDS, commandName } from "./commands.js";
import { text } from "../text/index.js";
import { Dialog } from "./dialog.js";
import { html } from "./html.js";
import { shownKey } from "./keys.js";
import { Listbox } from "./listbox.js";

/** @param {{session: import("./session.js").Session}} props */
export function Palette({ session }) {
  const isUsable = (/** @type {import("./commands.js").Command} */ command) => command.when?.(session) ?? true;
  const others = COMMANDS.filter(({ id }) => id !== "palette");
  const listed = [...others.filter(isUsable), ...others.filter((command) => command.keys && !isUsable(command))];
  const find = (/** @type {string} */ wanted) => {
    const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
    return listed.filter((command) => words.every((word) => `${commandName(command)} ${command.id}`.toLowerCase().includes(word)));
  };
  const choose = (/** @type {import("./commands.js").Command} */ command) => {
    session.dialog.value = null;
    if (isUsable(command)) command.run(session);
    else session.tell(text("palette.notNow", { command: commandName(command) }));
  };
  const row = (/** @type {import("./commands.js").Command} */ command) => html`<span class=${isUsable(command) ? "title" : "title idle"}>${commandName(command)}</span>
    <span class="keys">${(command.keys ?? []).slice(0, 1).map((key) => html`<kbd key=${key}>${shownKey(key)}</kbd>`)}</span>`;
  return html`<${Dialog} session=${session} title=${text("command.palette")} name="palette" bare=${true}>
    <${Listbox} hint=${text("palette.hint")} none=${text("palette.none")} find=${find} row=${row} choose=${choose}
      keyOf=${(/** @type {any} */ command) => command.id} />
  </${Dialog}>`;
}
