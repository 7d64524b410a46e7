// @ts-check
/** Where in the nest of sub-workflows the view is, and the way back. */

import { text } from "../text/index.js";
import { usersOf } from "../core/edits.js";
import { foundAt } from "../core/places.js";
import { html } from "./html.js";
import { goTo } from "./subworkflows.js";

/** @param {{session: import("./session.js").Session}} props */
export function Trail({ session }) {
  const tab = session.tab.value;
  const place = tab.place.value;
  const whole = tab.whole.document.value;
  const names = place.map((_id, depth) => foundAt(whole, place.slice(0, depth + 1)).path.at(-1));
  const users = usersOf(whole, tab.path.value).length;
  return html`<nav class="trail" aria-label=${text("sub.trail")}>
    <ol>${[tab.name.value, ...names].map((name, depth) => html`<li key=${depth}>
      <button aria-current=${depth === place.length ? "location" : undefined} onClick=${() => goTo(session, place.slice(0, depth))}>${name}</button></li>`)}</ol>
    ${users > 1 && html`<span class="quiet">${text("sub.shared", { n: users })}</span>`}
  </nav>`;
}
