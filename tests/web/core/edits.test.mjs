import assert from "node:assert/strict";
import { test } from "node:test";
import { framesOf, positionOf, sizeOf, wires, wiresFrom, wiresInto } from "../../../web/js/core/document.js";
import * as edits from "../../../web/js/core/edits.js";
import { boxOf, boxesOf, frameContents } from "../../../web/js/core/geometry.js";
import { kinds, link, starter } from "./fixtures.mjs";

const to = (node, input) => ({ node, input });
const from = (node, output) => ({ node, output });

test("a new node gets an id after its kind, and a number when there is one", () => {
  const first = edits.addNode(starter(), "KSampler", [10.4, 20.6]);
  assert.equal(first.id, "ksampler");
  assert.deepEqual(positionOf(first.document, "ksampler"), [10, 21]);
  assert.equal(edits.addNode(first.document, "KSampler").id, "ksampler_2");
  assert.equal(edits.newId(starter(), "pack/CLIPTextEncode"), "clip_text_encode");
  assert.equal(edits.newId(starter(), "3D"), "node_3_d");
  assert.equal(edits.newId(starter(), "VAEDecodeTiled"), "vae_decode_tiled");
  assert.equal(edits.newId(starter(), "图像"), "图像");
});

test("an edit changes what it is about and shares the rest", () => {
  const before = starter();
  const after = edits.setInput(before, to("sample", "steps"), 9);
  assert.equal(after.nodes.sample.inputs.steps, 9);
  assert.equal(before.nodes.sample.inputs.steps, 8);
  assert.equal(after.nodes.load, before.nodes.load);
  assert.equal(after.layout, before.layout);
  assert.equal(edits.setInput(after, to("sample", "steps"), 9), after);
});

test("a literal that is an object is wrapped, and a default is what is not there", () => {
  const set = edits.setInput(starter(), to("sample", "steps"), { link: 1 });
  assert.deepEqual(set.nodes.sample.inputs.steps, { value: { link: 1 } });
  assert.equal("steps" in edits.resetInput(set, to("sample", "steps")).nodes.sample.inputs, false);
  assert.deepEqual(Object.keys(edits.resetNode(starter(), "sample").nodes.sample.inputs), ["model", "positive", "negative", "latent"]);
});

test("a wire takes the place of what the input had", () => {
  const after = edits.connect(starter(), from("good", "conditioning"), to("sample", "negative"));
  assert.deepEqual(after.nodes.sample.inputs.negative, link("good", "conditioning"));
  assert.equal(wiresInto(after, "sample").length, 4);
  const number = edits.connect(starter(), from("empty", "latent"), to("sample", "steps"));
  assert.deepEqual(number.nodes.sample.inputs.steps, link("empty", "latent"));
});

test("a wire that would close a circle is not made, and the circle is told", () => {
  const document = starter();
  const circle = [from("decode", "image"), to("good", "text")];
  assert.deepEqual(edits.wouldCycle(document, ...circle), ["good", "sample", "decode"]);
  assert.equal(edits.connect(document, ...circle), document);
  assert.deepEqual(edits.wouldCycle(document, from("save", "x"), to("save", "y")), ["save"]);
  assert.equal(edits.wouldCycle(document, from("load", "vae"), to("sample", "latent")), undefined);
});

test("disconnecting takes a link away, never a value", () => {
  const document = starter();
  assert.equal("model" in edits.disconnect(document, to("sample", "model")).nodes.sample.inputs, false);
  assert.equal(edits.disconnect(document, to("sample", "steps")), document);
  assert.equal(wires(edits.isolate(document, "sample")).length, 4);
});

test("all wires of an output move together", () => {
  const more = edits.addNode(starter(), "Load", [0, 0], { id: "other" }).document;
  const after = edits.moveWires(more, from("load", "clip"), from("other", "clip"));
  assert.deepEqual(wiresFrom(after, "other").map(({ to: { node } }) => node), ["good", "bad"]);
  assert.equal(wiresFrom(after, "load", "clip").length, 0);
});

test("the end of a wire moves to another input, or stays where it cannot", () => {
  const document = starter();
  const wire = wires(document).find((one) => one.to.node === "save");
  const more = edits.addNode(document, "Scale", [0, 0], { id: "scale" }).document;
  const after = edits.moveWire(more, wire, to("scale", "image"));
  assert.deepEqual([wiresInto(after, "save").length, wiresInto(after, "scale").length], [0, 1]);
  assert.equal(edits.moveWire(document, wire, to("good", "text")), document);
});

test("a node goes into a wire", () => {
  const document = edits.addNode(starter(), "Scale", [0, 0], { id: "scale" }).document;
  const wire = wires(document).find((one) => one.to.node === "save");
  const after = edits.insertOnWire(document, "scale", wire, { input: "image", output: "image" });
  assert.deepEqual(after.nodes.scale.inputs.image, link("decode", "image"));
  assert.deepEqual(after.nodes.save.inputs.images, link("scale", "image"));
});

test("removing takes wires, places, and what the interface said", () => {
  const after = edits.removeNodes(starter(), ["decode", "good"]);
  assert.equal("images" in after.nodes.save.inputs, false);
  assert.equal("decode" in after.layout.nodes, false);
  assert.deepEqual(after.interface, { inputs: { seed: [to("sample", "seed")] }, outputs: {} });
  const all = edits.removeNodes(after, Object.keys(after.nodes));
  assert.deepEqual(all.nodes, {});
  assert.equal(all.interface, undefined);
  assert.equal(framesOf(all).length, 1);
});

test("healing joins what a removed node stood between, also several in a row, where types fit", () => {
  let document = starter();
  for (const id of ["one", "two"]) {
    document = edits.addNode(document, "Scale", [0, 0], { id }).document;
    const wire = wires(document).find((one) => one.to.node === "save");
    document = edits.insertOnWire(document, id, wire, { input: "image", output: "image" });
  }
  const after = edits.removeNodes(document, ["one", "two"], { heal: kinds });
  assert.deepEqual(after.nodes.save.inputs.images, link("decode", "image"));
  const sampler = edits.removeNodes(starter(), ["sample"], { heal: kinds });
  assert.deepEqual(sampler.nodes.decode.inputs.samples, link("empty", "latent"));
  const none = edits.removeNodes(starter(), ["decode"], { heal: kinds });
  assert.equal("images" in none.nodes.save.inputs, false); // a LATENT is no IMAGE
});

test("replacing keeps what matches by name and type, and tells what was dropped", () => {
  const { document, dropped } = edits.replaceKind(starter(), "sample", "KSamplerAdvanced", kinds);
  const { inputs } = document.nodes.sample;
  assert.deepEqual(inputs.model, link("load", "model"));
  assert.equal(inputs.steps, 8);
  assert.deepEqual(inputs.latent_image, link("empty", "latent")); // the only one of its type
  assert.deepEqual(document.nodes.decode.inputs.samples, link("sample", "samples"));
  assert.deepEqual(dropped, { inputs: [], outputs: [] });
  const two = { graphengine: 1, nodes: { a: { kind: "Two", inputs: { x: link("e", "latent"), y: link("e", "latent") } }, e: { kind: "Empty", inputs: {} } } };
  assert.deepEqual(edits.replaceKind(two, "a", "Decode", kinds).dropped.inputs, ["y"]); // there is one place for both
  const away = edits.replaceKind(starter(), "sample", "Scale", kinds);
  assert.deepEqual(away.dropped, { inputs: ["model", "positive", "negative", "latent", "steps"], outputs: ["latent"] });
  assert.equal("samples" in away.document.nodes.decode.inputs, false);
});

test("titles, modes and controls are kept where they say something", () => {
  const titled = edits.setTitle(starter(), "load", "Mine");
  assert.equal(titled.nodes.load.title, "Mine");
  assert.equal("title" in edits.setTitle(titled, "load", "").nodes.load, false);
  const muted = edits.setMode(starter(), ["load", "save"], "muted");
  assert.deepEqual([muted.nodes.load.mode, muted.nodes.save.mode, muted.nodes.good.mode], ["muted", "muted", undefined]);
  assert.equal("mode" in edits.setMode(muted, ["load"], "on").nodes.load, false);
  const random = edits.setControl(starter(), to("sample", "seed"), "randomize");
  assert.deepEqual(random.layout.nodes.sample.control, { seed: "randomize" });
});

test("moving a node changes the layout only", () => {
  const before = starter();
  const after = edits.moveNodes(before, { load: [5, 6] });
  assert.equal(after.nodes, before.nodes);
  assert.deepEqual(positionOf(after, "load"), [5, 6]);
  assert.equal(edits.moveNodes(after, { load: [5, 6] }), after);
  assert.deepEqual(sizeOf(edits.resizeNode(after, "load", [300.2, 90]), "load"), [300, 90]);
  assert.equal(edits.collapse(edits.collapse(after, ["load"]), ["load"], false).layout.nodes.load.collapsed, undefined);
});

test("nodes stand in line, by each side", () => {
  const document = starter();
  const boxes = boxesOf(document, kinds, ["load", "sample", "save"]);
  const after = (side) => boxesOf(edits.align(document, boxes, side), kinds, ["load", "sample", "save"]);
  const all = (side, of) => new Set(Object.values(after(side)).map((box) => Math.round(of(box)))).size;
  assert.equal(all("left", (box) => box.x), 1);
  assert.equal(all("right", (box) => box.x + box.width), 1);
  assert.equal(all("top", (box) => box.y), 1);
  assert.equal(all("bottom", (box) => box.y + box.height), 1);
  assert.equal(all("center", (box) => box.x + box.width / 2), 1);
  assert.equal(all("middle", (box) => Math.floor(box.y + box.height / 2)), 1);
});

test("gaps become equal, and the outermost stay", () => {
  const document = edits.moveNodes(starter(), { load: [0, 0], sample: [330, 0], save: [2000, 0] });
  const after = edits.distribute(document, boxesOf(document, kinds, ["load", "sample", "save"]), "across");
  const [load, sample, save] = ["load", "sample", "save"].map((id) => boxOf(after, kinds, id));
  assert.ok(Math.abs(sample.x - load.x - load.width - (save.x - sample.x - sample.width)) <= 1);
  assert.deepEqual([load.x, save.x], [0, 2000]);
});

test("a frame moves with its nodes and notes, and with the frames in it", () => {
  const { document } = edits.addNote(starter(), { text: "Look", pos: [300, 100] });
  const inner = edits.addFrame(document, { title: "inner", bounding: [300, 0, 100, 100] });
  const contents = frameContents(inner.document, kinds, 0);
  assert.deepEqual(contents, { nodes: ["good", "bad"], frames: [1], notes: [0] });
  const after = edits.moveFrame(inner.document, 0, [10, 20], contents);
  assert.deepEqual(framesOf(after).map(({ bounding }) => bounding), [[290, -60, 380, 520], [310, 20, 100, 100]]);
  assert.deepEqual([positionOf(after, "good"), positionOf(after, "load")], [[310, 20], [0, 100]]);
  assert.deepEqual(after.layout.notes, [{ text: "Look", pos: [310, 120] }]);
  assert.equal(edits.editFrame(after, 1, { title: "b" }).layout.groups[1].title, "b");
  assert.equal(edits.removeFrame(edits.removeFrame(after, 0), 0).layout.groups, undefined);
});

test("an input is shown outside under one name", () => {
  const one = edits.exposeInput(starter(), "steps", to("sample", "steps"));
  assert.equal(edits.exposedName(one, to("sample", "steps")), "steps");
  const two = edits.exposeInput(one, "count", to("sample", "steps"));
  assert.equal(edits.exposedName(two, to("sample", "steps")), "count");
  assert.equal("steps" in two.interface.inputs, false);
  assert.equal(edits.exposedName(edits.hideInput(two, to("sample", "steps")), to("sample", "steps")), undefined);
});

test("a note is added, changed and removed", () => {
  const { document, index } = edits.addNote(starter(), { text: "one", pos: [0, 0] });
  const changed = edits.editNote(document, index, { text: "two" });
  assert.equal(changed.layout.notes[0].text, "two");
  assert.equal(edits.editNote(changed, index, { text: "two" }), changed);
  assert.equal(edits.removeNote(changed, index).layout.notes, undefined);
  assert.equal(edits.removeNote(changed, 5), changed);
});

test("an edit of a sub-workflow leaves the others as they are", () => {
  const inner = { nodes: {}, workflows: { deep: starter() } };
  const document = { ...starter(), workflows: { inner, other: starter() } };
  const set = (workflow) => edits.setInput(workflow, to("sample", "steps"), 3);
  const after = edits.changeWorkflow(document, ["inner", "deep"], set);
  assert.equal(after.workflows.inner.workflows.deep.nodes.sample.inputs.steps, 3);
  assert.equal(after.workflows.other, document.workflows.other);
  assert.equal(edits.changeWorkflow(document, ["gone"], set), document);
  assert.deepEqual(edits.scopesAt(document, ["inner", "deep"]), [document, inner, inner.workflows.deep]);
  assert.equal(edits.newName([document], "inner"), "inner 2");
  assert.equal(edits.newName([document, inner], "deep"), "deep 2");
});

test("folding names what comes in and goes out, and the interface goes through", () => {
  const { document, id } = edits.fold(starter(), ["good", "bad", "sample"], "sampling");
  assert.equal(document.nodes[id].kind, "@sampling");
  assert.deepEqual(document.nodes[id].inputs, {
    clip: link("load", "clip"), model: link("load", "model"), latent: link("empty", "latent"),
  });
  assert.deepEqual(document.interface.inputs.prompt, [to(id, "prompt")]);
  assert.deepEqual(document.workflows.sampling.interface.inputs.clip, [to("good", "clip"), to("bad", "clip")]);
  assert.deepEqual(document.nodes.decode.inputs.samples, link(id, "latent"));
  assert.throws(() => edits.fold(starter(), ["load", "sample"], "x"), (error) => error.code === "fold_circle");
});
