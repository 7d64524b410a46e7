// @ts-check
/** A widget inside a panel: the same as inside a node. */

import { controlOf, nodeOf } from "../core/document.js";
import { changeWorkflow, setControl, setInput } from "../core/edits.js";
import { valueOf } from "../core/kinds.js";
import { mount } from "../widgets/index.js";
import { html, useLayoutEffect, useRef } from "./html.js";

/** @typedef {import("./session.js").Session} Session */
/** @typedef {import("./tab.js").Tab} Tab */

/**
 * What a widget of an input is given.
 * @param {Session} session @param {Tab} tab @param {string} node @param {any} port @param {string} label
 * @param {any} value @param {(value: any, options?: {merge?: unknown}) => void} [set]
 */
export const specOf = (session, tab, node, port, label, value, set) => ({
  port,
  value,
  label,
  set: set ?? setterOf(tab, node, port.name, label),
  control: () => controlOf(tab.store.get(), node, port.name),
  setControl: (/** @type {string} */ how) =>
    void tab.store.edit("widget.each", (document) => setControl(document, { node, input: port.name }, how === "fixed" ? "" : how)),
  choices: (/** @type {string} */ source) => session.api.choices(source),
  upload: (/** @type {File} */ file) => session.attempt(() => session.api.upload(file)),
  send: (/** @type {File} */ file, /** @type {string | undefined} */ alphaOf) => session.api.upload(file, alphaOf),
  image: (/** @type {string} */ name, /** @type {string | undefined} */ channel) => session.api.image(name, channel),
  notice: (/** @type {string} */ message) => session.tell(message),
});

/**
 * Sets an input where it was shown: a file may arrive when people are in another sub-workflow.
 * @param {Tab} tab @param {string} node @param {string} input @param {string} label
 */
function setterOf(tab, node, input, label) {
  const path = tab.path.peek();
  return (/** @type {any} */ value, /** @type {{merge?: unknown} | undefined} */ options) => void tab.whole.store.edit(label, (document) =>
    changeWorkflow(document, path, (workflow) => (nodeOf(workflow, node) ? setInput(workflow, { node, input }, value) : workflow)), options);
}

/** @param {{session: Session, tab: Tab, id: string, port: any, label: string, set?: any}} props */
export function Widget({ session, tab, id, port, label, set }) {
  const place = useRef(/** @type {any} */ (null));
  const widget = useRef(/** @type {any} */ (null));
  const document = tab.document.value;
  const node = nodeOf(document, id);
  const value = node ? valueOf(node, port) : undefined;
  const control = controlOf(document, id, port.name);
  useLayoutEffect(() => {
    const made = mount(place.current, specOf(session, tab, id, port, label, value, set));
    widget.current = made;
    return () => {
      made.destroy?.();
      place.current?.replaceChildren();
    };
  }, [tab, id, port.name, port.type, label]);
  useLayoutEffect(() => widget.current?.update(value), [value, control]);
  return html`<span class="widget-place" ref=${place}></span>`;
}
