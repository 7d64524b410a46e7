// @ts-check
/** What the value of an input is edited with, what it is, and how a number is kept. */

import { inputOf, literalOf } from "./document.js";
import { float, integer } from "./json.js";
import { CHOICE, WIDGETS } from "./types.js";

/**
 * @typedef {import("./document.js").Node} Node
 * @typedef {import("./ports.js").Port} Port
 * @typedef {"" | "number" | "text" | "choice" | "switch" | "seed" | "file" | "image"} Widget
 */

/** What an input's value is edited with; empty for one that takes a link only. @param {Port} port @returns {Widget} */
export function widgetOf(port) {
  const type = port.type.split(",").find((member) => WIDGETS.has(member));
  if (port.link_only || !type) return "";
  if (type === CHOICE) return port.source === "input" ? "image" : port.source ? "file" : "choice";
  if (type === "STRING") return "text";
  if (type === "BOOLEAN") return "switch";
  return port.seed ? "seed" : "number";
}

/**
 * What an input of a node counts as: its literal, or the default; undefined where it is linked.
 * @param {Node} node @param {Port} port
 */
export function valueOf(node, port) {
  const value = inputOf(node, port.name);
  return value === undefined ? port.default : literalOf(value);
}

/**
 * A number as the document keeps it for this input: `4` becomes `4.0` where a FLOAT belongs.
 * @param {Port} port @param {number | bigint} number
 */
export function numberFor(port, number) {
  const types = port.type.split(",");
  if (typeof number === "bigint") return integer(number);
  return types.includes("FLOAT") && !types.includes("INT") ? float(number) : number;
}
