import assert from "node:assert/strict";
import { test } from "node:test";
import { withNextValues } from "../../../web/js/core/controls.js";
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

test("what is linked, is no number or is not there keeps what it has", () => {
  const linked = edits.setRaw(controlled("increment"), to("sample", "seed"), link("empty", "latent"));
  const odd = edits.setInput(controlled("increment"), to("sample", "seed"), "many");
  for (const document of [linked, odd, controlled("randomize", "sampler"), controlled("randomize", "gone")]) assert.equal(next(document), document);
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
