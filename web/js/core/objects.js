// @ts-check
/**
 * JSON objects whose keys stay in order, and what it means that two values are the same.
 *
 * JavaScript sorts keys that look like array indices (`"12"`, as ComfyUI names nodes) before all others. An object that
 * this would change remembers its order under the symbol `ORDER`, which `{...object}` copies along.
 */

import { Exact } from "./exact.js";

export const ORDER = Symbol("order of keys");

/** Whether a value is a JSON object. @param {any} value @returns {value is Record<string, any>} */
export const isObject = (value) =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Exact);

/** An object of these entries that remembers their order. @param {[string, any][]} entries @returns {any} */
export function ordered(entries) {
  const object = Object.fromEntries(entries);
  const keys = Object.keys(object);
  if (keys.length === entries.length && keys.some((key, index) => key !== entries[index][0])) {
    /** @type {any} */ (object)[ORDER] = entries.map(([key]) => key);
  }
  return object;
}

/** The keys of an object as its text had them, then those added since. @param {any} object @returns {string[]} */
export function keysOf(object) {
  const keys = Object.keys(object);
  if (!object[ORDER]) return keys;
  const left = new Set(keys);
  const known = object[ORDER].filter((/** @type {string} */ key) => left.delete(key));
  return [...known, ...left];
}

/** The entries of an object, in the order of `keysOf`. @param {any} object @returns {[string, any][]} */
export const entriesOf = (object) => keysOf(object).map((key) => [key, object[key]]);

/**
 * What an object has under a key itself; names like `constructor` are only names.
 * @template T @param {Record<string, T> | undefined} object @param {string} key @returns {T | undefined}
 */
export const own = (object, key) => (object && Object.hasOwn(object, key) ? object[key] : undefined);

/**
 * The object with these of its keys, each value perhaps changed.
 * @template T
 * @param {Record<string, T>} object @param {string[]} keys @param {(key: string, value: T) => T} [change]
 * @returns {Record<string, T>}
 */
export const pick = (object, keys, change = (_key, value) => value) =>
  ordered(keys.map((key) => [key, change(key, object[key])]));

/** The object without these keys. @template T @param {Record<string, T>} object @param {Set<string>} keys */
export const without = (object, keys) => pick(object, keysOf(object).filter((key) => !keys.has(key)));

/**
 * Whether two values are the same to the digit, whatever the order of keys. Shared parts cost nothing.
 * @param {any} one @param {any} other @returns {boolean}
 */
export function same(one, other) {
  if (Object.is(one, other)) return true;
  if (one instanceof Exact) return other instanceof Exact && one.text === other.text;
  if (Array.isArray(one)) {
    return Array.isArray(other) && one.length === other.length && one.every((item, index) => same(item, other[index]));
  }
  if (!isObject(one) || !isObject(other)) return false;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && same(one[key], other[key]))
  );
}
