// @ts-check
/** Keys to commands. Fields keep their own keys; the surface has those of its gestures. */

import { COMMANDS } from "./commands.js";

const MAC = /Mac|iPhone|iPad/.test(navigator.platform);

const ARROWS = /** @type {Record<string, string>} */ ({ Left: "←", Right: "→", Up: "↑", Down: "↓" });

/** Whether an element takes typing. @param {EventTarget | null} target */
export const takesText = (target) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** @param {KeyboardEvent} event */
function keyOf(event) {
  const mod = MAC ? event.metaKey : event.ctrlKey;
  const letter = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  const shift = event.shiftKey && (mod || event.key.length > 1); // '?' is typed with shift
  const digit = event.altKey && /^Digit\d$/.test(event.code) ? event.code.slice(5) : letter;
  return [mod && "Mod", event.altKey && "Alt", shift && "Shift", digit].filter(Boolean).join("+");
}

/** A key as people see it. @param {string} key */
export const shownKey = (key) =>
  key.replace("Mod", MAC ? "⌘" : "Ctrl").replace("Shift", MAC ? "⇧" : "Shift").replace("Alt", MAC ? "⌥" : "Alt").replace(/Arrow(\w+)/, (_all, way) => ARROWS[way]);

/** @param {import("./session.js").Session} session */
export function listenToKeys(session) {
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented) return;
    if (event.key === "Escape" && session.dialog.value) return;
    const key = keyOf(event);
    const typing = takesText(event.target);
    const command = COMMANDS.find((one) => one.keys?.includes(key) && (one.always || !typing));
    if (!command || (session.dialog.value && !command.always)) return;
    const onControl = event.target instanceof Element && event.target.closest("button, a, [role=tab], summary");
    if (key === "Tab" && !inGraph(event.target)) return; // elsewhere it moves the focus
    if (onControl && /^(Enter|Tab)$/.test(key)) return;
    if (/^Mod\+[CXV]$/.test(key)) return; // the events of the clipboard do it, without asking for leave
    if (command.when && !command.when(session)) return;
    event.preventDefault();
    command.run(session);
  });
}

/** @param {EventTarget | null} target */
const inGraph = (target) => target === document.body || (target instanceof Element && target.matches(".surface, [data-surface]"));
