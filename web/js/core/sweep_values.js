// @ts-check
/**
 * What people type for an input that is to vary.
 *
 *     8 | 12 | 20           values, between bars; numbers and choices also between commas
 *     1..10 step 2          a range of numbers, in ones unless a step is given
 *     5 random              so many seeds
 *     all                   each choice; both on and off
 */

import { evaluate, evaluateWhole } from "./expression.js";
import { same } from "./json.js";
import { Refused } from "./refused.js";
import { createIndex } from "./search.js";
import { numberFor, widgetOf } from "./widgets.js";

/**
 * @typedef {import("./ports.js").Port} Port
 * @typedef {{choices?: any[], random?: (high: number) => number}} Given what there is to choose from; a whole number
 *   from 0 to below `high`
 */

export const MOST_VALUES = 100; // of one input
const BETWEEN = /[|\n]/;
const RANGE = /^(.+?)\s*(?:\.\.|…)\s*(.+?)(?:\s*(?:\bstep\b|\bby\b|步长)\s*(.+))?$/i;
const RANDOM = /^(\d+)\s*(?:random|随机)$/i;
const ALL = /^(?:all|\*|全部)$/i;
const SWITCHES = new Map([["on", true], ["true", true], ["开", true], ["off", false], ["false", false], ["关", false]]);

/**
 * The values of an input as the document keeps them, each once.
 * @param {string} text @param {Port} port @param {Given} [given] @returns {any[]}
 * @throws {Refused} `no_values`, `no_number`, `not_finite`, `too_low`, `too_high`, `no_step`, `no_random`, `no_choice`,
 *   `no_switch` or `too_many_values`
 */
export function valuesOf(text, port, given = {}) {
  const pieces = text.split(BETWEEN).map((piece) => piece.trim()).filter(Boolean);
  const values = pieces.flatMap((piece) => READERS[widgetOf(port) || "text"](piece, port, given));
  const found = values.filter((value, at) => values.findIndex((other) => same(other, value)) === at);
  if (!found.length) throw new Refused("no_values", "No values are given.");
  few(found.length);
  return found;
}

/** @type {Record<string, (piece: string, port: Port, given: Given) => any[]>} */
const READERS = {
  text: (piece) => [piece],
  number: numbers,
  seed: (piece, port, given) => {
    const many = RANDOM.exec(piece);
    return many ? seeds(Number(many[1]), port, given) : numbers(piece, port);
  },
  switch: (piece) => (ALL.test(piece) ? [true, false] : piece.split(/[\s,;]+/).map(switchOf)),
  choice: chosen,
  file: chosen,
  image: chosen,
};

/** @param {string} piece @param {Port} port @returns {any[]} */
function numbers(piece, port) {
  if (RANDOM.test(piece)) throw new Refused("no_random", `'${port.name}' is no seed.`, { name: port.name });
  const range = RANGE.exec(piece);
  if (range) return rangeOf(range, port);
  return splitNumbers(piece, isWhole(port)).map((one) => numberIn(one, port));
}

/** A comma alone may be a decimal point, unless there are several or the input takes whole numbers. @param {string} piece @param {boolean} whole */
function splitNumbers(piece, whole) {
  const parts = piece.split(/\s*(?:;|,\s)\s*/);
  return parts.flatMap((part) => (whole || part.split(",").length > 2 ? part.split(",") : [part])).filter(Boolean);
}

/** @param {Port} port */
const isWhole = (port) => !port.type.split(",").includes("FLOAT");

/** @param {string} text @param {Port} port */
function numberIn(text, port) {
  const number = isWhole(port) ? evaluateWhole(text) : evaluate(text);
  return within(port, number, numberFor(port, number));
}

/** @param {Port} port @param {number | bigint} number @param {any} value */
function within({ name, low, high }, number, value) {
  if (low !== undefined && low !== null && Number(number) < Number(low)) {
    throw new Refused("too_low", `'${name}' is at least ${low}.`, { name, limit: String(low) });
  }
  if (high !== undefined && high !== null && Number(number) > Number(high)) {
    throw new Refused("too_high", `'${name}' is at most ${high}.`, { name, limit: String(high) });
  }
  return value;
}

/** @param {RegExpExecArray} range @param {Port} port */
function rangeOf([text, first, last, by], port) {
  const [from, to] = [evaluate(first), evaluate(last)];
  const step = by === undefined ? 1 : Math.abs(evaluate(by));
  const distance = Math.abs(to - from);
  if (!(step > 0) || (by === undefined && distance < 1 && distance > 0) || (isWhole(port) && !Number.isInteger(step))) {
    throw new Refused("no_step", `'${text}' needs a step.`, { text });
  }
  const count = few(Math.floor(distance / step + 1e-9) + 1);
  const direction = Math.sign(to - from);
  return Array.from({ length: count }, (_, at) => {
    const number = Number((from + direction * at * step).toPrecision(12));
    return within(port, number, numberFor(port, isWhole(port) ? Math.round(number) : number));
  });
}

/** @param {number} count @param {Port} port @param {Given} given */
function seeds(count, { high }, { random = (below) => Math.floor(Math.random() * below) }) {
  const below = Math.min(Number(high ?? Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
  return Array.from({ length: few(count) }, () => random(below));
}

/** @param {string} piece */
function switchOf(piece) {
  const value = SWITCHES.get(piece.toLowerCase());
  if (value === undefined) throw new Refused("no_switch", `'${piece}' is neither on nor off.`, { text: piece });
  return value;
}

/** @param {string} piece @param {Port} port @param {Given} given @returns {any[]} */
function chosen(piece, port, given) {
  const choices = given.choices ?? port.choices;
  if (!choices) return [piece];
  if (ALL.test(piece)) return choices;
  const find = createIndex(choices, (choice) => ({ strong: [String(choice)] }));
  const choiceOf = (/** @type {string} */ text) => choices.find((choice) => String(choice) === text) ?? find(text, { limit: 1 })[0];
  const whole = choiceOf(piece);
  if (whole !== undefined) return [whole];
  return piece.split(/\s*[,;]\s*/).filter(Boolean).map((part) => choiceOf(part) ?? refuseChoice(part));
}

/** @param {string} text @returns {never} */
function refuseChoice(text) {
  throw new Refused("no_choice", `There is no choice '${text}'.`, { text });
}

/** The number of values, if they are not too many. @param {number} count */
function few(count) {
  if (count > MOST_VALUES) {
    throw new Refused("too_many_values", `${count} values are too many.`, { count, limit: MOST_VALUES });
  }
  return count;
}
