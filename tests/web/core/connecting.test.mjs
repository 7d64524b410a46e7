import assert from "node:assert/strict";
import { test } from "node:test";
import * as connecting from "../../../web/js/core/connecting.js";
import { wires } from "../../../web/js/core/document.js";
import { addNode, connect, moveNodes } from "../../../web/js/core/edits.js";
import { kinds, link, starter } from "./fixtures.mjs";

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
  for (const [place, near] of [[[0, 0], "good"], [[900, 900], "bad"]]) {
    const placed = moveNodes(document, { new: place, good: [10, 10], bad: [800, 800] });
    assert.equal(connecting.possibleWires(placed, kinds, to("new", "positive"))[0].from.node, near);
  }
});
