import assert from "node:assert/strict";
import { test } from "node:test";
import { sourcesOf, withNextValues } from "../../../web/js/core/controls.js";
import * as edits from "../../../web/js/core/edits.js";
import { parse, write } from "../../../web/js/core/json.js";
import { createKinds } from "../../../web/js/core/kinds.js";
import { kinds, link, starter } from "./fixtures.mjs";

const to = (node, input) => ({ node, input });
const next = (document, scopes = [document], ran = document) => withNextValues(document, scopes, kinds, () => 4711, ran);
const controlled = (word, input = "seed", document = starter()) => edits.setControl(document, to("sample", input), word);
const valueAfter = (value, word, input = "seed") => next(edits.setInput(controlled(word, input), to("sample", input), value)).nodes.sample.inputs[input];

test("a seed that has its default yet gets a new one, and only where that is asked for", () => {
  const fresh = edits.addNode(starter(), "KSampler");
  assert.equal(next(edits.setControl(fresh.document, to(fresh.id, "seed"), "randomize")).nodes[fresh.id].inputs.seed, 4711);
  assert.equal(next(controlled("randomize")).nodes.sample.inputs.seed, 4711);
  for (const still of [controlled("fixed"), controlled("constructor"), starter()]) assert.equal(next(still), still);
});

test("a value goes up or down by the step of its input, to the digit, and stays within its limits", () => {
  assert.equal(next(controlled("increment")).nodes.sample.inputs.seed, 1); // from its default
  assert.equal(valueAfter(41, "increment"), 42);
  assert.equal(valueAfter(41, "decrement"), 40);
  assert.equal(valueAfter(0, "decrement"), 0);
  assert.equal(valueAfter(10000, "increment", "steps"), 10000);
  assert.equal(String(valueAfter(parse("9007199254740993"), "increment")), "9007199254740994");
  assert.equal(write(valueAfter(parse("7.0"), "increment", "cfg")).trim(), "7.1");
});

test("what counts goes on from what has run: a value that is new runs first", () => {
  const counted = controlled("increment");
  const typed = edits.setInput(counted, to("sample", "seed"), 100);
  assert.equal(next(typed, [typed], counted).nodes.sample.inputs.seed, 100);
  assert.equal(withNextValues(typed, [typed], kinds, () => 4711).nodes.sample.inputs.seed, 100); // nothing has run
  assert.equal(next(typed).nodes.sample.inputs.seed, 101);
  assert.equal(withNextValues(controlled("randomize"), [], kinds, () => 4711).nodes.sample.inputs.seed, 4711);
});

test("a choice goes to the one before or after it, from the last to the first only where that is meant, or to any by chance", () => {
  const after = (value, word, drawn = 1) => {
    const document = edits.setInput(edits.setControl(starter(), to("sample", "sampler"), word), to("sample", "sampler"), value);
    return withNextValues(document, [document], kinds, ({ low, high }) => low + (drawn % (high + 1)), document).nodes.sample.inputs.sampler;
  };
  assert.deepEqual(["euler", "heun"].map((value) => after(value, "increment")), ["heun", "heun"]);
  assert.deepEqual(["euler", "heun"].map((value) => after(value, "decrement")), ["euler", "euler"]);
  assert.deepEqual(["euler", "heun"].map((value) => after(value, "increment-wrap")), ["heun", "euler"]);
  assert.deepEqual([0, 1].map((drawn) => after("heun", "randomize", drawn)), ["euler", "heun"]);
  assert.deepEqual(["increment", "decrement", "increment-wrap", "randomize"].map((word) => after("gone", word)), ["gone", "gone", "gone", "heun"]);
});

test("a choice of what the machine has goes through what is there now", () => {
  const [id] = Object.keys(starter().nodes).filter((name) => starter().nodes[name].kind === "Load");
  const document = edits.setInput(edits.setControl(starter(), to(id, "file"), "increment"), to(id, "file"), "a");
  assert.deepEqual(sourcesOf(document, [document], kinds), ["checkpoints"]);
  assert.deepEqual(sourcesOf(starter(), [starter()], kinds), []);
  const after = (listed) => withNextValues(document, [document], kinds, () => 0, document, listed).nodes[id].inputs.file;
  assert.equal(after(new Map([["checkpoints", ["a", "b"]]])), "b");
  assert.equal(after(new Map()), "a");
});

test("what is linked, does not change by its word or is not there keeps what it has", () => {
  const linked = edits.setRaw(controlled("increment"), to("sample", "seed"), link("empty", "latent"));
  const odd = edits.setInput(controlled("increment"), to("sample", "seed"), "many");
  for (const document of [linked, odd, controlled("sideways", "sampler"), controlled("randomize", "gone")]) assert.equal(next(document), document);
});

test("a node that uses a sub-workflow has the seeds of its interface", () => {
  const { document, id } = edits.fold(starter(), ["sample"], "part");
  const [name] = Object.keys(document.workflows.part.interface.inputs).filter((input) => input.includes("seed"));
  const after = next(edits.setControl(document, to(id, name), "randomize"));
  assert.equal(after.nodes[id].inputs[name], 4711);
});

test("a control that is taken away leaves nothing", () => {
  const before = starter();
  assert.deepEqual(edits.setControl(controlled("randomize"), to("sample", "seed"), "").layout, before.layout);
  assert.equal(edits.setControl(before, to("sample", "seed"), "").layout, before.layout);
});
