// @ts-check
/** The bar on top: which workflow, what can be done, and what a run would do. */

import { countNodes } from "../core/places.js";
import { duration, text } from "../text/index.js";
import { COMMANDS, commandName, perform } from "./commands.js";
import { close } from "./documents.js";
import { html } from "./html.js";
import { shownKey } from "./keys.js";
import { isBusy, outcomeText } from "./job_state.js";
import { trailOf } from "./subworkflows.js";

/** @typedef {import("./session.js").Session} Session */

/** @param {{session: Session}} props */
export function Toolbar({ session }) {
  const tab = session.tab.value;
  const { past, future } = tab.steps.value;
  return html`<header class="toolbar" role="banner">
    <button class="brand" aria-label=${text("command.open")} title=${text("command.open")} onClick=${() => perform(session, "open")}>
      <span class="mark" aria-hidden="true"></span>
    </button>
    <${Tabs} session=${session} />
    <div class="group" role="group">
      <${Button} session=${session} id="undo" icon="undo" disabled=${!past.length} />
      <${Button} session=${session} id="redo" icon="redo" disabled=${!future.length} />
      <${Button} session=${session} id="save" icon="save" />
    </div>
    <${Views} session=${session} />
    <span class="space"></span>
    <${Button} session=${session} id="find" icon="plus" />
    <${Button} session=${session} id="palette" icon="menu" />
    <${RunPart} session=${session} />
  </header>`;
}

/** @param {{session: Session, id: string, icon: string, disabled?: boolean}} props */
function Button({ session, id, icon, disabled }) {
  const command = /** @type {any} */ (COMMANDS.find((one) => one.id === id));
  const name = commandName(command);
  const title = command.keys ? `${name} (${shownKey(command.keys[0])})` : name;
  return html`<button class=${`icon ${icon}`} aria-label=${name} title=${title} disabled=${disabled}
    onClick=${() => perform(session, id)}></button>`;
}

/** @param {{session: Session}} props */
function Tabs({ session }) {
  return html`<nav class="tabs" aria-label=${text("app.tabs")}>
    ${session.tabs.value.map((tab) => {
      const current = tab === session.tab.value;
      const name = tab.name.value;
      return html`<span class="tab" key=${tab.key} data-current=${current}>
        <button aria-current=${current ? "page" : undefined} title=${name}
          onClick=${() => (session.shown.value = tab.key)} onDblClick=${() => perform(session, "rename")}>
          <span class="name">${name.split("/").pop()}</span>
          ${tab.dirty.value && html`<span class="dirty" role="img" aria-label=${text("app.dirty")} title=${text("app.dirty")}></span>`}
        </button>
        ${session.tabs.value.length > 1 && html`<button class="icon close" aria-label=${`${text("command.closeTab")}: ${name}`}
          onClick=${() => close(session, tab)}></button>`}
      </span>`;
    })}
  </nav>`;
}

/** @param {{session: Session}} props */
function Views({ session }) {
  const { view } = session.tab.value;
  return html`<div class="group views" role="group">
    ${["graph", "list", "form", "sweep"].map((name) => html`<button class=${`icon view-${name}`} key=${name}
      aria-pressed=${view.value === name} aria-label=${text(`command.${name}`)} title=${text(`command.${name}`)}
      onClick=${() => perform(session, name)}></button>`)}
  </div>`;
}

/** @param {{session: Session}} props */
function RunPart({ session }) {
  const tab = session.tab.value;
  const busy = isBusy(tab);
  return html`<div class="run-part">
    <${Outlook} session=${session} />
    ${busy && html`<button class="stop" onClick=${() => perform(session, "stop")}>${text("cancel")}</button>`}
    <button class="run" aria-describedby="outlook" title=${`${text("command.run")} (${shownKey("Mod+Enter")})`}
      onClick=${() => perform(session, "run")}>${text("command.run")}</button>
  </div>`;
}

/** What a run would do, does or did. @param {{session: Session}} props */
function Outlook({ session }) {
  const tab = session.tab.value;
  const problems = tab.whole.problems.value.length;
  if (!session.connected.value) return html`<span id="outlook" class="outlook bad">${text("run.unreachableShort")}</span>`;
  if (problems) {
    return html`<button id="outlook" class="outlook bad" onClick=${() => (session.panel.value = "problems")}>
      ${problems === 1 ? text("problems.one") : text("problems.count", { n: problems })}</button>`;
  }
  if (isBusy(tab)) return html`<${Progress} session=${session} tab=${tab} />`;
  const job = tab.job.value;
  const past = job ? html`<span class=${`outcome ${job.state}`}>${job.state === "failed" ? text("run.failed") : outcomeText(tab)}</span>` : "";
  return html`<span id="outlook" class="outlook">${past} <span class="plan">${planText(tab)}</span></span>`;
}

/** @param {import("./tab.js").Tab} tab */
export function planText(tab) {
  const plan = tab.whole.plan.value;
  if (!plan) return "";
  const [run, all] = [Object.keys(plan.run).length, countNodes(tab.whole.document.value)];
  if (!run) return text("run.nothing", { all });
  const when = plan.seconds ? `, ${text("run.about", { time: duration(plan.seconds) })}` : "";
  return text("run.plan", { run, all }) + when;
}

/** @param {{session: Session, tab: import("./tab.js").Tab}} props */
function Progress({ session, tab }) {
  const states = [...tab.whole.states.value.values()];
  const part = states.reduce((sum, { state, done, total }) =>
    sum + (state === "running" ? (total ? Number(done) / Number(total) : 0) : state === "queued" ? 0 : 1), 0);
  const [running] = [...tab.whole.states.value].find(([, { state }]) => state === "running") ?? [];
  const name = tab.job.value?.state === "queued" ? text("run.queued") : running ? `${text("run.running")}: ${trailOf(session, tab, running)}` : text("run.running");
  return html`<span id="outlook" class="outlook busy"><span class="name">${name}</span>
    <progress aria-label=${text("run.running")} max="1" value=${states.length ? part / states.length : 0}></progress></span>`;
}
