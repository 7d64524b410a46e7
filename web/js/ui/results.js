// @ts-check
/** The gallery: what all runs showed, the newest first; two pictures of it can be compared. */

import { text } from "../text/index.js";
import { html, useRef, useState } from "./html.js";
import { Item, keyOf, mediumOf } from "./items.js";
import { madeText, nameOf, openMaker } from "./viewer.js";

/** @typedef {import("./session.js").Session} Session */

const PAGE = 60;
const EDGE = 256; // of thumbnails: two hundred of them are fifty megabytes, decoded
const MEDIA = ["image", "video", "audio", "text"];

/** @param {{session: Session}} props */
export function Results({ session }) {
  const known = useRef(/** @type {any[]} */ ([])); // all that was read: the newest go on
  const [all, setAll] = useState(false); // that there are has been read
  const [, setRead] = useState(0);
  const [words, setWords] = useState("");
  const [medium, setMedium] = useState("");
  const [picked, setPicked] = useState(/** @type {any[]} */ ([]));
  const items = (known.current = joined(session.gallery.value, known.current));
  if (!items.length) return html`<p class="empty">${text("results.none")}</p>`;
  const shown = items.filter((item) => (!medium || mediumOf(item) === medium) && holds(item, words));
  const more = () => session.attempt(async () => {
    const page = await session.api.results(PAGE, items.at(-1).number);
    known.current = [...items, ...page];
    setAll(page.length < PAGE);
    setRead(items.length + page.length);
  });
  const pick = (/** @type {any} */ item) => {
    const rest = picked.filter((one) => one.number !== item.number);
    setPicked(rest.length < picked.length ? rest : [...rest, item].slice(-2));
  };
  const compare = () => {
    const [item, other] = [...picked].sort((one, two) => one.number - two.number); // the older one is before
    session.dialog.value = { kind: "result", item, other };
  };
  const has = new Set(items.map(mediumOf));
  return html`<div class="gallery-bar">
      <input type="search" aria-label=${text("results.filter")} placeholder=${text("results.filter")} value=${words}
        onInput=${(/** @type {any} */ event) => setWords(event.currentTarget.value)} />
      ${has.size > 1 && html`<div class="line media" role="group" aria-label=${text("results.media")}>${["", ...MEDIA.filter((one) => has.has(/** @type {any} */ (one)))].map((one) => html`<button
        key=${one} aria-pressed=${one === medium} onClick=${() => setMedium(one)}>${text(`results.medium.${one || "all"}`)}</button>`)}</div>`}
    </div>
    ${picked.length > 0 && html`<div class="line compare"><button class="primary" disabled=${picked.length < 2} onClick=${compare}>${text("results.compare")}</button>
      <span class="quiet">${text(picked.length < 2 ? "results.pickOther" : "results.picked")}</span>
      <button class="link" onClick=${() => setPicked([])}>${text("results.unpick")}</button></div>`}
    ${!shown.length && html`<p class="empty">${text("results.noMatch")}</p>`}
    <${Gallery} session=${session} items=${shown} picked=${picked} pick=${pick} />
    ${!all && items.length >= PAGE && html`<button class="more" onClick=${more}>${text("results.older")}</button>`}`;
}

/** @param {{session: Session, items: any[], picked: any[], pick: (item: any) => void}} props */
function Gallery({ session, items, picked, pick }) {
  const list = useRef(/** @type {any} */ (null));
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    const tiles = /** @type {HTMLElement[]} */ ([...list.current.querySelectorAll("button.picture")]);
    const at = tiles.indexOf(/** @type {any} */ (event.target));
    if (at < 0) return;
    const item = items.filter((one) => one.thumbnail)[at];
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, ArrowUp: beyond(tiles, at, -1), ArrowDown: beyond(tiles, at, 1) }[event.key];
    if (to === undefined && event.key.toLowerCase() !== "c") return;
    event.preventDefault();
    event.stopPropagation();
    if (to === undefined) pick(item);
    else tiles[to]?.focus();
  };
  return html`<ul ref=${list} class="results gallery" onKeyDown=${onKeyDown}>${items.map((item) => html`<li key=${keyOf(item)} class="tile" data-medium=${mediumOf(item)}>
    <${Item} session=${session} item=${item} items=${items} edge=${EDGE} />
    <${Foot} session=${session} item=${item} picked=${picked.some(({ number }) => number === item.number)} pick=${pick} /></li>`)}</ul>`;
}

/** @param {{session: Session, item: any, picked: boolean, pick: (item: any) => void}} props */
function Foot({ session, item, picked, pick }) {
  const name = nameOf(item);
  return html`<div class="foot">
    <span class="quiet" title=${madeText(item)}>${item.title ? `${item.title.split("/").pop()} · ` : ""}${item.node}</span>
    ${item.thumbnail && html`<button class="icon pick" aria-pressed=${picked} aria-label=${text("results.pick", { name })} title=${text("results.pick", { name })} onClick=${() => pick(item)}></button>`}
    ${!item.thumbnail && html`<button class="icon view-graph" aria-label=${text("results.openOf", { name })} title=${text("results.open")} onClick=${() => openMaker(session, item)}></button>`}
    ${item.file && !item.thumbnail && html`<a class="icon button download" href=${`${item.file}?download=true`} download=${name} aria-label=${text("results.downloadOf", { name })} title=${text("results.download")}></a>`}
  </div>`;
}

/** The newest, as they are now, and what is older of all that was read. @param {any[]} newest @param {any[]} known */
function joined(newest, known) {
  const last = newest.length < PAGE ? -Infinity : newest[PAGE - 1].number;
  return [...newest, ...known.filter(({ number }) => number < last)];
}

/** @param {any} item @param {string} words */
function holds(item, words) {
  const text = [nameOf(item), item.node, item.title, typeof item.item === "string" ? item.item : ""].join(" ").toLowerCase();
  return words.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

/** The tile over or under one. @param {HTMLElement[]} tiles @param {number} at @param {1 | -1} way */
function beyond(tiles, at, way) {
  const { offsetLeft, offsetTop } = tiles[at];
  for (let to = at + way; tiles[to]; to += way) if (tiles[to].offsetLeft === offsetLeft && tiles[to].offsetTop !== offsetTop) return to;
  return at;
}
