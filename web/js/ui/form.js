// @ts-check
/** The workflow as a form: the inputs of its interface, Run, and what came of it. */

import { nodeOf } from "../core/document.js";
import { setInput } from "../core/edits.js";
import { facePorts } from "../core/face.js";
import { entriesOf } from "../core/json.js";
import { text } from "../text/index.js";
import { perform } from "./commands.js";
import { html, useEffect, useRef } from "./html.js";
import { Items } from "./items.js";
import { planText } from "./toolbar.js";
import { Widget } from "./widget.js";

/** @typedef {import("./session.js").Session} Session */

/** @param {{session: Session}} props */
export function Form({ session }) {
  const tab = session.tab.value;
  const document = tab.document.value;
  const fields = entriesOf(document.interface?.inputs ?? {});
  const ports = facePorts(session.kinds, tab.scopes.value, "inputs");
  const results = [...tab.results.value.values()].flat();
  const [preview] = [...tab.previews.value.values()].slice(-1);
  const newest = Math.max(0, ...results.map(({ number }) => number));
  const outcome = useRef(/** @type {any} */ (null));
  const before = useRef(Infinity); // the newest result when a run was begun here, until a newer one is shown
  useEffect(() => {
    if (before.current === Infinity || (!preview && newest <= before.current)) return;
    outcome.current.scrollIntoView({ block: "nearest" });
    if (!preview && newest > before.current) before.current = Infinity;
  }, [preview, newest]);
  const run = () => {
    before.current = newest;
    perform(session, "run");
  };
  return html`<section class="form scroll" aria-label=${text("form.title")} tabindex="0">
    <div class="fields">
      ${!fields.length && html`<p class="empty">${text("form.empty")}</p>`}
      ${fields.map(([name, targets], at) => html`<${Field} key=${name} session=${session} name=${name} help=${ports[at].help} targets=${targets} />`)}
      <button class="run" onClick=${run}>${text("command.run")}</button>
      <p class="quiet">${planText(tab)}</p>
    </div>
    <div class="outcome" ref=${outcome}>
      ${preview && html`<img class="preview" src=${preview} alt="" />`}
      ${results.length > 0 && html`<h2>${text("form.outputs")}</h2><${Items} session=${session} items=${results} />`}
    </div>
  </section>`;
}

/** @param {{session: Session, name: string, help?: string, targets: {node: string, input: string}[]}} props */
function Field({ session, name, help, targets }) {
  const tab = session.tab.value;
  const [first] = targets;
  const node = first && nodeOf(tab.document.value, first.node);
  const port = node && session.kinds.inputOf(node, first.input, tab.scopes.value);
  if (!node || !port) return null;
  const set = (/** @type {any} */ value, /** @type {any} */ options) => tab.store.edit(name, (document) =>
    targets.reduce((now, target) => setInput(now, target, value), document), options);
  return html`<div class="field"><span class="label">${name}</span>
    <${Widget} session=${session} tab=${tab} id=${first.node} port=${port} label=${name} set=${set} />
    ${help && html`<small>${help}</small>`}</div>`;
}
