// @ts-check
/** What runs showed: pictures and texts, of one node or of all runs. */

import { text } from "../text/index.js";
import { Dialog } from "./dialog.js";
import { openUnnamed } from "./documents.js";
import { html, useState } from "./html.js";

/** @typedef {import("./session.js").Session} Session */

/** @param {{session: Session}} props */
export function Results({ session }) {
  const items = session.gallery.value;
  if (!items.length) return html`<p class="empty">${text("results.none")}</p>`;
  return html`<${Items} session=${session} items=${items} />`;
}

/** @param {{session: Session, items: any[]}} props */
export function Items({ session, items }) {
  return html`<ul class="results">${items.map((item) => html`<li key=${`${item.number} ${item.node} ${item.position}`}><${Item} session=${session} item=${item} /></li>`)}</ul>`;
}

/** @param {{session: Session, item: any}} props */
function Item({ session, item }) {
  const name = item.item?.filename ?? item.node;
  if (item.thumbnail) {
    return html`<button class="picture" aria-label=${text("results.show", { name })} onClick=${() => (session.dialog.value = { kind: "result", item })}>
      <img src=${`${item.thumbnail}?size=384`} alt=${name} loading="lazy" decoding="async" /></button>`;
  }
  if (item.file) return html`<a class="card" href=${`${item.file}?download=true`} download=${name}>${name}</a>`;
  const shown = typeof item.item === "string" ? item.item : JSON.stringify(item.item, null, 1);
  return html`<figure class="card text-result"><figcaption class="quiet">${item.node}</figcaption><pre tabindex="0">${shown}</pre></figure>`;
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
