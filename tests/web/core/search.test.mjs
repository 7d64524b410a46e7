import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluate, evaluateWhole } from "../../../web/js/core/expression.js";
import { createIndex, createSearch } from "../../../web/js/core/search.js";
import { catalogue } from "./fixtures.mjs";

const found = (titles, query) => createIndex(titles, (title) => ({ strong: [title] }))(query);

test("exact comes before prefix, word start, part of a word, and near misses", () => {
  const titles = ["mystepper", "Big Step", "Stepping", "stxexp", "Step", "other"];
  assert.deepEqual(found(titles, "step"), ["Step", "Stepping", "Big Step", "mystepper", "stxexp"]);
});

test("ties go to what is used more often", () => {
  const uses = { "Step B": 3, "Step A": 1, "Step C": 2 };
  const search = createIndex(Object.keys(uses), (title) => ({ strong: [title] }), (title) => uses[title]);
  assert.deepEqual(search("step"), ["Step B", "Step C", "Step A"]);
  assert.deepEqual(search(""), ["Step B", "Step C", "Step A"]);
});

const search = createSearch(Object.values(catalogue.nodes));
const kindsFor = (query, options) => search(query, options).map(({ kind }) => kind);

test("typing ksamp lists the sampler first", () => {
  assert.deepEqual(kindsFor("ksamp").slice(0, 2), ["KSampler", "KSamplerAdvanced"]);
});

test("titles, kinds, categories, packs and ports are found, what it is called before what it has to do with", () => {
  assert.equal(kindsFor("load checkpoint")[0], "Load");
  assert.equal(kindsFor("ToLat")[0], "ToLatent");
  assert.ok(kindsFor("loaders").includes("Load"));
  assert.ok(kindsFor("mask").includes("LoadImage"));
  assert.equal(kindsFor("test", { limit: 100 }).length, Object.keys(catalogue.nodes).length);
  assert.equal(kindsFor("image")[0], "ToLatent"); // `Image to Latent` begins so; category and ports come after titles
});

test("words are found in any order, and all must be", () => {
  assert.equal(kindsFor("image load")[0], "LoadImage");
  assert.equal(kindsFor("decode vae")[0], "Decode");
  assert.deepEqual(kindsFor("decode nothing"), []);
});

test("a letter wrong, missing, too many or swapped is forgiven", () => {
  for (const query of ["ksmapler", "ksamplr", "ksammpler", "ksanpler"]) assert.equal(kindsFor(query)[0], "KSampler", query);
  assert.deepEqual(kindsFor("zzzz"), []);
});

test("capitals and accents do not matter", () => {
  assert.deepEqual(found(["Café", "ÜBER"], "CAFE"), ["Café"]);
  assert.deepEqual(found(["图像缩放", "Café"], "图像"), ["图像缩放"]);
});

test("only what may be connected is offered when that is asked", () => {
  const only = (kind) => kind.outputs.some(({ type }) => type === "IMAGE");
  assert.deepEqual(kindsFor("load", { only }), ["LoadImage"]);
});

test("three thousand kinds are searched in 50 ms of work", () => {
  const base = Object.values(catalogue.nodes);
  const many = Array.from({ length: 3000 }, (_, count) => {
    const kind = base[count % base.length];
    return { ...kind, kind: `${kind.kind}${count}`, title: `${kind.title || kind.kind} number ${count}` };
  });
  const find = createSearch(many);
  for (const query of ["k", "ksamp", "image load", "smapler", "zzzzzzzz"]) {
    const works = Array.from({ length: 5 }, () => {
      const start = process.cpuUsage();
      find(query);
      return process.cpuUsage(start).user;
    });
    const user = Math.min(...works); // Node's compiler works beside the search, and counts as well
    assert.ok(user < 50_000, `${query}: ${user} µs`);
  }
});

test("what people type as a number is worked out", () => {
  const cases = { "512*2": 1024, "2^10": 1024, "(1+0,5)/3": 0.5, "1,5": 1.5, " 7 ": 7, "10%4": 2, "-7%4": -7 + 8, "6÷3×2": 4, "1e3": 1000 };
  for (const [text, value] of Object.entries(cases)) assert.equal(evaluate(text), value, text);
  assert.throws(() => evaluate("1/0"), (error) => error.code === "not_finite");
  assert.throws(() => evaluate("1+"), (error) => error.code === "no_number" && error.details.text === "1+");
});

test("a whole number keeps all its digits", () => {
  assert.equal(evaluateWhole("18446744073709551615"), 18446744073709551615n);
  assert.equal(evaluateWhole("+12"), 12);
  assert.equal(evaluateWhole("7/2"), 4);
});
