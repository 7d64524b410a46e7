import assert from "node:assert/strict";
import { test } from "node:test";
import { inputOf, nodeOf } from "../../../web/js/core/document.js";
import { nearest, repaired, repairsOf } from "../../../web/js/core/repairs.js";
import { kinds, link, starter } from "./fixtures.mjs";

const broken = () => {
  const document = starter();
  document.nodes.odd = { kind: "gone/Decoder", inputs: { samples: link("sample", "latent"), vae: link("load", "vae") } };
  document.nodes.odder = { kind: "gone/Decoder", inputs: {} };
  document.nodes.newer = { kind: "Empty", version: 4, inputs: { width: 64 } };
  return document;
};
const problems = [
  { code: "unknown_kind", node: "odd", input: "", data: { near: ["Decode"] } },
  { code: "unknown_kind", node: "odder", input: "", data: { near: ["Decode"] } },
  { code: "bad_choice", node: "load", input: "file", data: { value: "tiny.safetensors" } },
  { code: "newer_version", node: "newer", input: "", data: {} },
  { code: "missing_input", node: "decode", input: "vae" },
];

test("what several nodes miss is one repair, and what can only be told is none", () => {
  const found = repairsOf(broken(), kinds, problems).map(({ what, name, targets, near }) => [what, name, targets.map(({ node }) => node), near]);
  assert.deepEqual(found, [
    ["kind", "gone/Decoder", ["odd", "odder"], ["Decode"]],
    ["choice", "tiny.safetensors", ["load"], []],
    ["version", "Empty", ["newer"], []],
  ]);
});

test("a repair replaces the kind and keeps the wires, takes another file, or takes the version that is here", () => {
  const [kind, choice, version] = repairsOf(broken(), kinds, problems);
  const replaced = repaired(broken(), kinds, kind, "Decode");
  assert.deepEqual([nodeOf(replaced, "odd").kind, nodeOf(replaced, "odder").kind], ["Decode", "Decode"]);
  assert.deepEqual(inputOf(nodeOf(replaced, "odd"), "vae"), link("load", "vae"));
  assert.equal(inputOf(nodeOf(repaired(broken(), kinds, choice, "other.ckpt"), "load"), "file"), "other.ckpt");
  assert.deepEqual(nodeOf(repaired(broken(), kinds, version, ""), "newer"), { kind: "Empty", inputs: { width: 64 } });
});

test("a repair inside a sub-workflow is made once for all that use it", () => {
  const inner = { nodes: { odd: { kind: "gone/Thing", inputs: { width: 3 } } } };
  const nested = { graphengine: 1, nodes: { one: { kind: "@sub", inputs: {} }, two: { kind: "@sub", inputs: {} } }, workflows: { sub: inner } };
  const told = ["one:odd", "two:odd"].map((node) => ({ code: "unknown_kind", node, input: "", data: { near: [] } }));
  const [repair, ...more] = repairsOf(nested, kinds, told);
  assert.deepEqual([more.length, repair.targets.map(({ called }) => called), repair.problems.length], [0, ["one:odd"], 2]);
  const { workflows, nodes } = repaired(nested, kinds, repair, "Empty");
  assert.deepEqual(workflows.sub.nodes.odd, { kind: "Empty", inputs: { width: 3 } });
  assert.equal(nodes, nested.nodes);
});

test("the nearest choices are the same file elsewhere, then names that begin alike", () => {
  const files = ["other.ckpt", "sd15/Dream_Shaper-8.safetensors", "dreamshaper_xl.safetensors", "dream shaper 8.ckpt", "dream_shaper_7.safetensors"];
  assert.deepEqual(nearest("models/dream_shaper_8.safetensors", files),
    ["sd15/Dream_Shaper-8.safetensors", "dream shaper 8.ckpt", "dream_shaper_7.safetensors"]);
  assert.deepEqual(nearest("zzzz.ckpt", files), []);
  assert.deepEqual(nearest("a", []), []);
});
