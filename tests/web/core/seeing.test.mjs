/** Pictures in their frame, and whether a node does the same in two documents. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { sameWork } from "../../../web/js/core/same_work.js";
import { actual, FITTING, panned, zoomed } from "../../../web/js/core/zoom.js";

const frame = [400, 300];
const at = ({ x, y, zoom }, [px, py]) => [(px - x) / zoom, (py - y) / zoom]; // the point of the picture that lies there

test("zooming keeps the point under the pointer, and going back fits the frame again", () => {
  let view = FITTING;
  const point = [130, 220];
  for (const factor of [1.5, 2, 3, 0.7]) {
    const before = at(view, point);
    view = zoomed(view, factor, point, frame);
    at(view, point).forEach((side, index) => assert.ok(Math.abs(side - before[index]) < 1e-9));
  }
  assert.deepEqual(zoomed(view, 1e-6, [10, 10], frame), FITTING);
  assert.equal(zoomed(view, 1e9, [10, 10], frame).zoom, 64);
});

test("a picture cannot be moved out of its frame, and one smaller than that lies in its middle", () => {
  const near = zoomed(FITTING, 2, [0, 0], frame);
  assert.deepEqual(panned(near, 1e6, 1e6, frame), { x: 0, y: 0, zoom: 2 });
  assert.deepEqual(panned(near, -1e6, -1e6, frame), { x: -400, y: -300, zoom: 2 });
  assert.deepEqual(zoomed(FITTING, 0.25, [9, 9], frame, 0.5), { x: 100, y: 75, zoom: 0.5 });
});

test("at its actual size a pixel of a picture is one of the page", () => {
  assert.equal(actual([4000, 3000], frame), 10);
  assert.equal(actual([200, 10], frame), 0.5);
});

const link = (node) => ({ link: { node, output: "out" } });
const work = (steps = 20) => ({
  nodes: {
    load: { kind: "Load", inputs: { file: "a" } },
    sample: { kind: "Sample", inputs: { model: link("load"), steps } },
    save: { kind: "Save", inputs: { image: link("sample") } },
    aside: { kind: "Load", inputs: {} },
  },
});

test("a node does the same where it and all above it are alike, whatever else differs", () => {
  const other = work(8);
  other.nodes.aside.inputs.file = "b";
  other.nodes.sample.title = "Mine";
  assert.ok(sameWork(work(), other, "load"));
  assert.ok(!sameWork(work(), other, "sample"));
  assert.ok(!sameWork(work(), other, "save"));
  assert.ok(sameWork(work(8), other, "save"));
  assert.ok(!sameWork(work(), other, "nobody"));
});

test("muting, another kind and another link are other work; a loop comes to an end", () => {
  for (const change of [{ mode: "muted" }, { kind: "Other" }, { inputs: { model: link("aside"), steps: 20 } }]) {
    const other = work();
    Object.assign(other.nodes.sample, change);
    assert.ok(!sameWork(work(), other, "save"));
  }
  const loop = { nodes: { one: { kind: "A", inputs: { in: link("two") } }, two: { kind: "B", inputs: { in: link("one") } } } };
  assert.ok(sameWork(loop, structuredClone(loop), "one"));
});
