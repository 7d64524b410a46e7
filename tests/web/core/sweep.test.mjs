import assert from "node:assert/strict";
import { test } from "node:test";
import { inputOf, nodeOf } from "../../../web/js/core/document.js";
import { parse, write } from "../../../web/js/core/json.js";
import { MOST_VARIANTS, countOf, nodeRuns, variantsOf } from "../../../web/js/core/sweep.js";
import { cellOf, gridsOf, labelsOf } from "../../../web/js/core/sweep_grid.js";
import { valuesOf } from "../../../web/js/core/sweep_values.js";
import { kinds, starter } from "./fixtures.mjs";

const port = (input, node = "sample") => kinds.inputOf(nodeOf(starter(), node), input, starter());
const written = (text, input, node, given) => valuesOf(text, port(input, node), given).map((value) => write(value).trim());
const refusal = (text, input, node, given) => {
  try {
    valuesOf(text, port(input, node), given);
  } catch (error) {
    return error.code;
  }
  return undefined;
};

test("numbers come as lists and as ranges, up, down, and in steps", () => {
  assert.deepEqual(written("8 | 12|20", "steps"), ["8", "12", "20"]);
  assert.deepEqual(written("8,12, 20", "steps"), ["8", "12", "20"]);
  assert.deepEqual(written("1..10 step 2", "steps"), ["1", "3", "5", "7", "9"]);
  assert.deepEqual(written("4..2", "steps"), ["4", "3", "2"]);
  assert.deepEqual(written("1..2 by 0,25", "cfg"), ["1.0", "1.25", "1.5", "1.75", "2.0"]);
  assert.deepEqual(written("0.1..0.3 step 0.1", "cfg"), ["0.1", "0.2", "0.3"]);
  assert.deepEqual(written("1,5; 2,5", "cfg"), ["1.5", "2.5"]);
  assert.deepEqual(written("1,2,3", "cfg"), ["1.0", "2.0", "3.0"]);
  assert.deepEqual(written("2*4 | 20..21 | 8", "steps"), ["8", "20", "21"]);
});

test("seeds keep every digit, and may be drawn", () => {
  assert.deepEqual(written("18446744073709551615 | 1", "seed"), ["18446744073709551615", "1"]);
  let drawn = 0;
  assert.deepEqual(written("3 random | 7", "seed", "sample", { random: () => (drawn += 11) }), ["11", "22", "33", "7"]);
});

test("choices are found by what begins like them, texts are taken as they are, switches are on and off", () => {
  assert.deepEqual(valuesOf("heu | euler", port("sampler")), ["heun", "euler"]);
  assert.deepEqual(valuesOf("all", port("sampler")), ["euler", "heun"]);
  assert.deepEqual(valuesOf("b, a", port("file", "load"), { choices: ["a.ckpt", "b.ckpt"] }), ["b.ckpt", "a.ckpt"]);
  assert.deepEqual(valuesOf("a red, round ball | a cat", port("text", "good")), ["a red, round ball", "a cat"]);
  const flag = { name: "flag", type: "BOOLEAN" };
  assert.deepEqual(valuesOf("all", flag), [true, false]);
  assert.deepEqual(valuesOf("off", flag), [false]);
});

test("what cannot be read is refused with the reason", () => {
  const cases = [["", "steps", "no_values"], [" | ", "steps", "no_values"], ["many", "steps", "no_number"], ["1/0", "cfg", "not_finite"],
    ["0 | 5", "steps", "too_low"], ["5..20000 step 9999", "steps", "too_high"], ["0..1 step 0", "cfg", "no_step"],
    ["0.2..0.8", "cfg", "no_step"], ["1..9 step 0.5", "steps", "no_step"], ["5 random", "steps", "no_random"],
    ["zzzz", "sampler", "no_choice"], ["1..101", "steps", "too_many_values"], ["1..1e300", "steps", "too_many_values"],
    ["999 random", "seed", "too_many_values"]];
  for (const [text, input, code] of cases) assert.equal(refusal(text, input), code, text);
});

const axes = [
  { node: "sample", input: "steps", values: [4, 8, 12] },
  { node: "good", input: "text", values: ["a cat", "a dog"] },
];

test("each variant has its values and nothing else changed, and what is near the sources changes least often", () => {
  const before = parse(write(starter()));
  const all = variantsOf(before, axes);
  assert.equal(countOf(axes), 6);
  assert.deepEqual(all.map(({ at }) => at), [[0, 0], [1, 0], [2, 0], [0, 1], [1, 1], [2, 1]]);
  for (const { at, document } of all) {
    assert.equal(inputOf(nodeOf(document, "sample"), "steps"), axes[0].values[at[0]]);
    assert.equal(inputOf(nodeOf(document, "good"), "text"), axes[1].values[at[1]]);
    for (const id of ["load", "bad", "empty", "decode", "save"]) assert.equal(nodeOf(document, id), nodeOf(before, id));
  }
  assert.equal(write(before), write(starter()));
  assert.ok(MOST_VARIANTS >= 100);
});

test("what variants share is counted once, and not at all where its value is there", () => {
  const order = ["load", "good", "bad", "empty", "sample", "decode", "save"];
  const run = Object.fromEntries(order.map((id) => [id, ["new"]]));
  // load, bad, empty once; good twice; sample, decode, save six times
  assert.deepEqual(nodeRuns(starter(), axes, { run, order }), { shared: 3 + 2 + 18, alone: 42 });
  assert.deepEqual(nodeRuns(starter(), axes, { run: { good: [], sample: [], decode: [], save: [] }, order }), { shared: 20, alone: 24 });
});

test("a grid is put together from what its jobs carry, whatever else there is, and again from the newest", () => {
  const job = (id, labels) => ({ id, state: "done", title: "flowers", labels });
  const jobs = variantsOf(starter(), axes).map(({ at }, number) => job(`job ${number}`, labelsOf("s1", axes, at)));
  const again = job("again", labelsOf("s1", axes, [2, 1]));
  const strange = [job("x", {}), job("y", { sweep: "s1", columns: "{" }), job("z", { sweep: "s2", columns: '[1,2,"3"]' })];
  const [grid, ...more] = gridsOf([again, ...strange, ...jobs.reverse()]);
  assert.equal(more.length, 0);
  assert.deepEqual(grid.axes, [
    { node: "sample", input: "steps", values: ["4", "8", "12"] },
    { node: "good", input: "text", values: ["a cat", "a dog"] },
  ]);
  assert.equal(grid.jobs.size, 6);
  assert.equal(grid.jobs.get(cellOf([2, 1])).id, "again");
  assert.equal(grid.jobs.get(cellOf([0, 0])).id, "job 0");
  const long = labelsOf("s", [{ node: "good", input: "text", values: ["word ".repeat(1000)] }], [0]);
  assert.ok(JSON.stringify(long).length < 300);
});
