// @ts-check
/** What nodes showed: pictures, texts and files. */

import { text } from "../text/index.js";
import { html } from "./html.js";

/** @typedef {import("./session.js").Session} Session */

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
