// @ts-check
/** The one dialog that may be open: a native one, which keeps the focus inside and gives it back. */

import { text } from "../text/index.js";
import { effect, html, useLayoutEffect, useRef } from "./html.js";

/**
 * @param {{session: import("./session.js").Session, title: string, name: string, at?: [number, number],
 *   bare?: boolean, children: any}} props
 */
export function Dialog({ session, title, name, at, bare, children }) {
  const element = useRef(/** @type {any} */ (null));
  useLayoutEffect(() => {
    const dialog = element.current;
    const back = document.activeElement;
    dialog.showModal();
    if (at) {
      const { width, height } = dialog.getBoundingClientRect();
      dialog.style.left = `${Math.max(8, Math.min(at[0], innerWidth - width - 8))}px`;
      dialog.style.top = `${Math.max(8, Math.min(at[1], innerHeight - height - 8))}px`;
    }
    const asked = session.dialog.peek();
    // At once, and not when the page is drawn again: whoever ends the dialog may want the focus for something else then.
    return effect(() => {
      if (session.dialog.value === asked || !dialog.open) return;
      dialog.close();
      if (back instanceof HTMLElement && back.isConnected) back.focus({ preventScroll: true });
    });
  }, []);
  const close = () => (session.dialog.value = null);
  return html`<dialog ref=${element} class=${`dialog ${name}`} data-placed=${at ? "" : undefined} aria-label=${title}
    onCancel=${(/** @type {Event} */ event) => { event.preventDefault(); close(); }}
    onPointerDown=${(/** @type {PointerEvent} */ event) => event.target === element.current && outside(event, element.current) && close()}>
    ${!bare && html`<header><h2>${title}</h2><button class="icon close" aria-label=${text("close")} onClick=${close}></button></header>`}
    ${children}
  </dialog>`;
}

/** @param {PointerEvent} event @param {HTMLElement} dialog */
function outside({ clientX, clientY }, dialog) {
  const { left, right, top, bottom } = dialog.getBoundingClientRect();
  return clientX < left || clientX > right || clientY < top || clientY > bottom;
}
