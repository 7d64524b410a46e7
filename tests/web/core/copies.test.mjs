import assert from "node:assert/strict";
import { test } from "node:test";
import { copyText, pasteText } from "../../../web/js/core/clipboard.js";
import { emptyDocument, nodeIds, positionOf, save, wires } from "../../../web/js/core/document.js";
import { duplicate, setInput } from "../../../web/js/core/edits.js";
import { apply, diff, isEmpty, summary } from "../../../web/js/core/diff.js";
import { same } from "../../../web/js/core/json.js";
import { chanceOf, link, starter } from "./fixtures.mjs";
import { randomEdit } from "./random_edits.mjs";

const after = (seed, count) => {
  const chance = chanceOf(seed);
  let document = starter();
  for (let step = 0; step < count; step += 1) ({ document } = randomEdit(document, chance));
  return document;
};

test("pasting makes new ids, keeps inner wires, and leaves wires from outside", () => {
  const document = starter();
  const { document: pasted, ids } = pasteText(document, copyText(document, ["sample", "decode"]), [1000, 500]);
  assert.deepEqual(ids, ["ksampler", "decode_2"]);
  assert.deepEqual(pasted.nodes.decode_2.inputs, { samples: link("ksampler", "latent") });
  assert.deepEqual(pasted.nodes.ksampler.inputs, { steps: 8 });
  assert.deepEqual([positionOf(pasted, "ksampler"), positionOf(pasted, "decode_2")], [[1000, 500], [1340, 500]]);
  for (const id of nodeIds(document)) assert.equal(pasted.nodes[id], document.nodes[id]);
});

test("duplicating keeps wires from outside", () => {
  const { document, ids } = duplicate(starter(), ["sample", "decode"]);
  assert.deepEqual(document.nodes[ids[0]].inputs.model, link("load", "model"));
  assert.deepEqual(document.nodes[ids[1]].inputs, { samples: link(ids[0], "latent"), vae: link("load", "vae") });
});

test("frames are copied with what is in them", () => {
  const text = copyText(starter(), ["good"], [0]);
  const { document } = pasteText(emptyDocument(), text, [0, 0]);
  assert.deepEqual(document.layout.groups[0].bounding, [-20, -80, 380, 520]);
});

test("a sub-workflow cannot be pasted into itself, nor what uses it", () => {
  const user = (name) => ({ kind: `@${name}`, inputs: {} });
  const inner = { nodes: { scale: { kind: "Scale", inputs: {} } } };
  const around = { nodes: { inner: user("inner") } };
  const document = { graphengine: 1, nodes: { one: user("inner"), two: user("around") }, workflows: { inner, around } };
  for (const id of ["one", "two"]) {
    const refused = (error) => error.code === "holds_itself";
    assert.throws(() => pasteText(inner, copyText(document, [id]), [0, 0], [document, inner]), refused, id);
  }
  assert.throws(() => pasteText(around, copyText(document, ["two"]), [0, 0], [document, around]));
  assert.deepEqual(pasteText(around, copyText(document, ["one"]), [0, 0], [document, around]).ids.length, 1);
  assert.deepEqual(pasteText(document, copyText(document, ["one", "two"]), [0, 0]).ids.length, 2);
});

test("text that is no part of a workflow is refused with words and changes nothing", () => {
  for (const text of ["", "hello", "{}", "[1]", '{"graphengine": 1}', '{"nodes": []}', "{"]) {
    assert.throws(() => pasteText(starter(), text), (error) => error.code === "not_pasteable", text);
  }
  assert.throws(() => pasteText(starter(), '{"graphengine": 1, "nodes": {"a": 1}}'), (error) => error.name === "Refused");
});

test("a whole document pasted into an empty one is the same graph", () => {
  for (let seed = 0; seed < 100; seed += 1) {
    const document = after(seed, 20);
    if (nodeIds(document).length === 0) continue;
    const text = copyText(document, nodeIds(document));
    const { document: pasted, ids } = pasteText(emptyDocument(), text, [0, 0]);
    const names = new Map(nodeIds(document).map((id, index) => [id, ids[index]]));
    const renamed = wires(document).map(({ from, to }) => [names.get(from.node), from.output, names.get(to.node), to.input]);
    assert.deepEqual(wires(pasted).map(({ from, to }) => [from.node, from.output, to.node, to.input]), renamed);
    assert.deepEqual(ids.map((id) => pasted.nodes[id].kind), nodeIds(document).map((id) => document.nodes[id].kind));
    assert.equal(copyText(pasted, ids).length, save(pasted).length);
  }
});

test("sub-workflows come along, and one of the same name that is another gets a new name", () => {
  const inner = { nodes: { a: { kind: "Scale", inputs: {} } } };
  const uses = { graphengine: 1, nodes: { u: { kind: "@inner", inputs: {} } }, workflows: { inner, other: inner } };
  const { document } = pasteText(emptyDocument(), copyText(uses, ["u"]));
  assert.deepEqual(document.workflows, { inner });
  const different = { ...emptyDocument(), workflows: { inner: { nodes: {} } } };
  const renamed = pasteText(different, copyText(uses, ["u"])).document;
  assert.deepEqual(Object.keys(renamed.workflows), ["inner", "inner 2"]);
  assert.equal(renamed.nodes.inner.kind, "@inner 2");
});

test("a difference applied gives the other document, both ways, whatever was edited", () => {
  for (let seed = 0; seed < 300; seed += 1) {
    const [one, other] = [after(seed, seed % 7), after(seed, 10 + (seed % 30))];
    assert.ok(same(apply(one, diff(one, other)), other), `seed ${seed}`);
    assert.ok(same(apply(other, diff(other, one)), one), `seed ${seed}`);
    assert.equal(isEmpty(diff(one, other)), same(one, other));
    assert.ok(isEmpty(diff(one, structuredClone(one))));
  }
});

test("a difference says what was changed from what to what, places apart", () => {
  const before = starter();
  const set = setInput(before, { node: "sample", input: "steps" }, 30);
  const found = diff(before, set);
  assert.deepEqual(found.changed, { sample: { inputs: { steps: { before: 8, after: 30 } }, fields: {} } });
  const moved = { ...before, layout: { ...before.layout, nodes: { ...before.layout.nodes, load: { pos: [9, 9] } } } };
  assert.deepEqual(diff(before, moved).layout.entries, { load: { before: { pos: [0, 100] }, after: { pos: [9, 9] } } });
  assert.ok(isEmpty(diff(before, moved), { layout: false }));
  assert.equal(isEmpty(diff(before, moved)), false);
  assert.deepEqual(summary(found), { added: 0, removed: 0, changed: 1, links: 0, values: 1, moved: 0 });
});

test("a change inside a sub-workflow is told as such", () => {
  const one = { ...starter(), workflows: { inner: starter() } };
  const other = { ...one, workflows: { inner: setInput(starter(), { node: "sample", input: "steps" }, 9) } };
  const found = diff(one, other);
  assert.deepEqual(Object.keys(found.workflows.inner.changed), ["sample"]);
  assert.ok(same(apply(one, found), other));
});

test("a sub-workflow that uses one that was renamed is renamed too, and means the same", () => {
  const part = (text) => ({ nodes: { a: { kind: "Encode", inputs: { text } } } });
  const outer = { nodes: { b: { kind: "@inner", inputs: {} } } };
  const here = { graphengine: 1, nodes: {}, workflows: { inner: part("here"), outer, same: part("same") } };
  const nodes = { u: { kind: "@outer", inputs: {} }, v: { kind: "@same", inputs: {} } };
  const there = { graphengine: 1, nodes, workflows: { inner: part("there"), outer, same: part("same") } };
  const { document } = pasteText(here, copyText(there, ["u", "v"]));
  assert.deepEqual(Object.values(document.nodes).map(({ kind }) => kind), ["@outer 2", "@same"]);
  assert.equal(document.workflows["outer 2"].nodes.b.kind, "@inner 2");
  assert.deepEqual(document.workflows["inner 2"], part("there"));
  assert.equal(document.workflows.outer, outer);
});
