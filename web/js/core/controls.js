// @ts-check
/** What is done with numbers at each run, as the layout keeps it: a new one is drawn, or it goes up or down by a step. */

import { inputOf, isLink, nodeIds, nodeOf } from "./document.js";
import { setInput } from "./edit_nodes.js";
import { isNumber, keysOf, own, same } from "./json.js";
import { controlOf, controlsOf } from "./layout.js";
import { numberFor, valueOf, widgetOf } from "./widgets.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {import("./ports.js").Port} Port
 * @typedef {(port: Port) => number} Draw a number that a port takes, by chance
 */

/** What each word makes of a value; any other word leaves it. @type {Record<string, (port: Port, value: any, draw: Draw) => any>} */
const CHANGES = {
  randomize: (port, _value, draw) => draw(port),
  increment: (port, value) => stepped(port, value, 1),
  decrement: (port, value) => stepped(port, value, -1),
};

/**
 * A workflow with the values of its next run. What counts goes on only from a value that has run: one that is new, from a
 * file or from people, runs first.
 * @param {Document} document @param {Document[]} scopes the document, and the sub-workflows down to this one
 * @param {import("./kinds.js").Kinds} kinds @param {Draw} draw @param {Document} [ran] the same as it ran last
 * @returns {Document}
 */
export function withNextValues(document, scopes, kinds, draw, ran) {
  const found = nodeIds(document).flatMap((id) => keysOf(controlsOf(document, id)).map((input) => ({ id, input })));
  return found.reduce((now, { id, input }) => {
    const node = document.nodes[id];
    const port = kinds.inputOf(node, input, scopes);
    const word = controlOf(document, id, input);
    const change = own(CHANGES, word);
    if (!port || !change || !isNumeric(port) || isLink(inputOf(node, input))) return now;
    const before = ran && nodeOf(ran, id);
    if (word !== "randomize" && !(before && same(valueOf(before, port), valueOf(node, port)))) return now;
    return setInput(now, { node: id, input }, change(port, valueOf(node, port), draw));
  }, document);
}

/** @param {Port} port */
const isNumeric = (port) => ["seed", "number"].includes(widgetOf(port));

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
