// @ts-check
/**
 * JSON as the server reads and writes it, to the byte: within its limits, numbers and the order of keys kept.
 */

import { Exact, float, integer, numberText } from "./exact.js";
import { entriesOf, ordered } from "./objects.js";
import { Refused } from "./refused.js";

export { Exact, float, integer, isNumber } from "./exact.js";
export { entriesOf, isObject, keysOf, ordered, own, pick, same, without } from "./objects.js";

/** @typedef {any} Json */

const MAX_CHARACTERS = 64 * 2 ** 20;
const MAX_DEPTH = 64;
const MAX_DIGITS = 4300; // of a whole number; the server refuses longer ones
const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const CONTROL = /[\u0000-\u001f]/;

/**
 * The value of a JSON text, within the server's limits.
 * @param {string} text @returns {Json} @throws {Refused} with code `not_json`, `too_large` or `too_deep`
 */
export function parse(text) {
  if (text.length > MAX_CHARACTERS) {
    throw new Refused("too_large", `The document has ${text.length} characters; the limit is ${MAX_CHARACTERS}.`, {
      size: text.length,
      limit: MAX_CHARACTERS,
    });
  }
  const reader = { text: text.startsWith("\ufeff") ? text.slice(1) : text, at: 0 };
  const value = readValue(reader, 0);
  if (skip(reader) !== undefined) fail(reader);
  return value;
}

/** @typedef {{text: string, at: number}} Reader */

/** @param {Reader} reader @param {number} depth @returns {Json} */
function readValue(reader, depth) {
  const first = skip(reader);
  if (first === '"') return readString(reader);
  if (first === "{" || first === "[") {
    if (depth === MAX_DEPTH) throw new Refused("too_deep", `It is nested deeper than ${MAX_DEPTH} levels.`);
    return first === "{" ? readObject(reader, depth + 1) : readArray(reader, depth + 1);
  }
  return readWord(reader, "true", true) ?? readWord(reader, "false", false) ?? readNullOrNumber(reader);
}

/** @param {Reader} reader @param {number} depth */
function readObject(reader, depth) {
  /** @type {[string, Json][]} */
  const entries = [];
  readItems(reader, "}", () => {
    if (skip(reader) !== '"') fail(reader);
    const key = readString(reader);
    expect(reader, ":");
    entries.push([key, readValue(reader, depth)]);
  });
  const object = ordered(entries);
  if (Object.keys(object).length < entries.length) refuseDouble(entries);
  return object;
}

/** @param {Reader} reader @param {number} depth */
function readArray(reader, depth) {
  /** @type {Json[]} */
  const items = [];
  readItems(reader, "]", () => items.push(readValue(reader, depth)));
  return items;
}

/** @param {Reader} reader @param {string} end @param {() => void} readItem */
function readItems(reader, end, readItem) {
  reader.at += 1;
  if (skip(reader) === end) {
    reader.at += 1;
    return;
  }
  for (;;) {
    readItem();
    const next = skip(reader);
    if (next !== "," && next !== end) fail(reader);
    reader.at += 1;
    if (next === end) return;
  }
}

/** @param {Reader} reader @returns {string} */
function readString(reader) {
  const { text, at } = reader;
  let end = at;
  do {
    end = text.indexOf('"', end + 1);
    if (end < 0) fail(reader);
  } while (isEscaped(text, end));
  const inner = text.slice(at + 1, end);
  if (CONTROL.test(inner)) fail(reader);
  const value = inner.includes("\\") ? unescaped(reader, inner) : inner;
  reader.at = end + 1;
  return value;
}

/** @param {Reader} reader @param {string} inner */
function unescaped(reader, inner) {
  try {
    return JSON.parse(`"${inner}"`);
  } catch {
    return fail(reader);
  }
}

/** @param {string} text @param {number} at */
function isEscaped(text, at) {
  let first = at;
  while (text[first - 1] === "\\") first -= 1;
  return (at - first) % 2 === 1;
}

/** @param {Reader} reader */
function readNullOrNumber(reader) {
  if (readWord(reader, "null", true)) return null;
  NUMBER.lastIndex = reader.at;
  const found = NUMBER.exec(reader.text);
  if (!found) return fail(reader);
  const [text, fraction, exponent] = found;
  const whole = fraction === undefined && exponent === undefined;
  if (whole ? text.length > MAX_DIGITS : !Number.isFinite(Number(text))) fail(reader);
  reader.at += text.length;
  return whole ? integer(text) : float(Number(text));
}

/** @template T @param {Reader} reader @param {string} word @param {T} value @returns {T | undefined} */
function readWord(reader, word, value) {
  if (!reader.text.startsWith(word, reader.at)) return undefined;
  reader.at += word.length;
  return value;
}

/** Go to what follows the space, and look at it. @param {Reader} reader @returns {string | undefined} */
function skip(reader) {
  while (isSpace(reader.text.charCodeAt(reader.at))) reader.at += 1;
  return reader.text[reader.at];
}

/** @param {number} code */
const isSpace = (code) => code === 32 || code === 10 || code === 13 || code === 9;

/** @param {Reader} reader @param {string} character */
function expect(reader, character) {
  if (skip(reader) !== character) fail(reader);
  reader.at += 1;
}

/** @param {Reader} reader @returns {never} */
function fail({ text, at }) {
  const lines = text.slice(0, at).split("\n");
  const line = lines.length;
  const column = lines[line - 1].length + 1;
  throw new Refused("not_json", `This is not JSON: see line ${line}, column ${column}.`, { line, column });
}

/** @param {[string, Json][]} entries @returns {never} */
function refuseDouble(entries) {
  const seen = new Set();
  const name = entries.map(([key]) => key).find((key) => seen.has(key) || !seen.add(key)) ?? "";
  throw new Refused("double_name", `An object has the name '${name.slice(0, 100)}' twice.`, { name });
}

/** The canonical text: one space for each level, a newline at the end. @param {Json} value @returns {string} */
export const write = (value) => `${textOf(value, "\n")}\n`;

/**
 * @param {Json} value @param {string} line a newline with the space before the parent's closing bracket
 * @returns {string}
 */
function textOf(value, line) {
  if (typeof value === "number") return numberText(value);
  if (value instanceof Exact) return value.text;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const inner = `${line} `;
  const parts = Array.isArray(value)
    ? value.map((item) => textOf(item, inner))
    : entriesOf(value)
        .filter(([, item]) => item !== undefined)
        .map(([key, item]) => `${JSON.stringify(key)}: ${textOf(item, inner)}`);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  return parts.length ? `${open}${inner}${parts.join(`,${inner}`)}${line}${close}` : open + close;
}
