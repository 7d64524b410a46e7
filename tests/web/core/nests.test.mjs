import assert from "node:assert/strict";
import test from "node:test";

import { canonical } from "../../../web/js/core/document.js";
import * as edits from "../../../web/js/core/edits.js";
import { outputsOf } from "../../../web/js/core/outputs.js";
import { changedPlace, countNodes, foundAt, placesIn, whereIs } from "../../../web/js/core/places.js";
import { createShownStore } from "../../../web/js/core/shown_store.js";
import { createStore } from "../../../web/js/core/store.js";
import { summary } from "../../../web/js/core/run_state.js";
import { planAt, problemsAt, statesAt } from "../../../web/js/net/inner_states.js";
import { kinds, link } from "./fixtures.mjs";

/** Text to picture in two sub-workflows: `sample` of the document opens `sampling`, which uses `texts`. */
function nest() {
  const texts = {
    nodes: {
      good: { kind: "Encode", inputs: {} },
      bad: { kind: "Encode", inputs: { text: "blurred" } },
    },
    interface: {
      inputs: { clip: [{ node: "good", input: "clip" }, { node: "bad", input: "clip" }], words: [{ node: "good", input: "text" }] },
      outputs: { good: { node: "good", output: "conditioning" }, bad: { node: "bad", output: "conditioning" } },
    },
  };
  const sampling = {
    nodes: {
      prompts: { kind: "@texts", inputs: {} },
      run: { kind: "KSampler", inputs: { positive: link("prompts", "good"), negative: link("prompts", "bad") } },
    },
    interface: {
      inputs: { clip: [{ node: "prompts", input: "clip" }], words: [{ node: "prompts", input: "words" }], model: [{ node: "run", input: "model" }] },
      outputs: { latent: { node: "run", output: "latent" }, good: { node: "prompts", output: "good" } },
    },
  };
  return {
    graphengine: 1,
    nodes: {
      load: { kind: "Load", inputs: {} },
      sample: { kind: "@sampling", inputs: { clip: link("load", "clip"), model: link("load", "model"), words: "a fox" } },
      decode: { kind: "Decode", inputs: { samples: link("sample", "latent"), vae: link("load", "vae") } },
      other: { kind: "@texts", inputs: { clip: link("load", "clip"), words: "a hen" } },
    },
    workflows: { sampling, texts },
  };
}

const say = (document, id, text) => edits.setInput(document, { node: id, input: "text" }, text);

test("a place is found as far as it leads, with the names of what it leads to", () => {
  const document = nest();
  const { path, scopes } = foundAt(document, ["sample", "prompts"]);
  assert.deepEqual(path, ["texts"]); // which is the document's, not the sub-workflow's that uses it
  assert.deepEqual(scopes, [document, document.workflows.texts]);
  assert.deepEqual(foundAt(document, ["sample", "gone", "more"]).place, ["sample"]);
  assert.deepEqual(placesIn(document), [[], ["sample"], ["other"]]);
});

test("a name of the server's leads to the node, however deep, or to the nearest around it", () => {
  const document = nest();
  assert.deepEqual(whereIs(document, "sample:prompts:good"), { place: ["sample", "prompts"], node: "good" });
  assert.deepEqual(whereIs(document, "sample:gone"), { place: ["sample"], node: undefined });
  assert.deepEqual(whereIs(document, "decode:grown"), { place: [], node: "decode" });
  const odd = { nodes: { "a:b": { kind: "@a", inputs: {} } }, workflows: { a: { nodes: { c: { kind: "Load", inputs: {} } } } } };
  assert.deepEqual(whereIs(odd, "a:b:c"), { place: ["a:b"], node: "c" });
});

test("a nest is counted as the server unfolds it", () => {
  assert.equal(countNodes(nest()), 2 + 3 + 2);
});

test("edits of what is shown are steps of the whole, and what others share stays the same object", () => {
  const document = nest();
  const whole = createStore(document);
  const shown = createShownStore(whole, () => ["texts"]);
  const heard = [];
  shown.subscribe((now, before) => heard.push([now.nodes.bad.inputs.text, before.nodes.bad.inputs.text]));
  shown.edit("one", (now) => say(now, "bad", "dull"));
  assert.equal(whole.get().workflows.texts.nodes.bad.inputs.text, "dull");
  assert.equal(whole.get().workflows.sampling, document.workflows.sampling);
  assert.deepEqual(whole.steps.past, ["one"]);
  assert.equal(shown.edit("nothing", (now) => now), shown.get());
  assert.deepEqual(whole.steps.past, ["one"]);
  shown.undo();
  assert.equal(whole.get(), document);
  assert.deepEqual(heard, [["dull", "blurred"], ["blurred", "dull"]]);
});

test("an undo leads to where it changed something", () => {
  const before = nest();
  const deep = edits.changeWorkflow(before, ["texts"], (workflow) => say(workflow, "bad", "dull"));
  assert.deepEqual(changedPlace(deep, before, []), ["other"]);
  assert.deepEqual(changedPlace(deep, before, ["sample", "prompts"]), ["sample", "prompts"]);
  const outer = edits.removeNodes(before, ["decode"]);
  assert.deepEqual(changedPlace(outer, before, ["sample"]), []);
  const gone = edits.removeNodes(before, ["sample"]);
  assert.deepEqual(changedPlace(before, gone, ["sample", "prompts"]), []);
});

test("a change of an interface tells every node that loses something, wherever it is, and leaves none dangling", () => {
  const before = nest();
  const face = edits.removedPort(edits.removedPort(before.workflows.texts.interface, "inputs", "words"), "outputs", "good");
  const { document, lost } = edits.changeContract(before, ["texts"], face);
  assert.deepEqual(lost, [
    { path: [], node: "other", inputs: ["words"], outputs: [] },
    { path: ["sampling"], node: "prompts", inputs: [], outputs: ["good"] },
    { path: [], node: "sample", inputs: ["words"], outputs: [] },
  ]);
  assert.deepEqual(Object.keys(document.workflows.sampling.interface.inputs), ["clip", "model"]);
  assert.deepEqual(Object.keys(document.workflows.sampling.interface.outputs), ["latent"]);
  assert.deepEqual(Object.keys(document.nodes.sample.inputs), ["clip", "model"]);
  assert.deepEqual(Object.keys(document.workflows.sampling.nodes.run.inputs), ["negative"]);
  assert.deepEqual(document.nodes.decode, before.nodes.decode);
});

test("those that use a port follow when it gets another name, and lose nothing", () => {
  const before = nest();
  const face = edits.renamedPort(before.workflows.sampling.interface, "inputs", "words", "prompt");
  const { document, lost } = edits.changeContract(before, ["sampling"], face, { inputs: { words: "prompt" } });
  assert.deepEqual(lost, []);
  assert.deepEqual(document.nodes.sample.inputs, { clip: link("load", "clip"), model: link("load", "model"), prompt: "a fox" });
  assert.deepEqual(Object.keys(document.workflows.sampling.interface.inputs), ["clip", "prompt", "model"]);
  const latent = edits.renamedPort(before.workflows.sampling.interface, "outputs", "latent", "samples");
  const renamed = edits.changeContract(before, ["sampling"], latent, { outputs: { latent: "samples" } });
  assert.deepEqual(renamed.document.nodes.decode.inputs.samples, link("sample", "samples"));
});

test("a sub-workflow gets another name in its place, and what uses it follows at every depth", () => {
  const before = nest();
  const after = edits.renameWorkflow(before, ["texts"], "prompts");
  assert.deepEqual(Object.keys(after.workflows), ["sampling", "prompts"]);
  assert.equal(after.workflows.sampling.nodes.prompts.kind, "@prompts");
  assert.equal(after.nodes.other.kind, "@prompts");
  assert.deepEqual(edits.usersOf(after, ["prompts"]), edits.usersOf(before, ["texts"]));
  assert.deepEqual(edits.usersOf(edits.removeWorkflow(before, ["texts"]), ["texts"]), []);
});

test("words on a port go with it, and an interface without any keeps no trace of them", () => {
  const face = nest().workflows.texts.interface;
  const told = edits.describedPort(face, "inputs", "words", "What to draw");
  assert.deepEqual(edits.renamedPort(told, "inputs", "words", "prompt").docs, { inputs: { prompt: "What to draw" } });
  assert.deepEqual(edits.removedPort(told, "inputs", "words").docs, undefined);
  assert.deepEqual(edits.describedPort(told, "inputs", "words", ""), face);
  assert.deepEqual(Object.keys(edits.movedPort(face, "inputs", "words", -1).inputs), ["words", "clip"]);
  assert.equal(edits.movedPort(face, "inputs", "words", 1), face);
});

test("a node shows the state of all that it is made of", () => {
  const document = nest();
  const states = new Map([
    ["load", { state: "done", seconds: 1 }],
    ["sample:prompts:good", { state: "done", seconds: 1 }],
    ["sample:prompts:bad", { state: "done", seconds: 2 }],
    ["sample:run", { state: "running", done: 3, total: 8 }],
    ["gone", { state: "failed" }],
  ]);
  const outside = statesAt(states, document, "");
  assert.equal(outside.get("load"), states.get("load"));
  assert.deepEqual(outside.get("sample"), { state: "running", done: 2, total: 3 });
  assert.deepEqual([...outside.keys()], ["load", "sample"]);
  const inside = statesAt(states, document.workflows.sampling, "sample:");
  assert.deepEqual(inside.get("prompts"), { state: "done", seconds: 3 });
  assert.equal(inside.get("run"), states.get("sample:run"));
  assert.equal(summary([{ state: "done" }, { state: "failed", message: "no" }, { state: "blocked" }]).message, "no");
  assert.equal(summary([{ state: "queued" }, { state: "queued" }]).state, "queued");
  assert.equal(summary([{ state: "queued" }, { state: "done" }]).state, "running");
  assert.equal(summary([{ state: "cached" }, { state: "cached" }]).state, "cached");
});

test("plans and problems are told of the node that they are inside of", () => {
  const document = nest();
  const plan = { run: { "sample:run": ["seed changed"], decode: ["never ran"] }, cached: ["load", "sample:prompts:good"], order: ["load", "sample:prompts:good", "sample:run", "decode"], seconds: 1 };
  const shown = planAt(plan, document, "");
  assert.deepEqual(shown.run, { sample: ["seed changed"], decode: ["never ran"] });
  assert.deepEqual([shown.cached, shown.order], [["load"], ["load", "sample", "decode"]]);
  const problems = [{ node: "sample:run", input: "model", message: "?" }, { node: "decode", input: "vae", message: "!" }];
  assert.deepEqual(problemsAt(problems, document, "").map(({ node, input }) => [node, input]), [["sample", ""], ["decode", "vae"]]);
  assert.deepEqual(problemsAt(problems, document.workflows.sampling, "sample:").map(({ node, input }) => [node, input]), [["run", "model"]]);
});

test("a run to a sub-workflow goes to what it gives", () => {
  const document = nest();
  assert.deepEqual(outputsOf("sample", kinds, [document], ""), ["sample:prompts:good", "sample:prompts:bad", "sample:run"]);
  document.workflows.texts.nodes.bad.mode = "muted"; // which the server leaves out
  assert.deepEqual(outputsOf("other", kinds, [document], ""), ["other:good"]);
  assert.deepEqual(outputsOf("run", kinds, [document, document.workflows.sampling], "sample:"), ["sample:run"]);
});

test("a sub-workflow that is pasted where it can be seen is not brought along once more", () => {
  const document = nest();
  const scopes = [document, document.workflows.sampling];
  const part = edits.fragment(scopes[1], ["prompts"], { scopes });
  assert.deepEqual(Object.keys(part.workflows), ["texts"]);
  const pasted = edits.paste(scopes[1], canonical(part), [0, 0], { scopes }).document;
  assert.equal(pasted.workflows, undefined);
  const elsewhere = edits.paste({ nodes: {} }, canonical(part)).document;
  assert.deepEqual(Object.keys(elsewhere.workflows), ["texts"]);
});

test("a folded frame keeps what it hides, also when that is removed or copied", () => {
  const bounding = [0, 0, 900, 900];
  const framed = edits.addFrame({ ...nest(), layout: {} }, { title: "All", bounding, color: "red" }).document;
  const folded = edits.foldFrame(framed, 0, ["load", "decode"]);
  assert.deepEqual(edits.removeNodes(folded, ["load"]).layout.groups[0].folded, ["decode"]);
  assert.deepEqual(edits.foldFrame(folded, 0), framed);
  const part = edits.fragment(folded, ["decode"], { frames: folded.layout.groups });
  assert.deepEqual(edits.paste(folded, part).document.layout.groups[1].folded, ["decode_2"]);
  assert.equal(Object.hasOwn(edits.editFrame(folded, 0, { color: undefined }).layout.groups[0], "color"), false);
});

test("another order of ports is a step, and something to save", () => {
  const store = createStore(nest());
  const face = store.get().workflows.texts.interface;
  store.edit("order", (now) => edits.changeContract(now, ["texts"], edits.movedPort(face, "inputs", "words", -1)).document);
  assert.deepEqual(store.steps.past, ["order"]);
  assert.equal(store.dirty, true);
  store.undo();
  assert.equal(store.dirty, false);
});
