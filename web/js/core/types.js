// @ts-check
/**
 * Port types: which output fits which input, and what stands between two that do not fit.
 *
 * A type is written as the server writes it: `IMAGE`, a union `INT,FLOAT`, `*` for anything, and `~T` for a generic,
 * which stands for one type throughout a node.
 */

import { linksOf, nodeOf } from "./document.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {import("./document.js").Source} Source
 * @typedef {import("./document.js").Target} Target
 * @typedef {import("./kinds.js").Kinds} Kinds
 * @typedef {import("./ports.js").Kind} Kind
 * @typedef {import("./ports.js").Ports} Ports
 */

export const ANY = "*";
const SCALARS = ["BOOLEAN", "INT", "FLOAT", "STRING"];
export const CHOICE = "COMBO";
export const WIDGETS = new Set([...SCALARS, CHOICE]);

/** What an output of one type may feed besides its own type, without a loss. */
const WIDENS = new Set(["INT>FLOAT", `STRING>${CHOICE}`, `${CHOICE}>STRING`]);

/**
 * What the style sheet knows a type by: its name, or one of eight hues that follows from it.
 * @param {string} type
 */
export function typeLook(type) {
  let hash = 0;
  for (const letter of type) hash = (hash * 31 + letter.charCodeAt(0)) >>> 0;
  return { type: type.split(",")[0], hue: String(hash % 8) };
}

/** @param {string} type */
export const isGeneric = (type) => type.startsWith("~");

/** @param {string} type */
const isOpen = (type) => type === ANY || isGeneric(type);

/**
 * Whether an output of type `given` may be linked to an input of type `wanted`.
 * @param {string} given @param {string} wanted
 */
export function fits(given, wanted) {
  if (given === wanted || isOpen(given) || isOpen(wanted)) return true;
  const [givens, wanteds] = [given.split(","), wanted.split(",")];
  return givens.some((one) => wanteds.some((other) => one === other || WIDENS.has(`${one}>${other}`)));
}

/**
 * Whether two types have a member in common; unlike `fits`, nothing is widened.
 * @param {string} one @param {string} other
 */
export function alike(one, other) {
  if (isOpen(one) || isOpen(other)) return true;
  const members = one.toUpperCase().split(",");
  return other.toUpperCase().split(",").some((member) => members.includes(member));
}

/**
 * Kinds with one required input that takes `given` and one output that fits `wanted`.
 * @param {Kinds} kinds @param {string} given @param {string} wanted @returns {Kind[]}
 */
export const converters = (kinds, given, wanted) => kinds.all.filter((kind) => converts(kind, given, wanted));

/** @param {Kind} kind @param {string} given @param {string} wanted */
function converts({ inputs, outputs }, given, wanted) {
  const required = inputs.filter((port) => port.required);
  return (
    required.length === 1 &&
    outputs.length === 1 &&
    [...inputs, ...outputs].every(({ type }) => !type.includes(ANY) && !type.includes("~")) &&
    fits(given, required[0].type) &&
    fits(outputs[0].type, wanted)
  );
}

/**
 * The type of an output as it stands in a document, generic ones followed to where they come from.
 * @param {Document} document @param {Kinds} kinds @param {Source} source @param {Document[]} [scopes]
 * @returns {string}
 */
export function outputType(document, kinds, source, scopes = [document]) {
  const seen = new Set();
  for (let at = source; !seen.has(at.node); ) {
    seen.add(at.node);
    const node = nodeOf(document, at.node);
    const port = node && kinds.outputOf(node, at.output, scopes);
    if (!node || !port) return ANY;
    if (!isGeneric(port.type)) return port.type;
    const next = linksOf(node).find(([input]) => kinds.inputOf(node, input, scopes)?.type === port.type);
    if (!next) return ANY;
    at = next[1];
  }
  return ANY;
}

/**
 * The type that an input takes: a generic one is bound by what its node has at its other inputs.
 * @param {Document} document @param {Kinds} kinds @param {Target} target @param {Document[]} [scopes]
 * @returns {string}
 */
export function inputType(document, kinds, target, scopes = [document]) {
  const node = nodeOf(document, target.node);
  const type = (node && kinds.inputOf(node, target.input, scopes)?.type) ?? ANY;
  if (!node || !isGeneric(type)) return type;
  const bound = linksOf(node).find(
    ([input]) => input !== target.input && kinds.inputOf(node, input, scopes)?.type === type,
  );
  return bound ? outputType(document, kinds, bound[1], scopes) : type;
}

/**
 * The input at which links from an output go on when their node is bypassed or removed, as the server chooses it.
 * @param {Ports} ports @param {string} output @param {string} wanted @returns {string | undefined}
 */
export function passingInput({ inputs, outputs }, output, wanted) {
  const named = outputs.findIndex(({ name }) => name === output);
  const index = named >= 0 ? named : /^[0-9]{1,9}$/.test(output) ? Number(output) : 0;
  const beside = inputs[index] ?? undefined;
  if (wanted === "" || isOpen(wanted)) return (beside ?? inputs[0])?.name;
  const given = outputs[index]?.type ?? ANY;
  const passes = (/** @type {string} */ type) => alike(type, given) && alike(type, wanted);
  if (beside && passes(beside.type)) return beside.name;
  return (inputs.find(({ type }) => type === wanted) ?? inputs.find(({ type }) => passes(type)))?.name;
}
