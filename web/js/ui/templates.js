// @ts-check
/** Workflows to begin from, each with a picture that it makes. */

import { text } from "../text/index.js";
import { perform } from "./commands.js";
import { openUnnamed } from "./documents.js";
import { html, useEffect, useState } from "./html.js";

/** @typedef {import("./session.js").Session} Session */

/** Those that people try next, beside the starter. */
const FIRST = ["image_to_image", "inpaint", "controlnet"];

/** @param {{session: Session, only?: string[]}} props */
export function TemplateCards({ session, only }) {
  const [names, setNames] = useState(/** @type {string[]} */ ([]));
  useEffect(() => void session.attempt(async () => setNames(await session.api.templates())), []);
  const begin = (/** @type {string} */ name) => session.attempt(async () => {
    const before = session.tab.value;
    const document = await session.api.template(name);
    session.dialog.value = null;
    await openUnnamed(session, titleOf(name), document);
    if (isUntouched(before)) session.close(before);
  });
  return html`<ul class="template-cards">${names.filter((name) => only?.includes(name) ?? true).map((name) => html`<li key=${name}>
    <button class="card" onClick=${() => begin(name)}><img src=${session.api.templatePicture(name)} alt="" loading="lazy" />${titleOf(name)}</button></li>`)}</ul>`;
}

/** What an empty start offers, until something is changed. @param {{session: Session}} props */
export function Beginning({ session }) {
  if (!isUntouched(session.tab.value)) return null;
  return html`<section class="beginning" aria-label=${text("inspector.begin")}><h3>${text("inspector.begin")}</h3>
    <${TemplateCards} session=${session} only=${FIRST} />
    <button class="link" onClick=${() => perform(session, "new")}>${text("inspector.moreTemplates")}</button></section>`;
}

/** Whether it is the starter, or nothing, and nobody has saved or changed it. @param {import("./tab.js").Tab} tab */
const isUntouched = (tab) => tab.version.value === null && !tab.dirty.value;

/** @param {string} name */
const titleOf = (name) => name[0].toUpperCase() + name.slice(1).replaceAll("_", " ");
