// @ts-check
/** What all runs showed, and one picture of it, large. */

import { text } from "../text/index.js";
import { Dialog } from "./dialog.js";
import { openUnnamed } from "./documents.js";
import { html, useState } from "./html.js";
import { Items } from "./items.js";

/** @typedef {import("./session.js").Session} Session */

/** @param {{session: Session}} props */
export function Results({ session }) {
  const items = session.gallery.value;
  if (!items.length) return html`<p class="empty">${text("results.none")}</p>`;
  return html`<${Items} session=${session} items=${items} />`;
}

/** A picture, large. @param {{session: Session, dialog: {item: any}}} props */
export function ResultDialog({ session, dialog: { item } }) {
  const [whole, setWhole] = useState(false);
  const name = item.item.filename;
  const open = () => session.attempt(async () => {
    const workflow = await session.api.workflowOf(item.file);
    session.dialog.value = null;
    await openUnnamed(session, name.replace(/\.[^.]*$/, ""), workflow);
  });
  return html`<${Dialog} session=${session} title=${name} name="result">
    <div class="scroll" tabindex="0" role="region" aria-label=${name}><img class=${whole ? "whole" : "fit"} src=${item.file} alt=${name} onClick=${() => setWhole(!whole)} /></div>
    <footer class="line">
      <button class="primary" onClick=${open}>${text("results.open")}</button>
      <button aria-pressed=${whole} onClick=${() => setWhole(!whole)}>${text("results.zoom")}</button>
      <a class="button" href=${`${item.file}?download=true`} download=${name}>${text("results.download")}</a>
    </footer>
  </${Dialog}>`;
}
