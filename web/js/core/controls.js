// @ts-check
/** What is done with numbers and choices at each run, as the layout keeps it: a new one is drawn, or it goes a step on. */

import { inputOf, isLink, nodeIds, nodeOf } from "./document.js";
import { setInput } from "./edit_nodes.js";
import { isNumber, keysOf, own, same } from "./json.js";
import { controlOf, controlsOf } from "./layout.js";
import { numberFor, valueOf, widgetOf } from "./widgets.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {import("./ports.js").Port} Port
 * @typedef {(port: Port) => number} Draw a number that a port takes, by chance
 * @typedef {Map<string, string[]>} Listed what sources of choices offer
 */

/** What each word makes of a number; any other word leaves it. @type {Record<string, (port: Port, value: any, draw: Draw) => any>} */
const OF_NUMBERS = {
  randomize: (port, _value, draw) => draw(port),
  increment: (port, value) => stepped(port, value, 1),
  decrement: (port, value) => stepped(port, value, -1),
};

/** Which of so many choices follows one, by its place; one that is not among them is followed by none but by chance. @type {Record<string, (at: number, count: number, draw: Draw) => number>} */
const OF_CHOICES = {
  randomize: (_at, count, draw) => draw({ name: "", type: "INT", low: 0, high: count - 1 }),
  increment: (at, count) => (at < 0 ? at : Math.min(at + 1, count - 1)),
  decrement: (at) => Math.max(at - 1, Math.min(at, 0)),
  "increment-wrap": (at, count) => (at < 0 ? at : (at + 1) % count),
};

/**
 * A workflow with the values of its next run. What counts goes on only from a value that has run: one that is new, from a
 * file or from people, runs first.
 * @param {Document} document @param {Document[]} scopes the document, and the sub-workflows down to this one
 * @param {import("./kinds.js").Kinds} kinds @param {Draw} draw @param {Document} [ran] the same as it ran last
 * @param {Listed} [listed]
 * @returns {Document}
 */
export function withNextValues(document, scopes, kinds, draw, ran, listed = new Map()) {
  return controlled(document).reduce((now, { id, input }) => {
    const node = document.nodes[id];
    const port = kinds.inputOf(node, input, scopes);
    const word = controlOf(document, id, input);
    if (!port || isLink(inputOf(node, input))) return now;
    const [before, value] = [ran && nodeOf(ran, id), valueOf(node, port)];
    if (word !== "randomize" && !(before && same(valueOf(before, port), value))) return now;
    const next = following(word, port, value, draw, listed);
    return next === undefined ? now : setInput(now, { node: id, input }, next);
  }, document);
}

/**
 * What follows a value, undefined where nothing does.
 * @param {string} word @param {Port} port @param {any} value @param {Draw} draw @param {Listed} listed
 */
function following(word, port, value, draw, listed) {
  const widget = widgetOf(port);
  if (["seed", "number"].includes(widget)) return own(OF_NUMBERS, word)?.(port, value, draw);
  const choices = port.choices ?? listed.get(port.source ?? "") ?? [];
  if (!["choice", "file", "image"].includes(widget) || !choices.length) return undefined;
  return choices[own(OF_CHOICES, word)?.(choices.indexOf(value), choices.length, draw) ?? -1];
}

/** The sources of choices of which the next runs take others. @param {Document} document @param {Document[]} scopes @param {import("./kinds.js").Kinds} kinds */
export const sourcesOf = (document, scopes, kinds) =>
  controlled(document).flatMap(({ id, input }) => {
    const { source, choices } = kinds.inputOf(document.nodes[id], input, scopes) ?? {};
    return source && !choices && own(OF_CHOICES, controlOf(document, id, input)) ? [source] : [];
  });

/** @param {Document} document */
const controlled = (document) => nodeIds(document).flatMap((id) => keysOf(controlsOf(document, id)).map((input) => ({ id, input })));

/** A number so much further on, to the digit for whole numbers of any size. @param {any} from @param {number} by */
export const further = (from, by) =>
  Number.isInteger(by) && /^-?\d+$/.test(String(from)) ? BigInt(String(from)) + BigInt(by) : Number(from ?? 0) + by;

/** A step further, and no further than the port goes. @param {Port} port @param {any} value @param {1 | -1} direction */
function stepped(port, value, direction) {
  if (!isNumber(value)) return value;
  const moved = further(value, direction * Number(port.step ?? 1));
  const next = typeof moved === "bigint" ? moved : Number(moved.toPrecision(12));
  const limit = direction > 0 ? port.high : port.low;
  const beyond = limit !== undefined && limit !== null && (direction > 0 ? next > limitOf(limit) : next < limitOf(limit));
  return beyond ? limit : numberFor(port, next);
}

/** A limit that compares with whole numbers of any size, too. @param {any} limit */
const limitOf = (limit) => (/^-?\d+$/.test(String(limit)) ? BigInt(String(limit)) : Number(limit));
