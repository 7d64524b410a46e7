import assert from "node:assert/strict";
import { test } from "node:test";
import { numberFor, valueOf, widgetOf } from "../../../web/js/core/kinds.js";
import { inputType, outputType } from "../../../web/js/core/types.js";
import { addNode, connect } from "../../../web/js/core/edits.js";
import { write } from "../../../web/js/core/json.js";
import { kinds, link, starter } from "./fixtures.mjs";

const names = (ports) => ports.map(({ name }) => name);

test("inputs that take links only come first", () => {
  const { inputs } = kinds.portsOf({ kind: "Batch", inputs: {} });
  assert.deepEqual(names(inputs), ["picture1", "columns"]);
});

test("a variadic input has the members that the node has, in order, and one more", () => {
  const node = { kind: "Batch", inputs: { picture10: link("a", "image"), picture2: link("a", "image") } };
  assert.deepEqual(names(kinds.portsOf(node).inputs), ["picture2", "picture10", "picture11", "columns"]);
  assert.equal(kinds.inputOf(node, "picture7").type, "IMAGE");
  assert.equal(kinds.inputOf(node, "picture"), undefined);
});

test("a link to an input that the kind does not have is shown", () => {
  const node = { kind: "Scale", inputs: { image: link("a", "image"), gone: link("a", "image"), old: 5 } };
  const { inputs } = kinds.portsOf(node);
  assert.deepEqual(names(inputs), ["image", "by", "gone"]);
  assert.equal(inputs[2].unknown, true);
});

test("ports of nodes of one kind are the same object, so that what is worked out of them is shared", () => {
  const [one, other] = [kinds.portsOf({ kind: "Scale", inputs: {} }), kinds.portsOf({ kind: "Scale", inputs: { by: 2 } })];
  assert.equal(one, other);
  const node = { kind: "Batch", inputs: {} };
  assert.equal(kinds.portsOf(node), kinds.portsOf(node));
});

test("an unknown kind has the ports that its document remembers, and those that it uses", () => {
  const node = {
    kind: "Gone",
    inputs: { image: link("a", "image"), strength: 0.5, name: "x", on: true, count: 3 },
    ports: { inputs: [{ name: "image", type: "IMAGE" }, { name: "mask" }, 5], outputs: [{ name: "result", type: "IMAGE" }] },
  };
  const { inputs, outputs } = kinds.portsOf(node);
  assert.deepEqual(inputs.map(({ name, type }) => [name, type]), [
    ["image", "IMAGE"], ["mask", "*"], ["strength", "FLOAT"], ["name", "STRING"], ["on", "BOOLEAN"], ["count", "INT"],
  ]);
  assert.deepEqual(outputs, [{ name: "0", type: "IMAGE", unknown: true, label: "result" }]);
  assert.equal(kinds.isUnknown(node), true);
  assert.equal(kinds.titleOf(node), "Gone");
});

const inner = {
  nodes: {
    scale: { kind: "Scale", inputs: { by: 3 } },
    deeper: { kind: "@deep", inputs: {} },
  },
  interface: {
    inputs: { picture: [{ node: "scale", input: "image" }], factor: [{ node: "scale", input: "by" }], what: [] },
    outputs: { image: { node: "scale", output: "image" }, latent: { node: "deeper", output: "latent" } },
    docs: { inputs: { factor: "How much." } },
  },
  workflows: {
    deep: {
      nodes: { empty: { kind: "Empty", inputs: {} } },
      interface: { inputs: {}, outputs: { latent: { node: "empty", output: "0" } } },
    },
  },
};

test("a node of a sub-workflow has the ports of its interface, with what the inner inputs say", () => {
  const document = { graphengine: 1, nodes: { user: { kind: "@inner", inputs: {} } }, workflows: { inner } };
  const { inputs, outputs } = kinds.portsOf(document.nodes.user, document);
  assert.deepEqual(inputs.map(({ name, type, default: value }) => [name, type, value]), [
    ["picture", "IMAGE", undefined], ["factor", "FLOAT", 3], ["what", "*", undefined],
  ]);
  assert.deepEqual([inputs[0].required, inputs[1].help], [true, "How much."]);
  assert.deepEqual(outputs.map(({ name, type }) => [name, type]), [["image", "IMAGE"], ["latent", "LATENT"]]);
  assert.equal(kinds.portsOf(document.nodes.user, document), kinds.portsOf(document.nodes.user, document));
  assert.equal(kinds.isUnknown(document.nodes.user, document), false);
  assert.equal(kinds.isUnknown({ kind: "@gone", inputs: {} }, document), true);
});

test("a sub-workflow that contains itself has ports, and ends", () => {
  const face = { inputs: { a: [{ node: "b", input: "a" }] }, outputs: { a: { node: "b", output: "a" } } };
  const document = { nodes: {}, workflows: { loop: { nodes: { b: { kind: "@loop", inputs: {} } }, interface: face } } };
  assert.deepEqual(names(kinds.portsOf({ kind: "@loop", inputs: {} }, document).inputs), ["a"]);
});

test("every input has its widget", () => {
  const widget = (port) => widgetOf({ name: "x", ...port });
  assert.equal(widget({ type: "IMAGE" }), "");
  assert.equal(widget({ type: "INT", link_only: true }), "");
  assert.equal(widget({ type: "INT" }), "number");
  assert.equal(widget({ type: "INT", seed: true }), "seed");
  assert.equal(widget({ type: "IMAGE,FLOAT" }), "number");
  assert.equal(widget({ type: "STRING" }), "text");
  assert.equal(widget({ type: "BOOLEAN" }), "switch");
  assert.equal(widget({ type: "COMBO", choices: [] }), "choice");
  assert.equal(widget({ type: "COMBO", source: "loras" }), "file");
  assert.equal(widget({ type: "COMBO", source: "input" }), "image");
});

test("a number is kept as its input takes it", () => {
  assert.equal(write(numberFor({ name: "cfg", type: "FLOAT" }, 4)), "4.0\n");
  assert.equal(write(numberFor({ name: "steps", type: "INT" }, 4)), "4\n");
  assert.equal(write(numberFor({ name: "seed", type: "INT" }, 2n ** 64n - 1n)), "18446744073709551615\n");
});

test("an input's value is its literal, else the default, and nothing when it is linked", () => {
  const port = { name: "steps", type: "INT", default: 20 };
  assert.equal(valueOf({ kind: "K", inputs: { steps: 5 } }, port), 5);
  assert.equal(valueOf({ kind: "K", inputs: {} }, port), 20);
  assert.equal(valueOf({ kind: "K", inputs: { steps: link("a", "b") } }, port), undefined);
  assert.deepEqual(valueOf({ kind: "K", inputs: { steps: { value: { a: 1 } } } }, port), { a: 1 });
});

test("a generic type is what comes in, through any number of nodes", () => {
  let document = starter();
  let last = { node: "decode", output: "image" };
  for (let count = 0; count < 2000; count += 1) {
    const { document: added, id } = addNode(document, "Reroute", [0, 0], { id: `r${count}` });
    document = { ...added, nodes: { ...added.nodes, [id]: { kind: "Reroute", inputs: { value: link(last.node, last.output) } } } };
    last = { node: id, output: "value" };
  }
  assert.equal(outputType(document, kinds, last), "IMAGE");
  const loose = addNode(starter(), "Reroute", [0, 0], { id: "loose" }).document;
  assert.equal(outputType(loose, kinds, { node: "loose", output: "value" }), "*");
  assert.equal(inputType(loose, kinds, { node: "loose", input: "value" }), "~T");
  const bound = connect(loose, { node: "loose", output: "value" }, { node: "save", input: "images" });
  assert.equal(outputType(bound, kinds, { node: "loose", output: "value" }), "*");
});
