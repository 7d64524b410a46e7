import assert from "node:assert/strict";
import { test } from "node:test";
import { nodeIds, save, wires } from "../../../web/js/core/document.js";
import { wouldCycle } from "../../../web/js/core/edits.js";
import { write } from "../../../web/js/core/json.js";
import { createStore } from "../../../web/js/core/store.js";
import { chanceOf, starter } from "./fixtures.mjs";
import { randomEdit } from "./random_edits.mjs";

const RUNS = Number(process.env.RUNS ?? 1000);

const FROZEN = 50; // of them, so that nothing changes a document in place

/** A document that throws when anything in it is changed. */
function frozen(value) {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(frozen);
  }
  return value;
}

/** A store after a hundred random edits of which each is a step. */
function edited(seed) {
  const chance = chanceOf(seed);
  const freeze = seed < FROZEN ? frozen : (value) => value;
  const store = createStore(freeze(starter()));
  for (let count = 0; store.steps.past.length < 100 && count < 1000; count += 1) {
    store.edit("random", (document) => randomEdit(document, chance).document);
    freeze(store.get());
  }
  return store;
}

test(`a hundred random edits, undone, give equal bytes, and made again too, ${RUNS} times`, () => {
  for (let seed = 0; seed < RUNS; seed += 1) {
    const store = edited(seed);
    const end = write(store.get());
    for (let count = 0; count < 100; count += 1) assert.ok(store.undo());
    assert.equal(store.undo(), false);
    assert.equal(write(store.get()), write(starter()), `seed ${seed}`);
    assert.equal(store.dirty, false);
    for (let count = 0; count < 100; count += 1) assert.ok(store.redo());
    assert.equal(store.redo(), false);
    assert.equal(write(store.get()), end, `seed ${seed}`);
  }
});

test("random edits never close a circle, leave a wire of a removed node, or an entry of one in the layout", () => {
  for (let seed = 0; seed < 50; seed += 1) {
    const document = edited(seed).get();
    const ids = new Set(nodeIds(document));
    for (const { from, to } of wires(document)) {
      assert.ok(ids.has(from.node) && ids.has(to.node));
      assert.equal(wouldCycle({ ...document, nodes: withoutLink(document, to) }, from, to), undefined);
    }
    for (const id of Object.keys(document.layout?.nodes ?? {})) assert.ok(ids.has(id));
    for (const targets of Object.values(document.interface?.inputs ?? {})) {
      for (const { node } of targets) assert.ok(ids.has(node));
    }
    save(document);
  }
});

function withoutLink({ nodes }, { node, input }) {
  const { [input]: _gone, ...inputs } = nodes[node].inputs;
  return { ...nodes, [node]: { ...nodes[node], inputs } };
}

test("a gesture that is cancelled leaves what could be made again", () => {
  const store = createStore({ graphengine: 1, nodes: {} });
  const counted = (number) => (document) => ({ ...document, number });
  store.edit("one", counted(1));
  store.edit("two", counted(2));
  store.undo();
  for (const number of [6, 7]) store.edit("drag", counted(number), { merge: "b" });
  assert.deepEqual(store.steps.future, []);
  store.cancel("b");
  assert.deepEqual([store.get().number, store.steps.past, store.steps.future], [1, ["one"], ["two"]]);
  store.redo();
  assert.equal(store.get().number, 2);
  for (const number of [8, 9]) store.edit("drag", counted(number), { merge: "c" });
  store.undo();
  assert.deepEqual([store.get().number, store.steps.future], [2, ["drag"]]);
});

test("the edits of one gesture are one step, and a gesture that is cancelled is none", () => {
  const store = createStore({ graphengine: 1, nodes: {} });
  const counted = (number) => (document) => ({ ...document, number });
  for (const number of [1, 2, 3]) store.edit("drag", counted(number), { merge: "a" });
  store.settle();
  for (const number of [4, 5]) store.edit("drag", counted(number), { merge: "a" });
  assert.deepEqual(store.steps.past, ["drag", "drag"]);
  for (const number of [6, 7]) store.edit("drag", counted(number), { merge: "b" });
  store.cancel("b");
  assert.equal(store.get().number, 5);
  store.undo();
  assert.equal(store.get().number, 3);
  store.undo();
  assert.equal(store.get().number, undefined);
});

test("an edit that changes nothing is no step and tells nobody", () => {
  const store = createStore(starter());
  let told = 0;
  store.subscribe(() => (told += 1));
  store.edit("nothing", (document) => document);
  assert.equal(told, 0);
  assert.deepEqual(store.steps.past, []);
});

test("listeners hear what is now, what was before, and why", () => {
  const store = createStore(starter());
  const heard = [];
  const stop = store.subscribe((now, before, why) => heard.push([now === before, why.kind, why.name]));
  store.edit("add", (document) => ({ ...document, more: 1 }));
  store.undo();
  store.redo();
  store.saved(3);
  stop();
  store.undo();
  assert.deepEqual(heard, [[false, "edit", "add"], [false, "undo", "add"], [false, "redo", "add"], [true, "saved", "saved"]]);
});

test("a document is dirty exactly when it says something else than what was saved", () => {
  const store = createStore(starter(), { version: 1 });
  assert.equal(store.dirty, false);
  store.edit("set", (document) => ({ ...document, more: 1 }));
  assert.equal(store.dirty, true);
  const sent = store.get();
  store.edit("set", (document) => ({ ...document, more: 2 })); // while the server writes
  store.saved(2, sent);
  assert.equal(store.version, 2);
  assert.equal(store.dirty, true);
  store.edit("set", (document) => ({ ...document, more: 1 }));
  assert.equal(store.dirty, false); // the same by another way
});

test("at least two hundred steps can be undone, and their number has an end", () => {
  const store = createStore({ graphengine: 1, nodes: {}, number: 0 });
  for (let number = 1; number <= 1500; number += 1) store.edit("count", (document) => ({ ...document, number }));
  let count = 0;
  while (store.undo()) count += 1;
  assert.equal(count, 1000);
});

test("a document that the server has not yet is unsaved, and there is nothing before it", () => {
  const empty = { graphengine: 1, nodes: {} };
  const store = createStore(starter(), { base: empty });
  assert.equal(store.dirty, true);
  assert.equal(store.undo(), false);
  assert.equal(save(store.get()), save(starter()));
});
