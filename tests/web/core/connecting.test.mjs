import assert from "node:assert/strict";
import { test } from "node:test";
import * as connecting from "../../../web/js/core/connecting.js";
import { wires } from "../../../web/js/core/document.js";
import { addNode, connect, insertOnWire } from "../../../web/js/core/edits.js";
import { catalogue, kinds, link, starter } from "./fixtures.mjs";

const from = (node, output) => ({ node, output });
const to = (node, input) => ({ node, input });
const withNode = (kind, id) => addNode(starter(), kind, [0, 0], { id }).document;

test("what does not fit is refused with both types and what would convert", () => {
  const refused = connecting.refusal(starter(), kinds, from("decode", "image"), to("sample", "latent"));
  assert.equal(refused.code, "type");
  assert.deepEqual([refused.given, refused.wanted], ["IMAGE", "LATENT"]);
  assert.deepEqual(refused.converters.map(({ kind }) => kind), ["ToLatent"]);
});

test("a circle is refused with its nodes, and what is not there as missing", () => {
  const document = withNode("Scale", "scale");
  const joined = connect(document, from("decode", "image"), to("scale", "image"));
  const { document: more } = addNode(joined, "ToLatent", [0, 0], { id: "back", inputs: { image: link("scale", "image") } });
  const refused = connecting.refusal(more, kinds, from("back", "latent"), to("sample", "latent"));
  assert.deepEqual(refused, { code: "cycle", loop: ["sample", "decode", "scale", "back"] });
  assert.deepEqual(connecting.refusal(more, kinds, from("gone", "x"), to("sample", "latent")), { code: "missing" });
  assert.equal(connecting.refusal(more, kinds, from("load", "model"), to("sample", "model")), undefined);
});

test("a wire dropped on a node goes to its first free input that fits", () => {
  const document = withNode("KSampler", "new");
  assert.equal(connecting.bestInput(document, kinds, from("good", "conditioning"), "new"), "positive");
  const taken = connect(document, from("good", "conditioning"), to("new", "positive"));
  assert.equal(connecting.bestInput(taken, kinds, from("bad", "conditioning"), "new"), "negative");
  assert.equal(connecting.bestInput(starter(), kinds, from("good", "conditioning"), "sample"), "positive"); // all taken
  assert.equal(connecting.bestInput(document, kinds, from("load", "vae"), "new"), undefined);
  assert.equal(connecting.bestInput(withNode("Batch", "new"), kinds, from("decode", "image"), "new"), "picture1");
});

test("a wire dragged from an input finds an output", () => {
  assert.equal(connecting.bestOutput(starter(), kinds, to("decode", "vae"), "load"), "vae");
  assert.equal(connecting.bestOutput(starter(), kinds, to("good", "clip"), "save"), undefined);
});

test("a node goes into a wire where it has a fitting input and output, also a generic one", () => {
  const wire = (document) => wires(document).find((one) => one.to.node === "save");
  for (const [kind, ports] of [["Scale", { input: "image", output: "image" }], ["Reroute", { input: "value", output: "value" }]]) {
    const document = withNode(kind, "new");
    assert.deepEqual(connecting.fittingPorts(document, kinds, "new", wire(document)), ports);
    const after = insertOnWire(document, "new", wire(document), ports);
    assert.deepEqual(after.nodes.save.inputs.images, link("new", ports.output));
  }
  const decode = withNode("Decode", "new");
  assert.equal(connecting.fittingPorts(decode, kinds, "new", wire(decode)), undefined);
  assert.equal(connecting.fittingPorts(starter(), kinds, "decode", wire(starter())), undefined);
});

test("only kinds that can be joined are offered for an output or an input", () => {
  const all = Object.values(catalogue.nodes);
  const takers = all.filter((kind) => connecting.takes(kind, "LATENT")).map(({ kind }) => kind);
  assert.deepEqual(takers, ["KSampler", "KSamplerAdvanced", "Decode", "Reroute", "Show"]);
  const givers = all.filter((kind) => connecting.gives(kind, "VAE")).map(({ kind }) => kind);
  assert.deepEqual(givers, ["Load", "Reroute"]);
  assert.equal(connecting.takes(catalogue.nodes.LoadImage, "STRING"), false);
});

test("a node that was looked for from a port is joined to it, and a converter to both", () => {
  const added = connecting.addConnected(starter(), kinds, "Scale", [5, 5], { from: from("decode", "image") });
  assert.deepEqual(added.document.nodes[added.id].inputs, { image: link("decode", "image") });
  const fed = connecting.addConnected(starter(), kinds, "Empty", [5, 5], { to: to("sample", "latent") });
  assert.deepEqual(fed.document.nodes.sample.inputs.latent, link(fed.id, "latent"));
  const document = withNode("KSampler", "new");
  const wire = { from: from("decode", "image"), to: to("new", "latent") };
  const converted = connecting.addConverter(document, kinds, "ToLatent", [0, 0], wire);
  assert.deepEqual(converted.document.nodes.new.inputs.latent, link(converted.id, "latent"));
  assert.deepEqual(converted.document.nodes[converted.id].inputs.image, link("decode", "image"));
});

test("the wires that an end could have are those that are not refused, but for the one that is there", () => {
  const document = withNode("KSampler", "new");
  const allowed = (wires) => wires.map(({ from: source, to: target }) => `${source.node}.${source.output} > ${target.node}.${target.input}`).sort();
  for (const [id, node] of Object.entries(document.nodes)) {
    const { inputs, outputs } = kinds.portsOf(node, [document]);
    for (const { name } of outputs) {
      const ends = Object.entries(document.nodes).flatMap(([other, held]) => kinds.portsOf(held, [document]).inputs.map((port) => to(other, port.name)));
      const open = ends.filter((end) => !connecting.refusal(document, kinds, from(id, name), end) &&
        !wires(document).some((wire) => wire.from.node === id && wire.from.output === name && wire.to.node === end.node && wire.to.input === end.input));
      assert.deepEqual(allowed(connecting.possibleWires(document, kinds, from(id, name))), allowed(open.map((end) => ({ from: from(id, name), to: end }))));
    }
    for (const { name } of inputs) {
      for (const wire of connecting.possibleWires(document, kinds, to(id, name))) {
        assert.equal(connecting.refusal(document, kinds, wire.from, to(id, name)), undefined);
        assert.equal(wires(document).some((one) => one.to.node === id && one.to.input === name && one.from.node === wire.from.node && one.from.output === wire.from.output), false);
      }
    }
  }
  assert.equal(connecting.possibleWires(document, kinds, to("new", "positive"))[0].from.output, "conditioning");
});
