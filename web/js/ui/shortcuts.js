// @ts-check
/** The page of shortcuts, made from the list of commands; and what keys and hands do on the graph itself. */

import { text } from "../text/index.js";
import { COMMANDS, commandName } from "./commands.js";
import { Dialog } from "./dialog.js";
import { html } from "./html.js";
import { shownKey } from "./keys.js";

/** Keys of the graph that are no commands: what they do depends on where they are pressed. @type {Record<string, string[]>} */
const WALKING = {
  walk: ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"],
  "walk.add": ["Shift+ArrowLeft", "Shift+ArrowRight", "Shift+ArrowUp", "Shift+ArrowDown"],
  follow: ["[", "]"],
  enter: ["Enter"],
  fields: ["Shift+Enter"],
  leave: ["Escape"],
  out: ["Shift+Tab"],
  menu: ["Shift+F10"],
};

const GESTURES = [
  "pan", "zoom", "box", "more", "find", "link", "bundle",
  "cut", "insert", "value", "rename", "open",
  "frame", "number", "menu", "file",
];

/** @param {{session: import("./session.js").Session}} props */
export function Shortcuts({ session }) {
  return html`<${Dialog} session=${session} title=${text("shortcuts.title")} name="shortcuts">
    <div class="scroll" tabindex="0" role="region" aria-label=${text("shortcuts.title")}><table>
      <thead><tr><th scope="col">${text("shortcuts.command")}</th><th scope="col">${text("shortcuts.keys")}</th></tr></thead>
      <tbody>${COMMANDS.filter(({ keys }) => keys).map((command) => html`<tr key=${command.id}>
        <th scope="row">${commandName(command)}</th>
        <td><${Keys} keys=${command.keys} /></td></tr>`)}</tbody>
    </table>
    <h3>${text("gestures.keys")}</h3>
    <dl>${Object.entries(WALKING).map(([name, keys]) => html`<div key=${name}><dt>${text(`walk.${name}`)}</dt><dd><${Keys} keys=${keys} /></dd></div>`)}</dl>
    <h3>${text("gestures.title")}</h3>
    <dl>${GESTURES.map((name) => html`<div key=${name}><dt>${text(`gestures.${name}.what`)}</dt><dd>${text(`gestures.${name}.how`)}</dd></div>`)}</dl>
    </div>
  </${Dialog}>`;
}

/** @param {{keys?: string[]}} props */
const Keys = ({ keys = [] }) => html`${keys.map((key) => html`<kbd key=${key}>${shownKey(key)}</kbd> `)}`;
