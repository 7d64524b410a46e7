import assert from "node:assert/strict";
import { test } from "node:test";
import { Exact, float, integer, keysOf, ordered, parse, same, write } from "../../../web/js/core/json.js";
import { emptyDocument, load, nodeIds, save } from "../../../web/js/core/document.js";

const refusal = (code) => (error) => error.name === "Refused" && error.code === code;

test("numbers keep their text: seeds of 64 bits, floats that are whole, small ones", () => {
  const text = "[\n 18446744073709551615,\n 4.0,\n 4,\n 1e-07,\n 1e+16,\n -0.0,\n 0.1\n]\n";
  assert.equal(write(parse(text)), text);
});

test("an exact number counts like a number", () => {
  const [seed, cfg] = parse("[18446744073709551615, 4.0]");
  assert.ok(seed instanceof Exact);
  assert.equal(cfg * 2 + 1, 9);
  assert.ok(cfg > 3);
  assert.equal(`${seed}`, "18446744073709551615");
  assert.equal(same(cfg, 4), false); // a whole number is another value to the server
});

test("numbers of the editor become those of the server", () => {
  assert.equal(write([float(4), float(0.5), float(1e-7), integer("18446744073709551615"), integer(7), 1e21]), "[\n 4.0,\n 0.5,\n 1e-07,\n 18446744073709551615,\n 7,\n 1e+21\n]\n");
  assert.throws(() => write(NaN), refusal("not_finite"));
});

test("keys stay in order, also those that JavaScript would sort, and through spreads", () => {
  const object = parse('{"7": 1, "b": 2, "3": 3}');
  assert.deepEqual(keysOf(object), ["7", "b", "3"]);
  assert.deepEqual(keysOf({ ...object, new: 4 }), ["7", "b", "3", "new"]);
  const { 7: _gone, ...rest } = object;
  assert.deepEqual(keysOf(rest), ["b", "3"]);
  assert.equal(write(ordered([["2", 0], ["1", 0]])), '{\n "2": 0,\n "1": 0\n}\n');
});

test("names of JavaScript's own are only names", () => {
  const text = '{\n "__proto__": {\n  "x": 1\n },\n "constructor": 2\n}\n';
  assert.equal(write(parse(text)), text);
  assert.equal({}.x, undefined);
});

test("what is not JSON is refused with its place", () => {
  for (const text of ["", "{", "[1,]", "{'a': 1}", "01", "1.", "+1", "NaN", "1e999", '"a\nb"', "[1] 2", '"\\x"', "tru"]) {
    assert.throws(() => parse(text), refusal("not_json"), text);
  }
  assert.throws(() => parse('{\n  "a": x}'), (error) => error.details.line === 2 && error.details.column === 8);
  assert.throws(() => parse('{"a": 1, "a": 2}'), refusal("double_name"));
  assert.throws(() => parse("[".repeat(65) + "]".repeat(65)), refusal("too_deep"));
  assert.equal(parse("[".repeat(64) + "]".repeat(64)).length, 1);
});

test("a document that is none is refused with words", () => {
  assert.throws(() => load("[]"), refusal("not_workflow"));
  assert.throws(() => load('{"nodes": {}}'), refusal("not_workflow"));
  assert.throws(() => load('{"graphengine": 2}'), refusal("newer"));
  assert.throws(() => load('{"graphengine": 1, "nodes": {"a": {"kind": ""}}}'), refusal("bad_node"));
  assert.throws(() => load('{"graphengine": 1, "nodes": {"a": {"kind": "K", "inputs": {"x": {}}}}}'), refusal("bad_input"));
});

test("a document's unknown fields stay, and what has its default goes", () => {
  const text = '{"extra": [1], "nodes": {"a": {"x": 1, "mode": "on", "title": "", "inputs": {}, "kind": "K", "version": 1}}, "graphengine": 1}';
  assert.equal(
    save(load(text)),
    '{\n "graphengine": 1,\n "nodes": {\n  "a": {\n   "kind": "K",\n   "inputs": {},\n   "x": 1\n  }\n },\n "extra": [\n  1\n ]\n}\n',
  );
  assert.deepEqual(nodeIds(emptyDocument()), []);
});
