// @ts-check
/** The value that went through an output last: a card beside the wire, which leaves the graph as it is. */

import { nodeOf } from "../core/document.js";
import { text } from "../text/index.js";
import { factOf } from "./facts.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "./html.js";
import { run } from "./running.js";
import { TypeMark } from "./type_mark.js";

/** @typedef {import("./session.js").Session} Session */
/** @typedef {{kept: boolean, facts: Record<string, any>, text: string, bars: number[], picture: string | null}} Value */

const AGAIN = 1000; // milliseconds until a busy worker is asked again
const MARGIN = 8;

/** @param {{session: Session}} props */
export function Look({ session }) {
  const { node: id, output, at, back } = /** @type {any} */ (session.look.value);
  const tab = session.tab.value;
  const node = nodeOf(tab.document.value, id);
  const card = useRef(/** @type {any} */ (null));
  const answer = useValue(session, id, output);
  const close = () => {
    session.look.value = null;
    back?.focus({ preventScroll: true });
  };
  useClosing(card, close);
  useLayoutEffect(() => void (back && card.current?.focus({ preventScroll: true })), [id, output]);
  useLayoutEffect(() => {
    const watch = new ResizeObserver(() => lie(card.current, at)); // a picture comes a moment later
    if (card.current) watch.observe(card.current);
    return () => watch.disconnect();
  }, [at, node === undefined]);
  if (!node) return null;
  const outputs = session.kinds.portsOf(node, tab.scopes.value).outputs;
  const port = outputs.find((/** @type {any} */ one) => one.name === output);
  const title = session.kinds.titleOf(node);
  return html`<section ref=${card} class="look" role="dialog" tabindex="-1" aria-label=${text("look.label", { output, node: title })}>
    <header><${TypeMark} type=${port?.type} /><h2>${title}</h2>
      <span class="quiet">${port?.type ?? output} ${factOf(session, { node: id, output })}</span><span class="space"></span>
      <button class="icon close" aria-label=${text("close")} onClick=${close}></button></header>
    ${outputs.length > 1 && html`<div class="line outputs" role="group" aria-label=${text("inspector.outputs")}>${outputs.map((/** @type {any} */ one) => html`<button key=${one.name}
      aria-pressed=${one.name === output} onClick=${() => (session.look.value = { node: id, output: one.name, at, back })}>${one.label ?? one.name}</button>`)}</div>`}
    <div class="body" aria-live="polite"><${Answer} session=${session} id=${id} answer=${answer} /></div>
  </section>`;
}

/** @param {{session: Session, id: string, answer: Value | string}} props what was told instead of a value is a text */
function Answer({ session, id, answer }) {
  if (typeof answer === "string") return html`<p class="quiet">${answer}</p>`;
  const again = html`<button class="primary" onClick=${() => run(session, [id])}>${text("look.run")}</button>`;
  if (!answer.kept) return html`<p>${text("look.gone")}</p>${again}`;
  const { facts, text: words, bars, picture } = answer;
  return html`${picture && html`<img src=${`data:image/jpeg;base64,${picture}`} alt=${text("look.picture")} />`}
    ${words && html`<pre tabindex="0" aria-label=${text("results.text")}>${words}</pre>`}
    ${bars.length > 0 && html`<${Bars} bars=${bars} />`}
    <dl>${Object.entries(facts).map(([name, fact]) => html`<div key=${name}><dt>${factName(name)}</dt><dd>${[fact].flat().join(", ")}</dd></div>`)}</dl>`;
}

/** @param {{bars: number[]}} props */
function Bars({ bars }) {
  const most = Math.max(...bars) || 1;
  return html`<svg class="bars" viewBox=${`0 0 ${bars.length} 10`} preserveAspectRatio="none" role="img" aria-label=${text("look.bars")}>
    ${bars.map((bar, index) => html`<rect key=${index} x=${index + 0.1} width="0.8" y=${10 - (10 * bar) / most} height=${(10 * bar) / most} />`)}</svg>`;
}

/** In people's language where it is one of ours. @param {string} name */
function factName(name) {
  const key = `fact.${name}`;
  const known = text(key);
  return known === key ? name : known;
}

/** The value, or what is to be told instead; asked for anew when the node has run. @param {Session} session @param {string} node @param {string} output @returns {Value | string} */
function useValue(session, node, output) {
  const [answer, setAnswer] = useState(/** @type {Value | string} */ (text("look.asking")));
  const tab = session.tab.value;
  const job = tab.job.value;
  const state = tab.states.value.get(node)?.state;
  useEffect(() => {
    const abort = new AbortController();
    let timer = 0;
    const ask = async () => {
      try {
        const of = job ? { job: job.id } : { workflow: tab.whole.store.get() };
        const value = await session.api.value({ node: tab.prefix.value + node, output, ...of }, abort.signal);
        setAnswer(value);
        if (value.kept) session.said.value = [...Object.values(value.facts).slice(0, 3), value.text.slice(0, 200)].filter(Boolean).join(", ");
      } catch (error) {
        const { name, code, message, cure } = /** @type {any} */ (error);
        if (name === "AbortError") return;
        setAnswer(code === "busy" || code === "unreachable" ? text("look.busy") : `${message} ${cure ?? ""}`);
        if (code === "busy") timer = window.setTimeout(ask, AGAIN);
      }
    };
    void ask();
    return () => {
      abort.abort();
      window.clearTimeout(timer);
    };
  }, [tab, node, output, job?.id, job?.state, state]);
  return answer;
}

/** Esc closes it, and so does a press anywhere else. @param {{current: HTMLElement}} card @param {() => void} close */
function useClosing(card, close) {
  useEffect(() => {
    const key = (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      close();
    };
    const press = (/** @type {PointerEvent} */ event) => card.current?.contains(/** @type {Node} */ (event.target)) || close();
    addEventListener("keydown", key, true);
    addEventListener("pointerdown", press, true);
    return () => {
      removeEventListener("keydown", key, true);
      removeEventListener("pointerdown", press, true);
    };
  });
}

/** Beside the place that was pointed at, inside the page. @param {HTMLElement | null} card @param {[number, number]} at */
function lie(card, [x, y]) {
  if (!card) return;
  const { offsetWidth: width, offsetHeight: height } = card;
  const left = x + 14 + width < innerWidth - MARGIN ? x + 14 : x - 14 - width;
  card.style.left = `${Math.max(MARGIN, left)}px`;
  card.style.top = `${Math.max(MARGIN, Math.min(y - 20, innerHeight - height - MARGIN))}px`;
}
