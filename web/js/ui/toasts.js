// @ts-check
/** What people are told in passing, in a corner; and what is read out. */

import { text } from "../text/index.js";
import { html } from "./html.js";

/** @param {{session: import("./session.js").Session}} props */
export function Toasts({ session }) {
  return html`<div class="toasts" role="region" aria-label=${text("more")}>
    <p class="unseen" role="status" aria-live="polite">${session.said.value}</p>
    ${session.toasts.value.map((toast) => html`<div class=${`toast ${toast.kind}`} key=${toast.id} role=${toast.kind === "bad" ? "alert" : "status"}>
      <p>${toast.text}</p>
      ${toast.actions.map(({ text: name, run }) => html`<button key=${name} onClick=${() => { session.dismiss(toast.id); run(); }}>${name}</button>`)}
      <button class="icon close" aria-label=${text("close")} onClick=${() => session.dismiss(toast.id)}></button>
    </div>`)}
  </div>`;
}
