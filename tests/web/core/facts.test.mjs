import assert from "node:assert/strict";
import test from "node:test";

import { changedFacts, factsAt, factText } from "../../../web/js/core/facts.js";

const KNOWN = { "known.size": "{width}×{height}", "family.sd1": "SD 1" };
const texts = (key, values = {}) => (KNOWN[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name]);

test("a fact is told in a word or two, and a family that nobody has a word for by its name", () => {
  assert.equal(factText({ size: [1024, 768] }, texts), "1024×768");
  assert.equal(factText({ family: "sd1" }, texts), "SD 1");
  assert.equal(factText({ family: "mine" }, texts), "mine");
  assert.equal(factText({ size: [8, 8], family: "sd1" }, texts), "8×8 · SD 1");
  assert.equal(factText({}, texts), "");
  assert.equal(factText(undefined, texts), "");
});

test("a sub-workflow shows what is known of the nodes in it", () => {
  const facts = { a: { image: { size: [1, 1] } }, "a:b": { image: { size: [2, 2] } }, "a:b:c": { image: { size: [3, 3] } }, "ab:b": {} };
  assert.equal(factsAt(facts, ""), facts);
  assert.deepEqual(factsAt(facts, "a:"), { b: { image: { size: [2, 2] } }, "b:c": { image: { size: [3, 3] } } });
  assert.deepEqual(factsAt(facts, "a:b:"), { c: { image: { size: [3, 3] } } });
});

test("only nodes of which something else is known have changed", () => {
  const before = { same: { image: { size: [1, 1] } }, other: { image: { size: [1, 1] } }, gone: { model: { family: "sd1" } } };
  const now = { same: { image: { size: [1, 1] } }, other: { image: { size: [1, 2] } }, come: { model: { family: "sd1" } } };
  assert.deepEqual(changedFacts(before, now).sort(), ["come", "gone", "other"]);
  assert.deepEqual(changedFacts(now, now), []);
});
