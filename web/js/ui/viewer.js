// @ts-check
/** Results, large: one at a time, or two over each other with a divider between them. */

import { clock, text } from "../text/index.js";
import { compareWith } from "./comparing.js";
import { Dialog } from "./dialog.js";
import { openUnnamed } from "./documents.js";
import { html, useState } from "./html.js";
import { PictureStage } from "./picture_stage.js";

/** @typedef {import("./session.js").Session} Session */

/** @param {{session: Session, dialog: {item: any, other?: any, items?: any[]}}} props `items`: among which the arrows go */
export function Viewer({ session, dialog: { item: first, other, items = [] } }) {
  const [item, setItem] = useState(first);
  const name = nameOf(item);
  const title = other ? text("viewer.both", { one: name, other: nameOf(other) }) : name;
  const step = (/** @type {number} */ by) => {
    const next = items[items.indexOf(item) + by];
    if (next) setItem(next);
    if (next) session.said.value = nameOf(next);
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    const by = { PageUp: -1, PageDown: 1 }[event.key];
    if (!by || other) return;
    event.preventDefault();
    step(by);
  };
  const at = items.indexOf(item);
  return html`<${Dialog} session=${session} title=${title} name="result">
    <div class="viewer" onKeyDown=${onKeyDown}>
      <${PictureStage} key=${item.number} items=${other ? [item, other] : [item]} names=${[name, other && nameOf(other)]} />
      <footer class="line">
        ${[item, other].filter(Boolean).map((one) => html`<${Facts} key=${one.number} session=${session} item=${one} />`)}
        <span class="space"></span>
        ${!other && items.length > 1 && html`<button disabled=${at < 1} aria-label=${text("viewer.before")} title=${`${text("viewer.before")} (PageUp)`} onClick=${() => step(-1)}>←</button>
          <button disabled=${at + 1 >= items.length} aria-label=${text("viewer.after")} title=${`${text("viewer.after")} (PageDown)`} onClick=${() => step(1)}>→</button>`}
      </footer>
    </div>
  </${Dialog}>`;
}

/** @param {{session: Session, item: any}} props */
function Facts({ session, item }) {
  return html`<span class="line made">
    <span class="quiet">${madeText(item)}</span>
    <button onClick=${() => openMaker(session, item)}>${text("results.open")}</button>
    <button onClick=${() => compareMaker(session, item)}>${text("viewer.compare")}</button>
    <a class="button" href=${`${item.file}?download=true`} download=${nameOf(item)}>${text("results.download")}</a>
  </span>`;
}

/** @param {any} item */
export const nameOf = ({ item, node }) => item?.filename ?? node;

/** Who made a result, and when. @param {any} item */
export const madeText = ({ title, node, job_number: number, time }) =>
  text("results.made", { title: title || text("app.untitled"), node, n: number, time: clock(time) });

/** Open what made a result, as it was then. @param {Session} session @param {any} item */
export const openMaker = (session, item) =>
  session.attempt(async () => {
    const workflow = await session.api.jobWorkflow(item.job);
    session.dialog.value = null;
    await openUnnamed(session, nameOf(item).replace(/\.[^.]*$/, "") || text("app.untitled"), workflow);
  });

/** Compare the workflow that is shown with what made a result. @param {Session} session @param {any} item */
const compareMaker = (session, item) =>
  session.attempt(async () => {
    await compareWith(session, nameOf(item), () => session.api.jobWorkflow(item.job));
    session.dialog.value = null;
  });
