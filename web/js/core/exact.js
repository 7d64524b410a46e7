// @ts-check
/**
 * Numbers that keep their text: JavaScript loses digits of a 64-bit seed, and whether a number was `4` or `4.0`.
 *
 * A number whose JavaScript form is the server's stays a plain number; any other is an `Exact`.
 */

import { Refused } from "./refused.js";

/** A number that JavaScript would write otherwise. It counts like a number: `exact * 2`, `Number(exact)`. */
export class Exact {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
    Object.freeze(this);
  }

  valueOf() {
    return Number(this.text);
  }

  toString() {
    return this.text;
  }

  /** For `JSON.stringify`, which is exact where the browser lets it be. */
  toJSON() {
    const { rawJSON } = /** @type {any} */ (JSON);
    return rawJSON ? rawJSON(this.text) : Number(this.text);
  }
}

/** Whether a value is a number, plain or exact. @param {any} value */
export const isNumber = (value) => typeof value === "number" || value instanceof Exact;

/** A whole number from its digits in their shortest form, of any size. @param {string | bigint | number} digits */
export function integer(digits) {
  if (digits === "-0") return 0;
  const text = String(digits);
  return String(Number(text)) === text ? Number(text) : new Exact(text);
}

/** A number as Python writes a float: `4` becomes `4.0`. @param {number} number */
export function float(number) {
  const text = floatText(number);
  return String(number) === text ? number : new Exact(text);
}

/** The canonical text of a plain number. @param {number} number */
export function numberText(number) {
  if (!Number.isFinite(number)) throw new Refused("not_finite", `${number} is not a number in JSON.`);
  return Number.isInteger(number) && Math.abs(number) < 1e21 ? String(number) : floatText(number);
}

/**
 * A float as Python's `repr` has it: an exponent below 1e-4 and from 1e16, of at least two digits.
 * @param {number} number
 */
function floatText(number) {
  if (number === 0) return Object.is(number, -0) ? "-0.0" : "0.0";
  const [digits, exponent] = number.toExponential().split("e");
  const power = Number(exponent);
  const sign = power < 0 ? "-" : "+";
  if (power < -4 || power >= 16) return `${digits}e${sign}${String(Math.abs(power)).padStart(2, "0")}`;
  const text = String(number);
  return text.includes(".") ? text : `${text}.0`;
}
