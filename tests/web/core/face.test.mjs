import assert from "node:assert/strict";
import { test } from "node:test";
import { differs, facePorts, unfitting } from "../../../web/js/core/face.js";
import { kinds, link } from "./fixtures.mjs";

const at = (node, input) => ({ node, input });

/** A sub-workflow whose interface shows these inputs, each of several nodes. */
const scopes = (inputs, outputs = {}, docs) => {
  const nodes = {
    sample: { kind: "KSampler", inputs: { latent: link("empty", "latent") } },
    empty: { kind: "Empty", inputs: {} },
    scale: { kind: "Scale", inputs: {} },
    encode: { kind: "Encode", inputs: {} },
    show: { kind: "Show", inputs: {} },
    knot: { kind: "Reroute", inputs: { value: link("empty", "latent") } },
    free: { kind: "Reroute", inputs: {} },
  };
  const inner = { nodes, interface: { inputs, outputs, ...(docs ? { docs } : {}) } };
  return [{ nodes: {}, workflows: { inner } }, inner];
};

test("a port of an interface is of the type that nodes outside see, and each that it sets of its own", () => {
  const ports = facePorts(kinds, scopes({
    all: [at("show", "source"), at("sample", "cfg"), at("sample", "steps")],
    text: [at("encode", "text")],
    gone: [at("nowhere", "x")],
  }, {}, { inputs: { text: "What to draw" } }), "inputs");
  assert.deepEqual(ports.map(({ name, type }) => [name, type]), [["all", "FLOAT"], ["text", "STRING"], ["gone", "*"]]);
  assert.deepEqual(ports[0].inner.map(({ node, port, type }) => [node, port, type]), [
    ["show", "source", "*"], ["sample", "cfg", "FLOAT"], ["sample", "steps", "INT"],
  ]);
  assert.equal(ports[1].help, "What to draw");
});

test("what goes through nodes of any type has the type that it comes from inside, and any outside", () => {
  const [knot, free] = facePorts(kinds, scopes({}, { knot: { node: "knot", output: "value" }, free: { node: "free", output: "value" } }), "outputs");
  assert.deepEqual([knot.type, knot.inner[0].type], ["*", "LATENT"]);
  assert.deepEqual([free.type, free.inner[0].type], ["*", "*"]);
});

test("inputs that differ in type are told, and those that do not take all that the port takes are named", () => {
  const of = (...targets) => facePorts(kinds, scopes({ port: targets }), "inputs")[0];
  const named = (port) => unfitting(port).map(({ node, port: input }) => `${node}.${input}`);
  const [steps, cfg, width] = [at("sample", "steps"), at("sample", "cfg"), at("empty", "width")];
  assert.equal(differs(of(steps, width)), false);
  assert.equal(differs(of(steps, at("show", "source"))), false); // which takes anything
  assert.equal(differs(of(steps, cfg)), true); // an INT is taken as a FLOAT
  assert.deepEqual(named(of(steps, cfg)), []);
  assert.deepEqual(named(of(cfg, steps, width)), ["sample.steps", "empty.width"]); // a FLOAT is no INT
  assert.deepEqual(named(of(at("scale", "image"), at("encode", "text"))), ["encode.text"]);
});
