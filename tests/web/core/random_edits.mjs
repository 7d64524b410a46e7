/** Random edits, as a person's hands might make them: of any kind, on whatever is there. */

import { framesOf, nodeIds, wires } from "../../../web/js/core/document.js";
import * as edits from "../../../web/js/core/edits.js";
import { boxesOf, frameAround, frameContents } from "../../../web/js/core/geometry.js";
import { copyText, pasteText } from "../../../web/js/core/clipboard.js";
import { catalogue, kinds } from "./fixtures.mjs";

const KINDS = [...Object.keys(catalogue.nodes), "Unknown", "@inner"];
const VALUES = [0, 1, -3, 0.5, "text", "", true, null, [1, 2], { r: 1 }, 2 ** 53];
const SIDES = ["left", "right", "top", "bottom", "center", "middle"];

const source = (chance, document) => {
  const node = chance.of(nodeIds(document));
  const { outputs } = kinds.portsOf(document.nodes[node], document);
  return { node, output: outputs.length ? chance.of(outputs).name : "0" };
};

const target = (chance, document) => {
  const node = chance.of(nodeIds(document));
  const { inputs } = kinds.portsOf(document.nodes[node], document);
  return { node, input: inputs.length ? chance.of(inputs).name : "input" };
};

const few = (chance, document) => chance.some(nodeIds(document), 0.3);
const boxes = (chance, document) => boxesOf(document, kinds, few(chance, document));
const place = (chance) => [chance.next() * 4000 - 2000, chance.next() * 4000 - 2000];
const frame = (chance, document) => chance.below(framesOf(document).length + 1);

export const EDITS = {
  add: (d, c) => edits.addNode(d, c.of(KINDS), place(c)).document,
  remove: (d, c) => edits.removeNodes(d, c.some(nodeIds(d), 0.1)),
  heal: (d, c) => edits.removeNodes(d, c.some(nodeIds(d), 0.1), { heal: kinds }),
  connect: (d, c) => edits.connect(d, source(c, d), target(c, d)),
  connectMore: (d, c) => edits.connectAll(d, [0, 1, 2].map(() => ({ from: source(c, d), to: target(c, d) }))),
  disconnect: (d, c) => edits.disconnect(d, target(c, d)),
  cut: (d, c) => edits.disconnectAll(d, c.some(wires(d), 0.2)),
  isolate: (d, c) => edits.isolate(d, c.of(nodeIds(d))),
  moveWire: (d, c) => (wires(d).length ? edits.moveWire(d, c.of(wires(d)), target(c, d)) : d),
  moveWires: (d, c) => edits.moveWires(d, source(c, d), source(c, d)),
  insert: (d, c) =>
    wires(d).length ? edits.insertOnWire(d, c.of(nodeIds(d)), c.of(wires(d)), { input: "image", output: "image" }) : d,
  set: (d, c) => edits.setInput(d, target(c, d), c.of(VALUES)),
  reset: (d, c) => edits.resetInput(d, target(c, d)),
  resetNode: (d, c) => edits.resetNode(d, c.of(nodeIds(d))),
  control: (d, c) => edits.setControl(d, target(c, d), c.of(["fixed", "randomize"])),
  title: (d, c) => edits.setTitle(d, c.of(nodeIds(d)), c.of(["", "mine", "名前", '"'])),
  mode: (d, c) => edits.setMode(d, few(c, d), c.of(["on", "muted", "bypassed"])),
  move: (d, c) => edits.moveNodesBy(d, few(c, d), place(c)),
  resize: (d, c) => edits.resizeNode(d, c.of(nodeIds(d)), place(c).map(Math.abs)),
  collapse: (d, c) => edits.collapse(d, few(c, d), c.next() < 0.5),
  align: (d, c) => edits.align(d, boxes(c, d), c.of(SIDES)),
  distribute: (d, c) => edits.distribute(d, boxes(c, d), c.of(["across", "down"])),
  frame: (d, c) => edits.addFrame(d, { title: "f", bounding: frameAround(Object.values(boxes(c, d))) }).document,
  editFrame: (d, c) => edits.editFrame(d, frame(c, d), { title: c.of(["a", "b"]), color: "#abc" }),
  moveFrame: (d, c) => {
    const index = frame(c, d);
    return framesOf(d)[index] ? edits.moveFrame(d, index, place(c), frameContents(d, kinds, index)) : d;
  },
  removeFrame: (d, c) => edits.removeFrame(d, frame(c, d)),
  expose: (d, c) => edits.exposeInput(d, c.of(["one", "two"]), target(c, d)),
  hide: (d, c) => edits.hideInput(d, target(c, d)),
  exposeOutput: (d, c) => edits.exposeOutput(d, c.of(["one", "two"]), source(c, d)),
  hideOutput: (d, c) => edits.hideOutput(d, c.of(["one", "two", "image"])),
  replace: (d, c) => edits.replaceKind(d, c.of(nodeIds(d)), c.of(KINDS), kinds).document,
  duplicate: (d, c) => edits.duplicate(d, c.some(nodeIds(d), 0.1)).document,
  paste: (d, c) => pasteText(d, copyText(d, [c.of(nodeIds(d))]), place(c)).document,
};

/** A random edit that finds what it needs in this document: its name and the document after it. */
export function randomEdit(document, chance) {
  const name = nodeIds(document).length === 0 ? "add" : chance.of(Object.keys(EDITS));
  return { name, document: EDITS[name](document, chance) };
}
