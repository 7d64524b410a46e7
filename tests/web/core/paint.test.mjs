import assert from "node:assert/strict";
import { test } from "node:test";
import { createHistory } from "../../../nodes/image/web/history.js";
import { createMask } from "../../../nodes/image/web/mask.js";

const HARD = { hardness: 1, erase: false };
const sum = ({ cover }) => cover.reduce((all, value) => all + value, 0) / 255;
const dab = (x, y, radius) => ({ x, y, radius });

test("a hard stroke covers the area of its outline", () => {
  for (const [from, to] of [
    [dab(60, 50, 20), dab(60, 50, 20)],
    [dab(40, 50, 20), dab(120, 80, 20)],
    [dab(30.3, 40.7, 7.5), dab(101.9, 44.2, 7.5)],
  ]) {
    const mask = createMask(200, 140);
    mask.stroke(from, to, HARD);
    const length = Math.hypot(to.x - from.x, to.y - from.y);
    const area = Math.PI * from.radius ** 2 + 2 * from.radius * length;
    assert.ok(Math.abs(sum(mask) / area - 1) < 0.01, `${sum(mask)} of ${area}`);
  }
});

test("a soft stroke falls off from the hard part to the radius, and covers half on the way", () => {
  const mask = createMask(101, 101);
  mask.stroke(dab(50.5, 50.5, 40), dab(50.5, 50.5, 40), { hardness: 0.5, erase: false });
  const along = (distance) => mask.cover[50 * 101 + 50 + distance];
  assert.equal(along(20), 255);
  assert.ok(Math.abs(along(30) - 128) < 15);
  assert.equal(along(41), 0);
  for (let at = 0; at < 45; at += 1) assert.ok(along(at + 1) <= along(at));
});

test("in one stroke or in many pieces, once or twice: it covers the same", () => {
  const [once, pieces] = [createMask(160, 80), createMask(160, 80)];
  const brush = { hardness: 0.3, erase: false };
  once.stroke(dab(20, 40, 15), dab(140, 40, 15), brush);
  for (let x = 20; x < 140; x += 1) pieces.stroke(dab(x, 40, 15), dab(x + 1, 40, 15), brush);
  assert.deepEqual(pieces.cover, once.cover);
  once.stroke(dab(20, 40, 15), dab(140, 40, 15), brush);
  assert.deepEqual(pieces.cover, once.cover);
});

test("erasing from a full mask leaves what painting an empty one covers, inverted", () => {
  const [painted, erased] = [createMask(90, 90), createMask(90, 90)];
  erased.fill(255);
  painted.stroke(dab(20, 20, 12), dab(60, 70, 25), { hardness: 0.6, erase: false });
  erased.stroke(dab(20, 20, 12), dab(60, 70, 25), { hardness: 0.6, erase: true });
  erased.invert();
  assert.deepEqual(erased.cover, painted.cover);
});

test("strokes over the edge and outside touch what is inside alone", () => {
  const mask = createMask(30, 20);
  assert.deepEqual(mask.stroke(dab(-200, -200, 10), dab(-150, -180, 10), HARD).width, 0);
  mask.stroke(dab(-5, 10, 10), dab(400, 10, 10), HARD);
  assert.equal(mask.cover[10 * 30 + 29], 255);
  assert.equal(mask.cover.length, 600);
});

test("undo and redo go through every state, whatever was done", () => {
  const mask = createMask(64, 48);
  const history = createHistory(mask);
  const states = [mask.cover.slice()];
  const acts = [
    () => mask.stroke(dab(10, 10, 6), dab(50, 30, 9), HARD),
    () => mask.invert(),
    () => mask.stroke(dab(30, 30, 20), dab(30, 30, 20), { hardness: 0, erase: true }),
    () => mask.fill(255),
    () => mask.fill(0),
  ];
  for (const act of acts) {
    history.keep(act());
    states.push(mask.cover.slice());
  }
  history.keep(mask.fill(0)); // changes nothing: no step
  for (let at = acts.length - 1; at >= 0; at -= 1) {
    history.undo();
    assert.deepEqual(mask.cover, states[at]);
  }
  assert.equal(history.undo(), undefined);
  for (const state of states.slice(1)) {
    history.redo();
    assert.deepEqual(mask.cover, state);
  }
  history.undo();
  history.keep(mask.invert());
  assert.equal(history.canRedo, false);
});

test("a stroke that was none after all leaves nothing, and the oldest steps go when they take too much", () => {
  const mask = createMask(20, 20);
  const history = createHistory(mask, 2000); // of 800 bytes a step
  history.drop(mask.stroke(dab(5, 5, 3), dab(9, 9, 3), HARD));
  assert.equal(sum(mask), 0);
  for (let at = 0; at < 5; at += 1) history.keep(mask.invert());
  let steps = 0;
  while (history.undo()) steps += 1;
  assert.equal(steps, 2);
});
