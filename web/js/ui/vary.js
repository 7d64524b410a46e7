// @ts-check
/** Saying which inputs vary, and over which values; what that comes to is told before it is run. */

import { controlOf, inputOf, isLink, nodeIds, nodeOf } from "../core/document.js";
import { changeWorkflow } from "../core/edits.js";
import { entriesOf } from "../core/json.js";
import { widgetOf } from "../core/kinds.js";
import { uniqueTitle } from "../core/names.js";
import { countOf, MOST_AXES, MOST_VARIANTS, nodeRuns, variantsOf } from "../core/sweep.js";
import { shownValue } from "../core/sweep_grid.js";
import { valuesOf } from "../core/sweep_values.js";
import { duration, text } from "../text/index.js";
import { Dialog } from "./dialog.js";
import { html, useEffect, useMemo, useRef, useState } from "./html.js";
import { isWorking } from "./job_state.js";
import { begin } from "./sweeping.js";

/** @typedef {import("./session.js").Session} Session */
/** @typedef {{node: string, input: string, port: any, name: string}} Choice an input that may vary */
/** @typedef {{target: string, typed: string}} Line */

const PAUSE = 350;
const SHOWN = 8; // values that are listed
const AXES = ["columns", "rows", "pages"];

/** @param {{session: Session, dialog: {target?: {node: string, input: string}}}} props */
export function Vary({ session, dialog }) {
  const tab = session.tab.value;
  const document = tab.document.value;
  const inputs = useMemo(() => inputsOf(session, document), [document]);
  const [lines, setLines] = useState(() => firstLines(session, inputs, dialog.target));
  const offered = useChoices(session, inputs, lines);
  const known = useRef(/** @type {Map<string, Read>} */ (new Map())).current; // seeds are drawn once
  const read = lines.map(({ target, typed }) => {
    const [key, choices] = [`${target} ${offered.has(target)} ${typed}`, offered.get(target)];
    if (!known.has(key)) known.set(key, readValues(inputs.get(target), typed, choices));
    return /** @type {Read} */ (known.get(key));
  });
  const axes = lines.map(({ target }, index) => ({ .../** @type {Choice} */ (inputs.get(target)), values: read[index].values }));
  const whole = read.length > 0 && read.every(({ values }) => values.length > 0);
  const count = whole ? countOf(axes) : 0;
  const outlook = useOutlook(session, count && count <= MOST_VARIANTS ? axes : []);
  const rolls = [...inputs.values()].some(({ node, input }) => controlOf(document, node, input) === "randomize");
  const change = (/** @type {number} */ at, /** @type {Partial<Line>} */ next) => setLines(lines.with(at, { ...lines[at], ...next }));
  const free = [...inputs.keys()].filter((key) => !lines.some(({ target }) => target === key));
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    session.dialog.value = null;
    void begin(session, axes.map(({ node, input, values }) => ({ node, input, values })));
  };
  const refused = count > MOST_VARIANTS ? text("vary.tooMany", { n: count, limit: MOST_VARIANTS }) : outlook.refused;
  return html`<${Dialog} session=${session} title=${text("vary.title")} name="vary">
    <form class="scroll" onSubmit=${submit}>
      <p class="quiet">${text(inputs.size ? "vary.help" : "vary.nothing")}</p>
      <ol class="axes">${lines.map((line, at) => html`<${Axis} key=${at} at=${at} line=${line} inputs=${inputs} free=${free} read=${read[at]}
        change=${(/** @type {any} */ next) => change(at, next)} remove=${lines.length > 1 && (() => setLines(lines.toSpliced(at, 1)))} />`)}</ol>
      ${lines.length < MOST_AXES && free.length > 0 && html`<button type="button" onClick=${() => setLines([...lines, { target: free[0], typed: "" }])}>${text("vary.add")}</button>`}
      ${rolls && html`<p class="quiet">${text("vary.seeds")}</p>`}
      <div role="status" class="outlook-lines">
        ${refused ? html`<p class="note bad">${refused}</p>` : outlook.lines.map((line) => html`<p class="quiet" key=${line}>${line}</p>`)}</div>
      <footer class="line"><span class="space"></span>
        <button type="button" onClick=${() => (session.dialog.value = null)}>${text("cancel")}</button>
        <button class="primary" disabled=${!whole || Boolean(refused)}>${count ? text("vary.run", { n: count }) : text("vary.runNone")}</button></footer>
    </form>
  </${Dialog}>`;
}

/** @param {{at: number, line: Line, inputs: Map<string, Choice>, free: string[], read: Read, change: (next: Partial<Line>) => void, remove: false | (() => void)}} props */
function Axis({ at, line, inputs, free, read, change, remove }) {
  const { name = "", port } = inputs.get(line.target) ?? {};
  const kind = { file: "choice", image: "choice" }[/** @type {string} */ (port && widgetOf(port))] ?? (port ? widgetOf(port) : "text");
  const told = read.refused ?? (read.values.length === 1 ? text("vary.one", { values: listed(read.values) })
    : read.values.length ? text("vary.found", { n: read.values.length, values: listed(read.values) }) : "");
  return html`<li class="axis"><div class="line">
      <span class="badge">${text(`vary.${AXES[at]}`)}</span>
      <select aria-label=${text("vary.input", { n: at + 1 })} value=${line.target} onChange=${(/** @type {any} */ event) => change({ target: event.currentTarget.value, typed: "" })}>
        ${[...inputs].filter(([key]) => key === line.target || free.includes(key)).map(([key, one]) => html`<option key=${key} value=${key}>${one.name}</option>`)}</select>
      ${remove && html`<button type="button" class="icon close" aria-label=${text("vary.remove", { name })} title=${text("vary.remove", { name })} onClick=${remove}></button>`}
    </div>
    <input type="text" autofocus=${at === 0} autocomplete="off" spellcheck=${false} aria-label=${text("vary.values", { name })} aria-describedby=${`axis-${at}`}
      aria-invalid=${Boolean(read.refused && line.typed)} placeholder=${text(`vary.hint.${kind}`)} value=${line.typed}
      onInput=${(/** @type {any} */ event) => change({ typed: event.currentTarget.value })} />
    <p id=${`axis-${at}`} class=${read.refused && line.typed ? "bad-text" : "quiet"}>${told}</p></li>`;
}

/** @param {any[]} values */
const listed = (values) => values.slice(0, SHOWN).map(shownValue).join(", ") + (values.length > SHOWN ? ", …" : "");

/** @param {Session} session @param {import("../core/document.js").Document} document @returns {Map<string, Choice>} */
function inputsOf(session, document) {
  return new Map(nodeIds(document).flatMap((id) => {
    const node = /** @type {any} */ (nodeOf(document, id));
    const free = session.kinds.portsOf(node, session.tab.value.scopes.value).inputs.filter((/** @type {any} */ port) => widgetOf(port) && !isLink(inputOf(node, port.name)));
    return free.map((/** @type {any} */ port) => [keyOf({ node: id, input: port.name }),
      { node: id, input: port.name, port, name: text("widget.nodeInput", { input: port.label ?? port.name, node: uniqueTitle(document, session.kinds, id) }) }]);
  }));
}

/** @param {{node: string, input: string}} target */
const keyOf = ({ node, input }) => JSON.stringify([node, input]);

/** What was asked for, else the first input of what is selected, else of the form, else of all. @param {Session} session @param {Map<string, Choice>} inputs @param {any} target @returns {Line[]} */
function firstLines(session, inputs, target) {
  const { selection, document } = session.tab.value;
  const keys = [...inputs.keys()];
  const ofForm = entriesOf(document.value.interface?.inputs ?? {}).flatMap(([, targets]) => targets.map(keyOf));
  const wanted = target ? keyOf(target) : keys.find((key) => selection.value.has(inputs.get(key)?.node ?? ""));
  const first = [wanted, ...ofForm].find((key) => key && inputs.has(key)) ?? keys[0];
  return first === undefined ? [] : [{ target: first, typed: "" }];
}

/** Names that come from the server, of the inputs that are chosen. @param {Session} session @param {Map<string, Choice>} inputs @param {Line[]} lines */
function useChoices(session, inputs, lines) {
  const [known, setKnown] = useState(/** @type {Map<string, string[]>} */ (new Map()));
  const targets = lines.map(({ target }) => target);
  useEffect(() => {
    for (const target of targets) {
      const source = inputs.get(target)?.port.source;
      if (source && !known.has(target)) session.api.choices(source).then((names) => setKnown((now) => new Map(now).set(target, names)), session.tellError);
    }
  }, [targets.join("\n")]);
  return known;
}

/** @typedef {{values: any[], refused?: string}} Read */

/** @param {Choice | undefined} input @param {string} typed @param {any[]} [choices] @returns {Read} */
function readValues(input, typed, choices) {
  if (!input || !typed.trim()) return { values: [] };
  try {
    return { values: valuesOf(typed, input.port, { choices, random: drawn }) };
  } catch (error) {
    const { code, details, message } = /** @type {any} */ (error);
    if (!code) throw error;
    return { values: [], refused: text(`vary.refused.${code}`, { message, ...details }) };
  }
}

/** @param {number} below */
function drawn(below) {
  const [high, low] = crypto.getRandomValues(new Uint32Array(2));
  return ((high % 2 ** 21) * 2 ** 32 + low) % below;
}

/** What running would do, asked for the first variant a moment after the last change. @param {Session} session @param {any[]} axes @returns {{lines: string[], refused?: string}} */
function useOutlook(session, axes) {
  const [outlook, setOutlook] = useState(/** @type {{lines: string[], refused?: string}} */ ({ lines: [] }));
  const key = JSON.stringify(axes.map(({ node, input, values }) => [node, input, values.map(String)]));
  useEffect(() => {
    setOutlook({ lines: [] });
    if (!axes.length) return undefined;
    const abort = new AbortController();
    const timer = setTimeout(() => askOutlook(session, axes, abort.signal).then(setOutlook, () => undefined), PAUSE); // one told too late is of no use
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [key]);
  return outlook;
}

/** @param {Session} session @param {any[]} axes @param {AbortSignal} signal */
async function askOutlook(session, axes, signal) {
  const { store, whole, path, place, name } = session.tab.value;
  const document = whole.store.get();
  const [variant] = variantsOf(store.get(), axes);
  const first = changeWorkflow(document, path.value, () => variant.document);
  const { problems } = await session.api.check(first, signal);
  if (problems.length) return { lines: [], refused: `${problems[0].message} ${problems[0].cure}` };
  if (isWorking(session)) return { lines: [] };
  const plan = await session.api.plan(first, name.value.slice(0, 200), signal);
  const { shared, alone } = nodeRuns(document, axes.map((axis) => ({ ...axis, node: [...place.value, axis.node].join(":") })), plan);
  const runs = shared ? text("vary.runs", { shared, alone }) : text("vary.shares");
  return { lines: [runs, ...(plan.seconds ? [text("vary.first", { time: duration(plan.seconds) })] : [])] };
}
