// @ts-check
/** Asking for the card that shows a value: of what is pointed at, has the focus, or is selected. */

/** @typedef {import("./session.js").Session} Session */
/** @typedef {import("../core/document.js").Source} Source */

/** @param {Session} session @param {any} [where] on the graph @returns {Source | undefined} */
export const aimedAt = (session, where) => session.tab.value.surface?.aimed(where);

/**
 * Show the value of an output; the focus goes to it, and back when it is closed.
 * @param {Session} session @param {Source | undefined} source @param {[number, number]} [at] of the page
 */
export function lookAt(session, source, at) {
  if (!source) return;
  const back = document.activeElement instanceof HTMLElement ? document.activeElement : undefined;
  session.look.value = { ...source, at: at ?? beside(back), back };
}

/** What was clicked keeps the focus. @param {Session} session @param {Source} source @param {[number, number]} at */
export const glanceAt = (session, source, at) => void (session.look.value = { ...source, at });

/** @param {HTMLElement | undefined} element @returns {[number, number]} */
function beside(element) {
  const whole = !element || element.matches("body, .surface");
  const { right, top, width, height } = (whole ? document.querySelector(".main") ?? document.body : element).getBoundingClientRect();
  return whole ? [right - width / 2, top + height / 4] : [right, top];
}
