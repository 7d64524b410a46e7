// @ts-check
/** What nodes showed: pictures, sound, films, texts and other files. */

import { smallPicture } from "../net/api.js";
import { text } from "../text/index.js";
import { html } from "./html.js";

/** @typedef {import("./session.js").Session} Session */

/** @param {{session: Session, items: any[]}} props */
export function Items({ session, items }) {
  return html`<ul class="results">${items.map((item) => html`<li key=${keyOf(item)}><${Item} session=${session} item=${item} items=${items} edge=${384} /></li>`)}</ul>`;
}

/** @param {any} item */
export const keyOf = ({ number, node, position }) => `${number} ${node} ${position}`;

/** @param {any} item @returns {"image" | "video" | "audio" | "file" | "text"} */
export const mediumOf = ({ thumbnail, file, type }) =>
  thumbnail ? "image" : !file ? "text" : /** @type {any} */ (/^(video|audio)\//.exec(type ?? "")?.[1] ?? "file");

/** @type {Record<string, (given: {session: Session, item: any, items: any[], edge: number, name: string}) => any>} */
const MEDIA = {
  image: ({ session, item, items, edge, name }) => html`<button class="picture" aria-label=${text("results.show", { name })}
    onClick=${() => (session.dialog.value = { kind: "result", item, items: items.filter((one) => one.thumbnail) })}>
    <img src=${smallPicture(item.thumbnail, edge)} alt=${name} loading="lazy" decoding="async" /></button>`,
  video: ({ item, name }) => html`<video class="picture" controls preload="metadata" src=${item.file} aria-label=${name}></video>`,
  audio: ({ item, name }) => html`<figure class="card"><figcaption>${name}</figcaption><audio controls preload="none" src=${item.file} aria-label=${name}></audio></figure>`,
  file: ({ item, name }) => html`<a class="card" href=${`${item.file}?download=true`} download=${name}>${name}</a>`,
  text: ({ item }) => html`<figure class="card text-result"><figcaption class="quiet">${item.node}</figcaption>
    <pre tabindex="0">${typeof item.item === "string" ? item.item : JSON.stringify(item.item, null, 1)}</pre></figure>`,
};

/** @param {{session: Session, item: any, items: any[], edge: number}} props `edge`: the longest of a thumbnail */
export function Item({ session, item, items, edge }) {
  return MEDIA[mediumOf(item)]({ session, item, items, edge, name: item.item?.filename ?? item.node });
}
