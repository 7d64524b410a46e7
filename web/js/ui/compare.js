// @ts-check
/** Choosing what to compare with: a workflow that is open, as it is now, or one as it was saved last. */

import { text } from "../text/index.js";
import { Choose } from "./choose.js";
import { compareWith } from "./comparing.js";
import { html, useEffect, useMemo, useState } from "./html.js";

/**
 * @typedef {import("./session.js").Session} Session
 * @typedef {{key: string, name: string, hint: string, read: () => Promise<any>}} Line
 */

/** @param {{session: Session}} props */
export function Compare({ session }) {
  const [saved, setSaved] = useState(/** @type {any[]} */ ([]));
  useEffect(() => void session.attempt(async () => setSaved(await session.api.documents())), []);
  const lines = useMemo(() => linesOf(session, saved), [saved]);
  const choose = (/** @type {Line} */ { name, read }) => void session.attempt(() => compareWith(session, name, read));
  return html`<${Choose} session=${session} title=${text("diff.with")} name="compare" none=${text("diff.noOther")} lines=${lines} row=${Row} words=${wordsOf} choose=${choose} />`;
}

/** @param {Line} line */
const wordsOf = ({ name, hint }) => ({ strong: [name], weak: [hint] });

/** @param {Line} line */
const Row = ({ name, hint }) => html`<span class="title">${name}</span><span class="quiet">${hint}</span>`;

/** @param {Session} session @param {any[]} saved @returns {Line[]} */
function linesOf(session, saved) {
  const shown = session.tab.value;
  const open = session.tabs.value.filter((tab) => tab !== shown).map((tab) => (
    { key: `open ${tab.key}`, name: tab.name.value, hint: text("diff.open"), read: async () => tab.whole.store.get() }));
  const kept = saved.filter(({ name, version }) => version !== null && name !== shown.name.value).map(({ name }) => (
    { key: `saved ${name}`, name, hint: text("app.saved"), read: async () => (await session.api.document(name)).document }));
  return [...open, ...kept];
}
