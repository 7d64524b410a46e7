// @ts-check
/** The strip at the foot of the page: what holds memory, what was said, and whether people are told of ends. */

import { text } from "../text/index.js";
import { tellsEnds } from "./announce.js";
import { perform } from "./commands.js";
import { html, useEffect } from "./html.js";
import { bytes, readMemory, sums } from "./memory_state.js";

/** @typedef {import("./session.js").Session} Session */

/** @param {{session: Session}} props */
export function Status({ session }) {
  const notices = session.notices.value.length;
  return html`<footer class="status" aria-label=${text("status.label")}>
    <${Strip} session=${session} />
    <span class="space"></span>
    <button class="quiet" onClick=${() => perform(session, "notices")}>${notices ? text("notices.count", { n: notices }) : text("notices.title")}</button>
    <button class="icon bell" aria-pressed=${tellsEnds.value} aria-label=${text("command.tellEnds")} title=${text("command.tellEnds")}
      onClick=${() => perform(session, "tellEnds")}></button>
  </footer>`;
}

/** @param {{session: Session}} props */
function Strip({ session }) {
  const memory = session.memory.value;
  const planned = session.tab.value.plan.value !== null; // then a worker answers
  useEffect(() => void readMemory(session), [session.queue.value, planned]);
  useEffect(() => {
    const shown = () => void readMemory(session);
    document.addEventListener("visibilitychange", shown);
    return () => document.removeEventListener("visibilitychange", shown);
  }, []);
  const parts = memory ? sums(memory) : [];
  return html`<button class="memory-strip" title=${text("command.memory")} aria-haspopup="dialog" onClick=${() => perform(session, "memory")}>
    <span class="bar" aria-hidden="true">${parts.map(([name, size]) => html`<i key=${name} class=${name} style=${{ flexGrow: size }}></i>`)}</span>
    ${memory ? parts.map(([name, size]) => html`<span class=${`part ${name}`} key=${name}><i class=${name} aria-hidden="true"></i>${text(`memory.${name}`)} ${bytes(size)}</span> `) : text("memory.title")}
  </button>`;
}
