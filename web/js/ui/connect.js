// @ts-check
/** Connecting without the graph: a list of all that an input, or outputs, can be joined to. */

import { possibleWires } from "../core/connecting.js";
import { inputOf, isLink, nodeOf } from "../core/document.js";
import { connect } from "../core/edits.js";
import { inputType, outputType } from "../core/types.js";
import { text } from "../text/index.js";
import { Choose } from "./choose.js";
import { html, useMemo } from "./html.js";
import { edit } from "./session.js";
import { TypeMark } from "./type_mark.js";

/**
 * @typedef {import("./session.js").Session} Session
 * @typedef {import("../core/document.js").Wire} Wire
 * @typedef {import("../core/document.js").Source | import("../core/document.js").Target} End
 * @typedef {{key: string, wire: Wire, title: string, type: string, now?: string}} Line
 */

const MOST = 200;

/** @param {{session: Session, dialog: {node: string, end?: End}}} props `end`: of the node, where a wire begins or ends; else any will do */
export function Connect({ session, dialog: { node, end } }) {
  const ends = useMemo(() => (end ? [end] : endsOf(session, node)), []);
  const lines = useMemo(() => ends.flatMap((end) => linesFrom(session, end)).slice(0, MOST), []);
  const names = ends.map((end) => ("output" in end ? end.output : end.input)).join(", ");
  const title = text("connect.title", { names, node: titleOf(session, node) });
  const choose = (/** @type {Line} */ { wire: { from, to } }) => {
    edit(session, "command.connect", (document) => connect(document, from, to));
    session.said.value = text("said.connected", { from: titleOf(session, from.node), to: titleOf(session, to.node), input: to.input });
  };
  return html`<${Choose} session=${session} title=${title} name="connect" none=${text("connect.none")} lines=${lines} row=${Row} words=${wordsOf} choose=${choose} />`;
}

/** @param {Line} line */
const wordsOf = ({ title, type }) => ({ strong: [title], weak: [type] });

/** Where wires of a node may begin; of one that gives nothing, where they may end. @param {Session} session @param {string} node @returns {End[]} */
function endsOf({ kinds, tab }, node) {
  const { inputs, outputs } = kinds.portsOf(nodeOf(tab.value.document.value, node), tab.value.scopes.value);
  return outputs.length ? outputs.map((/** @type {any} */ { name }) => ({ node, output: name })) : inputs.map((/** @type {any} */ { name }) => ({ node, input: name }));
}

/** @param {Line} line */
const Row = ({ title, type, now }) => html`<span class="title"><${TypeMark} type=${type} /> ${title}</span>
  <span class="quiet">${type}${now && ` · ${now}`}</span>`;

/** @param {Session} session @param {string} id */
const titleOf = ({ kinds, tab }, id) => {
  const node = nodeOf(tab.value.document.value, id);
  return node ? kinds.titleOf(node) : id;
};

/** @param {Session} session @param {End} end @returns {Line[]} */
function linesFrom(session, end) {
  const { kinds, tab } = session;
  const [document, scopes] = [tab.value.document.value, tab.value.scopes.value];
  return possibleWires(document, kinds, end, scopes).map((wire) => {
    const { from, to } = wire;
    const key = `${from.node} ${from.output} ${to.node} ${to.input}`;
    if (!("output" in end)) return { key, wire, type: outputType(document, kinds, from, scopes), title: text("connect.from", { output: from.output, node: titleOf(session, from.node) }) };
    const held = inputOf(/** @type {any} */ (nodeOf(document, to.node)), to.input);
    const now = isLink(held) ? text("inspector.linked", { node: titleOf(session, held.link.node), output: held.link.output }) : undefined;
    return { key, wire, now, type: inputType(document, kinds, to, scopes), title: text("connect.to", { port: from.output, node: titleOf(session, to.node), input: to.input }) };
  });
}
