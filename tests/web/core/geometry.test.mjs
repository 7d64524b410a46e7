import assert from "node:assert/strict";
import { test } from "node:test";
import { nodeIds, wires } from "../../../web/js/core/document.js";
import { addNode, collapse, resizeNode } from "../../../web/js/core/edits.js";
import * as geometry from "../../../web/js/core/geometry.js";
import { laidOut, layered } from "../../../web/js/core/layering.js";
import { HEADER, INSET, portHeight } from "../../../web/js/core/shapes.js";
import { chanceOf, kinds, link, starter } from "./fixtures.mjs";
import { randomEdit } from "./random_edits.mjs";

const { boxOf, boxesOf, overlap, shapeOf, wireBox, wireDistance, wirePoint } = geometry;

test("every port lies inside its node's box, and no two inputs at one place", () => {
  for (let seed = 0; seed < 100; seed += 1) {
    const chance = chanceOf(seed);
    let document = starter();
    for (let step = 0; step < 20; step += 1) ({ document } = randomEdit(document, chance));
    for (const id of nodeIds(document)) {
      const { width, height, inputs, outputs, collapsed, view } = shapeOf(document, kinds, id);
      for (const row of [...inputs, ...outputs]) assert.ok(portHeight(row) > 0 && portHeight(row) < height);
      const places = new Set(inputs.map(portHeight));
      if (!collapsed) assert.equal(places.size, inputs.length);
      if (view) assert.ok(view.y + view.height <= height);
      assert.ok(width >= 160 && height >= HEADER);
    }
  }
});

test("rows of a node do not overlap, and fill it to its foot", () => {
  const big = resizeNode(starter(), "good", [500, 600]);
  const { height, inputs } = shapeOf(big, kinds, "good");
  assert.equal(height, 632);
  inputs.slice(1).forEach((row, index) => assert.ok(row.y >= inputs[index].y + inputs[index].height));
  assert.ok(inputs.at(-1).height > 500); // the text takes the room
  const sampler = resizeNode(starter(), "sample", [500, 900]);
  assert.ok(shapeOf(sampler, kinds, "sample").height < 400); // nothing in it could use the room
});

test("nodes of one kind and size share one shape", () => {
  const document = starter();
  assert.equal(shapeOf(document, kinds, "good"), shapeOf(document, kinds, "bad"));
});

test("the curve runs from end to end within its box, and its distance is that of its nearest point", () => {
  const chance = chanceOf(3);
  const point = () => [chance.below(2000) - 1000, chance.below(2000) - 1000];
  for (let count = 0; count < 200; count += 1) {
    const [from, to, other] = [point(), point(), point()];
    assert.deepEqual([wirePoint(from, to, 0), wirePoint(from, to, 1)], [from, to]);
    const points = Array.from({ length: 2001 }, (_, part) => wirePoint(from, to, part / 2000));
    for (const at of points) assert.ok(geometry.holds(geometry.inflated(wireBox(from, to), 1e-6), at));
    const nearest = Math.min(...points.map(([x, y]) => Math.hypot(x - other[0], y - other[1])));
    assert.ok(Math.abs(wireDistance(from, to, other) - nearest) < 1);
    assert.equal(wireDistance(from, to, other, 20) === Infinity || nearest < 2000, true);
    assert.ok(wireDistance(from, to, points[700], 5) < 5);
  }
});

test("a cut goes through a wire that it crosses, and through no other", () => {
  assert.equal(geometry.wireCrosses([0, 0], [400, 0], [[200, -50], [200, 50]]), true);
  assert.equal(geometry.wireCrosses([0, 0], [400, 0], [[200, 10], [200, 50]]), false);
  assert.equal(geometry.wireCrosses([0, 0], [400, 200], [[0, 190], [150, 190]]), false);
});

test("an automatic layout stands every node right of its sources, and none on another", () => {
  for (let seed = 0; seed < 60; seed += 1) {
    const chance = chanceOf(seed);
    let document = starter();
    for (let step = 0; step < 30; step += 1) ({ document } = randomEdit(document, chance));
    const { layout: _layout, ...bare } = document;
    const laid = laidOut(bare, kinds);
    const boxes = boxesOf(laid, kinds);
    for (const { from, to } of wires(laid)) {
      assert.ok(boxes[from.node].x + boxes[from.node].width < boxes[to.node].x);
    }
    const all = Object.values(boxes);
    all.forEach((one, index) => all.slice(index + 1).forEach((other) => assert.ok(!overlap(one, other))));
    assert.equal(laidOut(laid, kinds), laid);
  }
});

test("what is placed stays where it is when the rest gets its place", () => {
  const { document, id } = addNode(starter(), "Scale");
  const { [id]: _place, ...nodes } = document.layout.nodes;
  const laid = laidOut({ ...document, layout: { ...document.layout, nodes } }, kinds);
  assert.deepEqual(laid.layout.nodes.load, starter().layout.nodes.load);
  const boxes = boxesOf(laid, kinds);
  for (const other of nodeIds(laid)) if (other !== id) assert.ok(!overlap(boxes[id], boxes[other]));
});

test("circles and wires to nodes that are not there do not disturb the layout", () => {
  const nodes = {
    a: { kind: "Scale", inputs: { image: link("b", "image") } },
    b: { kind: "Scale", inputs: { image: link("a", "image") } },
    c: { kind: "Scale", inputs: { image: link("gone", "image") } },
  };
  assert.deepEqual(Object.keys(layered({ graphengine: 1, nodes }, kinds)).sort(), ["a", "b", "c"]);
});

test("a thousand nodes are laid out in well under a second of work", () => {
  const nodes = {};
  for (let count = 0; count < 1000; count += 1) {
    const inputs = count < 25 ? {} : { image: link(`n${count - 25 + (count % 3)}`, "image") };
    nodes[`n${count}`] = { kind: "Scale", inputs };
  }
  const start = process.cpuUsage();
  laidOut({ graphengine: 1, nodes }, kinds);
  const { user } = process.cpuUsage(start);
  assert.ok(user < 1e6, `${user} µs`);
});
