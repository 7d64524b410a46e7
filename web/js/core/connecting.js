// @ts-check
/** What may be joined to what: whether two ports may, why not, and all that one may be joined to. */

import { ancestors, descendants, inputOf, isLink, nodeIds, nodeOf, positionOf } from "./document.js";
import { wouldCycle } from "./edit_wires.js";
import { converters, fits, inputType, outputType } from "./types.js";

/**
 * @typedef {import("./document.js").Document} Document
 * @typedef {import("./document.js").Source} Source
 * @typedef {import("./document.js").Target} Target
 * @typedef {import("./document.js").Wire} Wire
 * @typedef {import("./kinds.js").Kinds} Kinds
 * @typedef {import("./ports.js").Kind} Kind
 * @typedef {{code: "missing"} | {code: "cycle", loop: string[]}
 *   | {code: "type", given: string, wanted: string, converters: Kind[]}} Refusal
 */

/**
 * Why an output may not be joined to an input; undefined if it may.
 * @param {Document} document @param {Kinds} kinds @param {Source} from @param {Target} to @param {Document[]} [scopes]
 * @returns {Refusal | undefined}
 */
export function refusal(document, kinds, from, to, scopes = [document]) {
  const [source, target] = [nodeOf(document, from.node), nodeOf(document, to.node)];
  if (!source || !target || !kinds.outputOf(source, from.output, scopes) || !kinds.inputOf(target, to.input, scopes)) {
    return { code: "missing" };
  }
  const [given, wanted] = [outputType(document, kinds, from, scopes), inputType(document, kinds, to, scopes)];
  if (!fits(given, wanted)) return { code: "type", given, wanted, converters: converters(kinds, given, wanted) };
  const loop = wouldCycle(document, from, to);
  return loop && { code: "cycle", loop };
}

/**
 * The wires that an output could begin, or an input end, but for the one that is there; those of its very type come
 * first, of these the nearest.
 * @param {Document} document @param {Kinds} kinds @param {Source | Target} end @param {Document[]} [scopes]
 * @returns {Wire[]}
 */
export function possibleWires(document, kinds, end, scopes = [document]) {
  const begins = "output" in end;
  const closed = begins ? ancestors(document, [end.node]) : descendants(document, [end.node]);
  const own = begins ? outputType(document, kinds, end, scopes) : inputType(document, kinds, end, scopes);
  const [x, y] = positionOf(document, end.node) ?? [0, 0];
  const away = (/** @type {string} */ id) => {
    const [left, top] = positionOf(document, id) ?? [0, 0];
    return Math.hypot(left - x, top - y);
  };
  const found = nodeIds(document).filter((id) => !closed.has(id)).flatMap((id) => {
    const { inputs, outputs } = kinds.portsOf(/** @type {any} */ (nodeOf(document, id)), scopes);
    const wires = begins
      ? inputs.map(({ name }) => ({ from: end, to: { node: id, input: name } }))
      : outputs.map(({ name }) => ({ from: { node: id, output: name }, to: end }));
    return wires.map((wire) => ({ wire, far: away(id), type: begins ? inputType(document, kinds, wire.to, scopes) : outputType(document, kinds, wire.from, scopes) }));
  });
  return found
    .filter(({ wire, type }) => (begins ? fits(own, type) : fits(type, own)) && !isThere(document, wire))
    .toSorted((one, other) => Number(other.type === own) - Number(one.type === own) || one.far - other.far)
    .map(({ wire }) => wire);
}

/** @param {Document} document @param {Wire} wire */
function isThere(document, { from, to }) {
  const held = inputOf(/** @type {any} */ (nodeOf(document, to.node)), to.input);
  return isLink(held) && held.link.node === from.node && held.link.output === from.output;
}
