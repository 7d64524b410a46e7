// @ts-check
/** The page: bar, view, panels, and what lies over them. */

import { text } from "../text/index.js";
import { openFile } from "./documents.js";
import { Finder } from "./finder.js";
import { html, useEffect, useRef, useState } from "./html.js";
import { Inspector } from "./inspector.js";
import { onDemand } from "./on_demand.js";
import { Palette } from "./palette.js";
import { Stage } from "./stage.js";
import { Toasts } from "./toasts.js";
import { Toolbar } from "./toolbar.js";
import { Trail } from "./trail.js";

/** @typedef {import("./session.js").Session} Session */

const Status = onDemand(() => import("./status.js"), "Status");
/** @type {Record<string, any>} */
const VIEWS = {
  list: onDemand(() => import("./list.js"), "List"),
  form: onDemand(() => import("./form.js"), "Form"),
  sweep: onDemand(() => import("./sweep_view.js"), "SweepView"),
};
/** @type {Record<string, any>} */
const PANELS = {
  inspector: Inspector,
  problems: onDemand(() => import("./problems.js"), "Problems"),
  queue: onDemand(() => import("./queue.js"), "Queue"),
  results: onDemand(() => import("./results.js"), "Results"),
  history: onDemand(() => import("./history.js"), "History"),
  diff: onDemand(() => import("./diffview.js"), "Diff"),
};
/** @type {Record<string, any>} */
const DIALOGS = {
  finder: Finder, // these two are typed into at once
  palette: Palette,
  shortcuts: onDemand(() => import("./shortcuts.js"), "Shortcuts"),
  open: onDemand(() => import("./open.js"), "OpenDialog"),
  templates: onDemand(() => import("./open.js"), "Templates"),
  name: onDemand(() => import("./open.js"), "NameDialog"),
  result: onDemand(() => import("./viewer.js"), "Viewer"),
  menu: onDemand(() => import("./menus.js"), "Menu"),
  contract: onDemand(() => import("./contract.js"), "Contract"),
  compare: onDemand(() => import("./compare.js"), "Compare"),
  connect: onDemand(() => import("./connect.js"), "Connect"),
  vary: onDemand(() => import("./vary.js"), "Vary"),
  memory: onDemand(() => import("./memory.js"), "Memory"),
  notices: onDemand(() => import("./notices.js"), "Notices"),
};

const Look = onDemand(() => import("./look.js"), "Look");

/** @param {{session: Session}} props */
export function App({ session }) {
  const tab = session.tab.value;
  const view = tab.view.value;
  const View = VIEWS[view];
  const dialog = session.dialog.value;
  const Shown = dialog && DIALOGS[dialog.kind];
  return html`<${Toolbar} session=${session} />
    <main class="main" data-view=${view} data-inside=${tab.place.value.length > 0} aria-label=${text("app.graph", { name: tab.name.value })}>
      ${tab.place.value.length > 0 && html`<${Trail} session=${session} />`}
      <${Stage} session=${session} />
      ${View && html`<${View} session=${session} />`}
      <${DropPlace} session=${session} />
    </main>
    <${Side} session=${session} />
    <${Status} session=${session} />
    ${session.look.value && html`<${Look} session=${session} />`}
    <${Toasts} session=${session} />
    ${Shown && html`<${Shown} key=${dialog.kind} session=${session} dialog=${dialog} />`}`;
}

/** @param {{session: Session}} props */
function Side({ session }) {
  const now = session.panel.value;
  const Panel = PANELS[now];
  const problems = session.tab.value.whole.problems.value.length;
  const names = Object.keys(PANELS);
  const counted = problems === 1 ? text("problems.one") : text("problems.count", { n: problems });
  const labelOf = (/** @type {string} */ name) => (name === "problems" && problems ? counted : text(`command.${name}`));
  const move = (/** @type {KeyboardEvent} */ event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = names[(names.indexOf(now) + step + names.length) % names.length];
    session.panel.value = next;
    document.getElementById(`panel-${next}`)?.focus();
  };
  return html`<aside class="side" aria-label=${text("app.panels")}>
    <div class="panel-tabs" role="tablist" aria-label=${text("app.panels")} onKeyDown=${move}>
      ${names.map((name) => html`<button role="tab" id=${`panel-${name}`} key=${name} class=${`icon panel-${name}`} aria-selected=${name === now}
        aria-controls="panel" tabindex=${name === now ? 0 : -1} aria-label=${labelOf(name)} title=${labelOf(name)}
        onClick=${() => (session.panel.value = name)}>${name === "problems" && problems > 0 && html`<span class="count">${problems}</span>`}</button>`)}
    </div>
    <div class="panel" id="panel" role="tabpanel" aria-labelledby=${`panel-${now}`} tabindex="0">
      <h2>${text(`command.${now}`)}</h2><${Panel} session=${session} /></div>
  </aside>`;
}

/** Files dropped anywhere open as workflows, each in a tab of its own. @param {{session: Session}} props */
function DropPlace({ session }) {
  const [over, setOver] = useState(false);
  const depth = useRef(0);
  useEffect(() => {
    const files = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files");
    const enter = (/** @type {DragEvent} */ event) => files(event) && ((depth.current += 1), setOver(true));
    const leave = (/** @type {DragEvent} */ event) => files(event) && ((depth.current -= 1) <= 0) && setOver(false);
    const hover = (/** @type {DragEvent} */ event) => files(event) && event.preventDefault();
    const drop = (/** @type {DragEvent} */ event) => {
      if (!files(event)) return;
      event.preventDefault();
      depth.current = 0;
      setOver(false);
      for (const file of event.dataTransfer?.files ?? []) void openFile(session, file);
    };
    const all = /** @type {[string, any][]} */ ([["dragenter", enter], ["dragleave", leave], ["dragover", hover], ["drop", drop]]);
    for (const [name, listener] of all) addEventListener(name, listener);
    return () => all.forEach(([name, listener]) => removeEventListener(name, listener));
  }, []);
  return over && html`<div class="drop" aria-hidden="true">${text("drop.here")}</div>`;
}
