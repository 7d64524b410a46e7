// @ts-check
/** What was told in passing, to be read again; what could be done then can be done still. */

import { clock, text } from "../text/index.js";
import { Dialog } from "./dialog.js";
import { html } from "./html.js";

/** @typedef {import("./session.js").Session} Session */

/** @param {{session: Session}} props */
export function Notices({ session }) {
  const notices = session.notices.value.toReversed();
  const act = (/** @type {any} */ notice, /** @type {any} */ run) => {
    session.dialog.value = null;
    session.forget(notice.id);
    run();
  };
  return html`<${Dialog} session=${session} title=${text("notices.title")} name="notices">
    ${!notices.length && html`<p class="empty">${text("notices.none")}</p>`}
    <ul class="cards scroll" tabindex="0" aria-label=${text("notices.title")}>${notices.map((notice) => html`<li class=${`card notice ${notice.kind}`} key=${notice.id}>
      <span class="line"><span class="quiet">${clock(notice.time)}</span><span class="space"></span>
        <button class="icon close" aria-label=${text("notices.dismiss", { message: notice.text })} onClick=${() => session.forget(notice.id)}></button></span>
      <span>${notice.text}</span>
      ${notice.actions.length > 0 && html`<span class="line actions">${notice.actions.map(({ text: name, run }) => html`<button key=${name} onClick=${() => act(notice, run)}>${name}</button>`)}</span>`}
    </li>`)}</ul>
    ${notices.length > 0 && html`<footer class="line"><span class="space"></span>
      <button onClick=${() => session.forget()}>${text("notices.clear")}</button></footer>`}
  </${Dialog}>`;
}
