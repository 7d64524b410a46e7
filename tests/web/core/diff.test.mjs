import assert from "node:assert/strict";
import { test } from "node:test";
import { apply, diff, differences } from "../../../web/js/core/diff.js";
import { changeWorkflow } from "../../../web/js/core/subworkflows.js";
import { chanceOf, starter } from "./fixtures.mjs";
import { randomEdit } from "./random_edits.mjs";

/** A text that is the same for what says the same: keys sorted. */
const text = (value) =>
  JSON.stringify(value, (_key, part) =>
    part && typeof part === "object" && !Array.isArray(part) ? Object.fromEntries(Object.entries(part).sort()) : part);

/** The names of the ports of an interface, whose order means something. */
const order = ({ inputs, outputs }) => JSON.stringify([Object.keys(inputs), Object.keys(outputs)]);

/** Everything that a document says, line by line, with its sub-workflows: what it is about, and what it says of it. */
function lines(document, path = [], found = new Map()) {
  found.set(text([path]), "it is there");
  for (const [id, { inputs, ...fields }] of Object.entries(document.nodes)) {
    found.set(text([path, "node", id]), "it is there");
    for (const [name, value] of Object.entries(inputs)) found.set(text([path, "input", id, name]), text(value));
    for (const [name, value] of Object.entries(fields)) found.set(text([path, "field", id, name]), text(value));
  }
  const { nodes: places = {}, ...others } = document.layout ?? {};
  for (const [id, entry] of Object.entries(places)) found.set(text([path, "entry", id]), text(entry));
  for (const [name, value] of Object.entries(others)) found.set(text([path, "layout", name]), text(value));
  for (const [name, value] of Object.entries(document)) {
    if (!["nodes", "workflows", "layout"].includes(name)) found.set(text([path, "whole", name]), text(value) + (name === "interface" ? order(value) : ""));
  }
  for (const [name, inner] of Object.entries(document.workflows ?? {})) lines(inner, [...path, name], found);
  return found;
}

/** What differs between two documents, found by comparing every line with every other. */
function bruteForce(before, after) {
  const [old, now] = [lines(before), lines(after)];
  return [...new Set([...old.keys(), ...now.keys()])].filter((about) => old.get(about) !== now.get(about)).sort();
}

/** The same of what `differences` tells; nodes that came or went say all that they have. */
function told(before, after) {
  const found = [];
  for (const { path, what, difference: { added, removed, changed, fields, layout } } of differences(before, after)) {
    const say = (...about) => found.push(text([path, ...about]));
    if (what !== "changed") say();
    for (const [id, node] of Object.entries({ ...added, ...removed })) {
      say("node", id);
      for (const name of Object.keys(node.inputs)) say("input", id, name);
      for (const name of Object.keys(node)) if (name !== "inputs") say("field", id, name);
    }
    for (const [id, change] of Object.entries(changed)) {
      for (const name of Object.keys(change.inputs)) say("input", id, name);
      for (const name of Object.keys(change.fields)) say("field", id, name);
    }
    for (const name of Object.keys(fields)) say("whole", name);
    for (const id of Object.keys(layout.entries)) say("entry", id);
    for (const name of Object.keys(layout.fields)) say("layout", name);
  }
  return found.sort();
}

const plain = ({ graphengine: _format, ...workflow }) => workflow;
const nest = () => ({ ...starter(), workflows: { one: plain({ ...starter(), workflows: { deep: plain(starter()) } }), two: plain(starter()) } });
const PATHS = [[], ["one"], ["one", "deep"], ["two"]];

/** A nest after some edits in any of its workflows; now and then one comes or goes. */
function edited(seed) {
  const chance = chanceOf(seed);
  let document = nest();
  for (let step = chance.below(8); step > 0; step -= 1) {
    const path = chance.of(PATHS);
    document = changeWorkflow(document, path, (workflow) => randomEdit(workflow, chance).document);
    if (chance.next() < 0.15) document = withoutOne(document, chance.of(["one", "two"]));
    if (chance.next() < 0.15) document = { ...document, workflows: { ...document.workflows, more: plain(starter()) } };
  }
  return document;
}

function withoutOne({ workflows, ...document }, name) {
  const { [name]: _gone, ...rest } = workflows;
  return { ...document, workflows: rest };
}

test("all that differs in a nest is told in its place, and nothing else, as comparing line by line finds it", () => {
  let [several, gone] = [0, 0];
  for (let seed = 0; seed < 400; seed += 1) {
    const [one, other] = [edited(2 * seed), edited(2 * seed + 1)];
    assert.deepEqual(told(one, other), bruteForce(one, other), `seed ${seed}`);
    const places = differences(one, other);
    several += places.length > 2;
    gone += places.some(({ what }) => what !== "changed");
  }
  assert.ok(several > 100 && gone > 50, `${several}, ${gone}`);
  assert.deepEqual(differences(nest(), structuredClone(nest())), []);
});

test("a workflow that came or went is told even if it is empty, with those in it, the outer before the inner", () => {
  const [before, after] = [{ nodes: {} }, { nodes: {}, workflows: { a: { nodes: {}, workflows: { b: { nodes: {} } } } } }];
  const said = (one, other) => differences(one, other).map(({ path, what }) => [path, what]);
  assert.deepEqual(said(before, after), [[["a"], "added"], [["a", "b"], "added"]]);
  assert.deepEqual(said(after, before), [[["a"], "removed"], [["a", "b"], "removed"]]);
});

test("another order of the ports of an interface is a difference, of other keys it is none", () => {
  const face = (...names) => ({ inputs: Object.fromEntries(names.map((name) => [name, [{ node: "a", input: name }]])), outputs: {} });
  const node = (inputs) => ({ kind: "K", inputs });
  const of = (face, inputs) => ({ nodes: {}, workflows: { a: { nodes: { a: node(inputs) }, workflows: { b: { nodes: {}, interface: face } } } } });
  const before = of(face("x", "y"), { p: 1, q: 2 });
  const after = of(face("y", "x"), { q: 2, p: 1 });
  const [place, ...more] = differences(before, after);
  assert.deepEqual([place.path, Object.keys(place.difference.fields), more], [["a", "b"], ["interface"], []]);
  assert.deepEqual(Object.keys(apply(before, diff(before, after)).workflows.a.workflows.b.interface.inputs), ["y", "x"]);
  assert.deepEqual(differences(before, of(face("x", "y"), { q: 2, p: 1 })), []);
});
