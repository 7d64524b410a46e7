// @ts-check
/** The menu of a place on the graph: the commands that make sense there. */

import { text } from "../text/index.js";
import { COMMANDS, commandName } from "./commands.js";
import { Dialog } from "./dialog.js";
import { html, useLayoutEffect, useRef } from "./html.js";
import { shownKey } from "./keys.js";

const OF_NODES = ["runTo", "look", "rename.here", "mute", "bypass", "fold", "duplicate", "copy", "frame", "replace", "connect", "isolate", "delete"];
const OF_WIRES = ["look"];
const OF_NOTHING = ["find", "paste", "selectAll", "tidy", "frameAll", "run"];

/** @param {{session: import("./session.js").Session, dialog: any}} props */
export function Menu({ session, dialog: { where, at } }) {
  const list = useRef(/** @type {any} */ (null));
  const ids = where.node ? OF_NODES : where.wire ? [...OF_WIRES, ...OF_NOTHING] : OF_NOTHING;
  const commands = ids.map((id) => /** @type {any} */ (COMMANDS.find((one) => one.id === id))).filter((one) => one.when?.(session, where) ?? true);
  useLayoutEffect(() => list.current.querySelector("button").focus(), []);
  const move = (/** @type {KeyboardEvent} */ event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const buttons = [...list.current.querySelectorAll("button")];
    const now = buttons.indexOf(/** @type {any} */ (document.activeElement));
    buttons[(now + step + buttons.length) % buttons.length].focus();
  };
  return html`<${Dialog} session=${session} title=${text("more")} name="menu" at=${at} bare=${true}>
    <div ref=${list} role="menu" aria-label=${text("more")} onKeyDown=${move}>${commands.map((command) => html`<button role="menuitem" key=${command.id}
      onClick=${() => choose(session, command, where)}><span>${commandName(command)}</span>
      ${command.keys && html`<kbd>${shownKey(command.keys[0])}</kbd>`}</button>`)}</div>
  </${Dialog}>`;
}

/** @param {import("./session.js").Session} session @param {import("./commands.js").Command} command @param {any} where */
function choose(session, command, where) {
  session.dialog.value = null;
  if (command.id === "find") session.dialog.value = { kind: "finder", where, at: [where.at.clientX, where.at.clientY] };
  else command.run(session, where);
}
