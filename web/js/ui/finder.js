// @ts-check
/** Finding a kind of node: to add it, to connect what a wire was dropped for, or to replace a node by it. */

import { nodeOf, positionOf, SUBWORKFLOW } from "../core/document.js";
import { addNode, replaceKind } from "../core/edits.js";
import { keysOf } from "../core/json.js";
import { createSearch } from "../core/search.js";
import { holdsItself } from "../core/subworkflows.js";
import { fits, outputType, inputType } from "../core/types.js";
import { sourceSocket, targetSocket } from "../graph/scene.js";
import { text } from "../text/index.js";
import { Dialog } from "./dialog.js";
import { html, useMemo } from "./html.js";
import { Listbox } from "./listbox.js";
import { edit } from "./session.js";
import { TypeMark } from "./type_mark.js";

/** @typedef {import("./session.js").Session} Session */

const USED = "graphengine.used";
const MOST = 60;

/** @returns {Record<string, number>} */
const usedCounts = () => JSON.parse(localStorage.getItem(USED) ?? "{}");

/** How often people added each kind. */
function useCount() {
  const used = usedCounts();
  return (/** @type {string} */ kind) => used[kind] ?? 0;
}

/** @param {string} kind */
function countUse(kind) {
  const used = usedCounts();
  localStorage.setItem(USED, JSON.stringify({ ...used, [kind]: (used[kind] ?? 0) + 1 }));
}

/** @param {{session: Session, dialog: any}} props `where`: where the surface was asked, and for which end of a wire; `replace`: takes a kind instead */
export function Finder({ session, dialog }) {
  const { where, replace, at } = dialog;
  const from = where?.from && endOf(where.from);
  const tab = session.tab.value;
  const document = tab.document.value;
  const type = from && typeOf(session, document, from);
  const search = useMemo(() => createSearch([...session.kinds.all, ...definedKinds(session)], useCount()), [session.kinds, tab.scopes.value]);
  const wire = where?.wire && [endOf(sourceSocket(where.wire.from)), endOf(targetSocket(where.wire.to))];
  const ends = (wire ?? [from]).filter(Boolean).map((/** @type {any} */ end) => ({ end, type: typeOf(session, document, end) }));
  const only = (/** @type {any} */ kind) => ends.every((/** @type {any} */ { end, type: one }) => matching(session, kind, end, one) !== undefined);
  const find = (/** @type {string} */ wanted) => search(wanted, { limit: MOST, only });
  const title = replace ? text("finder.replace") : type ? text("finder.fitting", { type }) : text("finder.title");
  const choose = (/** @type {any} */ kind) => {
    session.dialog.value = null;
    countUse(kind.kind);
    if (replace) replace(kind.kind);
    else if (where) session.tab.value.surface.add(kind.kind, where);
    else added(session, kind);
  };
  return html`<${Dialog} session=${session} title=${title} name="finder" at=${at} bare=${true}>
    <${Listbox} hint=${type ? title : text("finder.hint")} none=${text("finder.none")} find=${find} keyOf=${(/** @type {any} */ kind) => kind.kind}
      choose=${choose} row=${Row} aside=${About} />
  </${Dialog}>`;
}

/** @param {any} kind */
const Row = (kind) => html`<span class="title">${kind.title || kind.kind}</span>
  <span class="quiet">${kind.category}${kind.title && kind.title !== kind.kind ? ` · ${kind.kind}` : ""}</span>`;

/** @param {any} kind */
function About(kind) {
  const ports = (/** @type {any[]} */ list) => list.slice(0, 12).map(({ name, type }) => html`<li key=${name}>
    <${TypeMark} type=${type} />${name} <span class="quiet">${type}</span></li>`);
  return html`<h3>${kind.title || kind.kind}</h3><p>${kind.help}</p>
    <h4>${text("finder.inputs")}</h4><ul>${ports(kind.inputs)}</ul>
    <h4>${text("finder.outputs")}</h4><ul>${ports(kind.outputs)}</ul>`;
}

/** @param {Session} session @param {any} document @param {any} from `{node, output}` or `{node, input}` */
const typeOf = ({ kinds, tab }, document, from) =>
  from.output !== undefined ? outputType(document, kinds, from, tab.value.scopes.value) : inputType(document, kinds, from, tab.value.scopes.value);

/** The sub-workflows that can be used where the view is, apart from those that it is in, as kinds. @param {Session} session @returns {any[]} */
function definedKinds({ kinds, tab }) {
  const scopes = tab.value.scopes.value;
  const names = new Set(scopes.flatMap(({ workflows }) => keysOf(workflows ?? {})));
  const usable = [...names].map((name) => SUBWORKFLOW + name).filter((kind) => !holdsItself(kind, scopes));
  return usable.map((kind) => {
    const name = kind.slice(SUBWORKFLOW.length);
    return { kind, title: name, category: text("sub.category"), help: "", pack: "", ...kinds.portsOf({ kind, inputs: {} }, scopes) };
  });
}

/** The port of a kind that an end of a wire fits. @param {Session} session @param {any} kind @param {any} from @param {string} type */
function matching({ kinds, tab }, kind, from, type) {
  const { inputs, outputs } = kinds.portsOf({ kind: kind.kind, inputs: {} }, tab.value.scopes.value);
  return from.output !== undefined
    ? inputs.find((/** @type {any} */ port) => fits(type, port.type))
    : outputs.find((/** @type {any} */ port) => fits(port.type, type));
}

/** @param {any} socket of the surface @returns {any} `{node, output}` or `{node, input}` */
const endOf = ({ node, side, port }) => (side === "output" ? { node, output: port } : { node, input: port });

/** @param {Session} session @param {any} kind */
function added(session, kind) {
  const { id } = edit(session, "command.find", (document) => addNode(document, kind.kind, placeFor(session)));
  session.select([id]);
  requestAnimationFrame(() => { // its row in the list, where that is what is seen: the graph has done so itself
    /** @type {HTMLElement | null} */ (document.querySelector(`.list [data-node-row="${CSS.escape(id)}"] .row`))?.focus();
  });
}

/** Beside what is selected, else in the middle of what is seen. @param {Session} session @returns {[number, number]} */
export function placeFor(session) {
  const tab = session.tab.value;
  const [id] = [...tab.selection.value].slice(-1);
  const beside = id && positionOf(tab.store.get(), id);
  if (beside) return [beside[0] + 320, beside[1]];
  const box = document.querySelector(".stage")?.getBoundingClientRect();
  return (box && tab.surface?.toWorld?.(box.left + box.width / 2 - 110, box.top + box.height / 3)) ?? [0, 0];
}

/** Let a node be of another kind, and tell what it lost. @param {Session} session @param {string} id @param {string} kind */
export function replaceBy(session, id, kind) {
  if (!nodeOf(session.tab.value.store.get(), id)) return;
  const { scopes } = session.tab.value;
  const { dropped } = edit(session, "command.replace", (document) => replaceKind(document, id, kind, session.kinds, scopes.value));
  const lost = [...dropped.inputs, ...dropped.outputs];
  if (lost.length) session.tell(text("replace.dropped", { what: lost.join(", ") }));
}
