// @ts-check
/** The page of shortcuts, made from the list of commands. */

import { text } from "../text/index.js";
import { COMMANDS, commandName } from "./commands.js";
import { Dialog } from "./dialog.js";
import { html } from "./html.js";
import { shownKey } from "./keys.js";

/** @param {{session: import("./session.js").Session}} props */
export function Shortcuts({ session }) {
  return html`<${Dialog} session=${session} title=${text("shortcuts.title")} name="shortcuts">
    <div class="scroll" tabindex="0" role="region" aria-label=${text("shortcuts.title")}><table>
      <thead><tr><th scope="col">${text("shortcuts.command")}</th><th scope="col">${text("shortcuts.keys")}</th></tr></thead>
      <tbody>${COMMANDS.filter(({ keys }) => keys).map((command) => html`<tr key=${command.id}>
        <th scope="row">${commandName(command)}</th>
        <td>${(command.keys ?? []).map((key) => html`<kbd key=${key}>${shownKey(key)}</kbd> `)}</td></tr>`)}</tbody>
    </table></div>
  </${Dialog}>`;
}
