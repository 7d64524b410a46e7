// @ts-check
/**
 * What people type into a field for a number: `512*2`, `(1+0,5)/3`, `2^10`. Read by hand, never evaluated as code.
 *
 *     sum     = product {("+" | "-") product}
 *     product = signed {("*" | "/" | "%") signed}
 *     signed  = ("+" | "-") signed | power
 *     power   = atom ["^" signed]                  -2^2 is -4, 2^3^2 is 2^9, as in mathematics
 *     atom    = number | "(" sum ")"
 */

import { Refused } from "./refused.js";

/** @typedef {{tokens: string[], at: number, depth: number}} Reading */

const TOKEN = /\s*((?:\d+(?:[.,]\d*)?|[.,]\d+)(?:e[+-]?\d+)?|\*\*|[-+*/%^()×÷−])/iy;
const SAME = new Map([["**", "^"], ["×", "*"], ["÷", "/"], ["−", "-"]]);
const DEEPEST = 100;

/**
 * The value of an expression.
 * @param {string} text @returns {number} @throws {Refused} with code `no_number` or `not_finite`
 */
export function evaluate(text) {
  const reading = { tokens: tokensOf(text), at: 0, depth: 0 };
  const value = sum(reading);
  return reading.at < reading.tokens.length ? refuse(text) : finite(reading, value);
}

/**
 * The value of an expression for an input that takes whole numbers, to the last digit where it is only digits.
 * @param {string} text @returns {number | bigint} @throws {Refused}
 */
export function evaluateWhole(text) {
  const digits = text.trim();
  if (/^[-+]?\d+$/.test(digits)) {
    const number = Number(digits);
    return Number.isSafeInteger(number) ? number : BigInt(digits.replace("+", ""));
  }
  return Math.round(evaluate(text));
}

/** @param {string} text @returns {string[]} */
function tokensOf(text) {
  const tokens = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const found = TOKEN.exec(text);
    if (!found) return refuse(text);
    tokens.push(SAME.get(found[1]) ?? found[1]);
  }
  return tokens;
}

/** @param {string} text @returns {never} */
function refuse(text) {
  throw new Refused("no_number", `'${text}' is no number that can be worked out.`, { text });
}

/** Take the next token if it is one of these. @param {Reading} reading @param {string} wanted */
function take(reading, wanted) {
  const token = reading.tokens[reading.at];
  if (token === undefined || !wanted.includes(token)) return undefined;
  reading.at += 1;
  return token;
}

/** @param {Reading} reading */
function sum(reading) {
  let value = product(reading);
  for (let sign = take(reading, "+-"); sign; sign = take(reading, "+-")) {
    const other = product(reading);
    value = sign === "+" ? value + other : value - other;
  }
  return value;
}

/** @param {Reading} reading */
function product(reading) {
  let value = signed(reading);
  for (let sign = take(reading, "*/%"); sign; sign = take(reading, "*/%")) {
    const other = signed(reading);
    const rest = () => value - other * Math.floor(value / other);
    value = finite(reading, sign === "*" ? value * other : sign === "/" ? value / other : rest());
  }
  return value;
}

/** A value that is one: `1/(1/0)` is not 0. @param {Reading} reading @param {number} value */
function finite({ tokens }, value) {
  if (Number.isFinite(value)) return value;
  const text = tokens.join("");
  throw new Refused("not_finite", `'${text}' has no finite value.`, { text });
}

/** @param {Reading} reading @returns {number} */
function signed(reading) {
  reading.depth += 1;
  if (reading.depth > DEEPEST) refuse(reading.tokens.join(""));
  const sign = take(reading, "+-");
  const value = sign ? signed(reading) : power(reading);
  reading.depth -= 1;
  return sign === "-" ? -value : value;
}

/** @param {Reading} reading @returns {number} */
function power(reading) {
  const base = atom(reading);
  return take(reading, "^") ? finite(reading, base ** signed(reading)) : base;
}

/** @param {Reading} reading @returns {number} */
function atom(reading) {
  if (take(reading, "(")) {
    const value = sum(reading);
    return take(reading, ")") ? value : refuse(reading.tokens.join(""));
  }
  const token = reading.tokens[reading.at] ?? "";
  if (!/^[\d.,]/.test(token)) refuse(reading.tokens.join(""));
  reading.at += 1;
  return Number(token.replace(",", "."));
}
