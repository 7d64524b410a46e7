// @ts-check
/** Which sockets suit a wire, and what to put between two that do not. Reads, never draws. */

import { ancestors, descendants, wireInto } from "../core/document.js";
import { addNode, connect } from "../core/edits.js";
import { converters, fits } from "../core/types.js";

/**
 * @typedef {import("./scene.js").Scene} Scene
 * @typedef {import("./scene.js").Side} Side
 * @typedef {import("./scene.js").Socket} Socket
 * @typedef {import("../core/document.js").Document} Document
 * @typedef {import("../core/document.js").Source} Source
 * @typedef {import("../core/document.js").Target} Target
 * @typedef {import("../core/kinds.js").Kind} Kind
 * @typedef {import("../core/kinds.js").Port} Port
 * @typedef {"fits" | "type" | "cycle" | "side"} Verdict
 * @typedef {{kind: Kind, input: Port, output: Port, others: Port[]}} Converter
 */

/** @param {Socket} socket */
export const opposite = ({ side }) => /** @type {Side} */ (side === "input" ? "output" : "input");

/** The output of two sockets first. @param {Socket} one @param {Socket} other @returns {{from: Source, to: Target}} */
export function asWire(one, other) {
  const [source, target] = one.side === "output" ? [one, other] : [other, one];
  return { from: { node: source.node, output: source.port }, to: { node: target.node, input: target.port } };
}

/**
 * A judge of where wires that are fixed at some sockets may end. What all candidates share is worked out once.
 * @param {Scene} scene @param {Socket[]} fixed all on one side
 * @returns {(socket: Socket) => Verdict}
 */
export function judge(scene, fixed) {
  const seeks = opposite(fixed[0]);
  const nodes = fixed.map(({ node }) => node);
  const behind = seeks === "input" ? ancestors(scene.document, nodes) : descendants(scene.document, nodes);
  const types = fixed.map((socket) => scene.type(socket));
  return (socket) => {
    if (socket.side !== seeks) return "side";
    if (behind.has(socket.node)) return "cycle";
    const type = scene.type(socket);
    const suits = types.every((own) => (seeks === "input" ? fits(own, type) : fits(type, own)));
    return suits ? "fits" : "type";
  };
}

/** The sockets of a node on one side. @param {Scene} scene @param {string} node @param {Side} side @returns {Socket[]} */
export function socketsOf(scene, node, side) {
  const shape = scene.shape(node);
  const rows = side === "input" ? shape.inputs : shape.outputs;
  return rows.map(({ port }) => ({ node, side, port: port.name }));
}

/**
 * Where a wire goes that was dropped on a node: the first socket that suits and is free.
 * @param {Scene} scene @param {string} node @param {Side} side @param {(socket: Socket) => Verdict} verdict
 */
export const firstFit = (scene, node, side, verdict) =>
  socketsOf(scene, node, side).find(
    (socket) =>
      verdict(socket) === "fits" &&
      (side === "output" || !wireInto(scene.document, { node, input: socket.port })) &&
      !scene.row(socket)?.widget,
  ) ?? firstField(scene, node, side, verdict);

/** @param {Scene} scene @param {string} node @param {Side} side @param {(socket: Socket) => Verdict} verdict */
const firstField = (scene, node, side, verdict) =>
  socketsOf(scene, node, side).find(
    (socket) => verdict(socket) === "fits" && (side === "output" || !wireInto(scene.document, { node, input: socket.port })),
  );

/**
 * The kind to put between two types: one that needs nothing else, or else what the workflow has already.
 * @param {Scene} scene @param {string} given @param {string} wanted @returns {Converter | undefined}
 */
export function converterFor(scene, given, wanted) {
  const plain = converters(scene.kinds, given, wanted).map((kind) => described(kind, given, wanted));
  const fed = scene.kinds.all.map((kind) => described(kind, given, wanted)).filter((found) => found && canFeed(scene, found));
  const found = [...plain, ...fed].filter((one) => one !== undefined);
  return found.sort((one, other) => one.others.length - other.others.length || cost(one) - cost(other))[0];
}

/** Kinds with few ports, and not marked as doubtful, come first. @param {Converter} converter */
const cost = ({ kind }) => kind.inputs.length + kind.outputs.length + (kind.deprecated ? 50 : 0) + (kind.experimental ? 20 : 0);

/** @param {Kind} kind @param {string} given @param {string} wanted @returns {Converter | undefined} */
function described(kind, given, wanted) {
  const exact = (/** @type {Port} */ port, /** @type {string} */ type) => port.type.split(",").some((one) => type.split(",").includes(one));
  const input = kind.inputs.find((port) => exact(port, given));
  const output = kind.outputs.find((port) => exact(port, wanted));
  if (!input || !output || kind.output) return undefined;
  return { kind, input, output, others: kind.inputs.filter((port) => port.required && port !== input && port.default === undefined) };
}

/** @param {Scene} scene @param {Converter} converter */
const canFeed = (scene, { others }) => others.every((port) => sourceOfType(scene, port.type) !== undefined);

/** The first output of a type in the document. @param {Scene} scene @param {string} type @returns {Source | undefined} */
function sourceOfType(scene, type) {
  for (const node of scene.ids()) {
    const found = scene.shape(node).outputs.find(({ port }) => port.type === type);
    if (found) return { node, output: found.port.name };
  }
  return undefined;
}

/**
 * Join two sockets with a converter between them.
 * @param {Scene} scene @param {Document} document @param {{from: Source, to: Target}} wire @param {Converter} converter
 * @param {[number, number]} at @returns {{document: Document, id: string}}
 */
export function joinThrough(scene, document, { from, to }, { kind, input, output, others }, at) {
  const { document: added, id } = addNode(document, kind.kind, at);
  const fed = others.reduce((changed, port) => {
    const source = sourceOfType(scene, port.type);
    return source ? connect(changed, source, { node: id, input: port.name }) : changed;
  }, added);
  const first = connect(fed, from, { node: id, input: input.name });
  return { document: connect(first, { node: id, output: output.name }, to), id };
}

/**
 * The ports with which a node would go into a wire; undefined if it does not fit or has wires of its own there.
 * @param {Scene} scene @param {string} id @param {import("../core/document.js").Wire} wire
 */
export function portsForWire(scene, id, wire) {
  if (wire.from.node === id || wire.to.node === id) return undefined;
  const given = scene.type({ node: wire.from.node, side: "output", port: wire.from.output });
  const wanted = scene.type({ node: wire.to.node, side: "input", port: wire.to.input });
  const verdict = judge(scene, [{ node: wire.from.node, side: "output", port: wire.from.output }]);
  const free = (/** @type {Socket} */ { port }) => !wireInto(scene.document, { node: id, input: port });
  const exactFirst = (/** @type {Socket[]} */ sockets, /** @type {string} */ type) =>
    sockets.find((socket) => scene.type(socket) === type) ?? sockets[0];
  const input = exactFirst(socketsOf(scene, id, "input").filter((socket) => free(socket) && verdict(socket) === "fits"), given);
  const outputs = socketsOf(scene, id, "output").filter((socket) => fits(scene.type(socket), wanted));
  const output = exactFirst(outputs, wanted);
  return input && output && { input: input.port, output: output.port };
}
