// @ts-check
/** Where the graph is drawn: one surface for each open workflow, so that switching loses neither view nor pictures. */

import { createSurface } from "../graph/surface.js";
import { text } from "../text/index.js";
import { mount } from "../widgets/index.js";
import { effect, html, useLayoutEffect, useRef } from "./html.js";
import { specOf } from "./widget.js";

/** @typedef {import("./session.js").Session} Session */
/** @typedef {import("./tab.js").Tab} Tab */

/** @param {{session: Session}} props */
export function Stage({ session }) {
  const { view } = session.tab.value;
  return html`<div class="stage" hidden=${view.value !== "graph"}>
    ${session.tabs.value.map((tab) => html`<${Surface} key=${tab.key} session=${session} tab=${tab} />`)}
  </div>`;
}

/** @param {{session: Session, tab: Tab}} props */
function Surface({ session, tab }) {
  const place = useRef(/** @type {any} */ (null));
  const current = session.tab.value === tab && tab.view.value === "graph";
  useLayoutEffect(() => {
    if (current && !tab.surface) begin(session, tab, place.current);
  }, [current]);
  useLayoutEffect(() => () => tab.surface?.destroy?.(), []);
  return html`<div class="surface-place" ref=${place} hidden=${session.tab.value !== tab}></div>`;
}

/** @param {Session} session @param {Tab} tab @param {HTMLElement} element */
function begin(session, tab, element) {
  const surface = createSurface(element, {
    store: tab.store,
    kinds: session.kinds,
    texts: text,
    mountWidget: (/** @type {HTMLElement} */ place, /** @type {any} */ given) => mount(place, nodeSpec(session, tab, given)),
    on: {
      search: ({ at, from, world }) => (session.dialog.value = { kind: "finder", at, from, world }),
      menu: () => {},
      notice: (/** @type {string} */ message, /** @type {any} */ action) => session.tell(message, action ? { actions: [action] } : {}),
    },
  });
  tab.surface = surface;
  surface.selection.subscribe((/** @type {any} */ ids) => {
    const now = new Set(ids ?? surface.selection.get());
    if (!sameSet(now, tab.selection.value)) tab.selection.value = now;
  });
  effect(() => surface.setStates?.(tab.states.value));
  effect(() => {
    for (const [node, items] of tab.results.value) surface.setResults?.(node, items);
  });
}

/** @param {Session} session @param {Tab} tab @param {any} given */
function nodeSpec(session, tab, { node, port, value, set, ...more }) {
  const id = typeof node === "string" ? node : node?.id;
  return { ...specOf(session, tab, id, port, text("widget.nodeInput", { input: port.name, node: id }), value, set), ...more };
}

/** @param {Set<string>} one @param {Set<string>} other */
const sameSet = (one, other) => one.size === other.size && [...one].every((id) => other.has(id));
