// @ts-check
/** The menu of a place on the graph: the commands that make sense there. */

import { text } from "../text/index.js";
import { COMMANDS, commandName } from "./commands.js";
import { Dialog } from "./dialog.js";
import { html, useLayoutEffect, useRef } from "./html.js";
import { shownKey } from "./keys.js";

/** Groups of commands, by what the menu was opened on; those that cannot be done there are left out. @type {Record<string, string[][]>} */
const MENUS = {
  node: [
    ["runTo", "look", "vary"],
    ["sub.open", "sub.unpack", "sub.make", "frame"],
    ["rename.here", "mute", "bypass", "collapse"],
    ["connect", "isolate", "replace"],
    ["copy", "cut", "duplicate", "delete"],
  ],
  socket: [["look"], ["connect", "disconnect", "reset", "vary", "expose"]],
  wire: [["look"], ["insert"], ["wire.source", "wire.target"], ["disconnect"]],
  frame: [
    ["runTo"],
    ["rename.here", "frame.fold", "collapse", "mute", "bypass", "sub.make"],
    ["tint.none", "tint.red", "tint.orange", "tint.green", "tint.blue", "tint.violet"],
    ["copy", "cut", "delete"],
  ],
  nothing: [["find", "paste", "note"], ["selectAll", "tidy", "frameAll"], ["interface", "sub.leave"], ["run"]],
};

/** @param {import("../graph/surface.js").Where} where */
const menuOf = ({ socket, node, frame, wire }) =>
  socket ? "socket" : node !== undefined ? "node" : frame !== undefined ? "frame" : wire ? "wire" : "nothing";

const STEPS = /** @type {Record<string, (now: number, last: number) => number>} */ ({
  ArrowDown: (now, last) => (now < last ? now + 1 : 0),
  ArrowUp: (now, last) => (now > 0 ? now - 1 : last),
  Home: () => 0,
  End: (_now, last) => last,
});

/** @param {{session: import("./session.js").Session, dialog: any}} props */
export function Menu({ session, dialog: { where, at } }) {
  const list = useRef(/** @type {any} */ (null));
  const name = menuOf(where);
  const title = text(`menu.${name}`);
  const known = (/** @type {string} */ id) => /** @type {any} */ (COMMANDS.find((one) => one.id === id));
  const groups = MENUS[name]
    .map((ids) => ids.map(known).filter((one) => one.when?.(session, where) ?? true))
    .filter((commands) => commands.length);
  useLayoutEffect(() => list.current.querySelector("button")?.focus(), []);
  const move = (/** @type {KeyboardEvent} */ event) => {
    const buttons = [...list.current.querySelectorAll("button")];
    const now = buttons.indexOf(/** @type {any} */ (document.activeElement));
    const letter = event.key.length === 1 && event.key.toLowerCase();
    const next = letter
      ? [...buttons.slice(now + 1), ...buttons].find((button) => button.textContent.trim().toLowerCase().startsWith(letter))
      : buttons[STEPS[event.key]?.(now, buttons.length - 1)];
    if (!next) return;
    event.preventDefault();
    event.stopPropagation();
    next.focus();
  };
  return html`<${Dialog} session=${session} title=${title} name="menu" at=${at} bare=${true}>
    <div ref=${list} role="menu" aria-label=${title} onKeyDown=${move}>${groups.map((commands, at) => html`
      ${at > 0 && html`<hr role="separator" />`}
      ${commands.map((command) => html`<${Entry} key=${command.id} session=${session} command=${command} where=${where} />`)}`)}</div>
  </${Dialog}>`;
}

/** @param {{session: import("./session.js").Session, command: import("./commands.js").Command, where: any}} props */
function Entry({ session, command, where }) {
  const choose = () => {
    session.dialog.value = null;
    command.run(session, where);
  };
  const tint = command.id.startsWith("tint.") ? command.id.slice(5) : undefined;
  return html`<button role="menuitem" tabindex="-1" onClick=${choose}>
    ${tint && html`<span class="swatch" data-tint=${tint} aria-hidden="true"></span>`}<span>${commandName(command)}</span>
    ${command.keys && html`<kbd>${shownKey(command.keys[0])}</kbd>`}</button>`;
}
