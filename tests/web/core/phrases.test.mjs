import assert from "node:assert/strict";
import { test } from "node:test";
import { inputOf, nodeOf } from "../../../web/js/core/document.js";
import { parse, write } from "../../../web/js/core/json.js";
import { offersFor, placesFor } from "../../../web/js/core/phrases.js";
import { createStore } from "../../../web/js/core/store.js";
import { kinds, starter } from "./fixtures.mjs";

const words = {
  set: ["set"], connect: ["connect", "连接"], disconnect: ["disconnect"], add: ["add"], select: ["select"], frame: ["frame"],
  mute: ["mute"], bypass: ["bypass"], on: ["unmute"], delete: ["delete"], of: ["of", "on", "的"], to: ["to", "到"],
  errors: ["errors"], selection: ["selection"], all: ["all"],
};
const about = (more = {}) => {
  const document = more.document ?? parse(write(starter()));
  return { document, scopes: [document], kinds, selection: [], errors: [], at: [7, 8], words, ...more };
};
const offers = (phrase, more) => offersFor(phrase, about(more));
/** The document after the first offer, made as one step. */
const done = (phrase, more) => {
  const store = createStore(about(more).document);
  store.edit("test", offers(phrase, more)[0].change);
  assert.ok(store.steps.past.length === 1, phrase);
  return store.get();
};
const value = (document, node, input) => write(inputOf(nodeOf(document, node), input)).trim();
const wire = (document, node, input) => Object.values(inputOf(nodeOf(document, node), input).link).join(".");

test("a name and a value set an input, spelt nearly right, with or without a verb", () => {
  for (const phrase of ["steps 30", "steps=30", "set steps to 30", "stpes 15*2", "Steps 30 on ksampler"]) {
    assert.equal(value(done(phrase), "sample", "steps"), "30", phrase);
  }
  assert.equal(value(done("cfg 6,5 on sampler"), "sample", "cfg"), "6.5");
  assert.equal(value(done("cfg 7"), "sample", "cfg"), "7.0");
  assert.equal(value(done("sampler heun"), "sample", "sampler"), '"heun"');
  assert.equal(value(done("text a bowl of fruit"), "good", "text"), '"a bowl of fruit"');
});

test("what several nodes could take is offered for each and for all, for the selected one first", () => {
  const each = offers("text blue", { selection: ["bad"] });
  assert.deepEqual(each.map(({ what, values }) => values.node ?? values.n), ["Encode Text", "Prompt", 2]);
  assert.equal(value(done("text blue on prompt"), "good", "text"), '"blue"');
  const all = each.at(-1).change(starter());
  assert.deepEqual([value(all, "good", "text"), value(all, "bad", "text")], ['"blue"', '"blue"']);
});

test("a value that an input does not take is not offered, nor one where a wire is", () => {
  for (const phrase of ["steps many", "steps 0", "steps 1..3", "sampler zzzz", "latent 4", "nothing 3", "steps"]) assert.deepEqual(offers(phrase), [], phrase);
});

test("ports are connected by the names of both and of their nodes", () => {
  const apart = parse(write(starter()));
  delete apart.nodes.decode.inputs.vae;
  for (const phrase of ["connect vae of loader to decode", "connect loader vae to decode", "连接 vae 到 decode"]) {
    assert.equal(wire(done(phrase, { document: apart }), "decode", "vae"), "load.vae", phrase);
  }
  assert.equal(wire(done("connect to decode", { document: apart, selection: ["load"] }), "decode", "vae"), "load.vae");
  assert.deepEqual(offers("connect decode to loader"), []); // a circle, and nothing fits
  assert.equal(inputOf(nodeOf(done("disconnect vae of decode"), "decode"), "vae"), undefined);
});

test("nodes are added, selected, shown, muted and deleted by name", () => {
  const added = done("add ksampler");
  assert.equal(nodeOf(added, "ksampler").kind, "KSampler");
  assert.deepEqual(added.layout.nodes.ksampler.pos.map(Number), [7, 8]);
  assert.deepEqual(offers("select encode")[0].look, ["good", "bad"]);
  assert.deepEqual(offers("frame errors", { errors: ["decode", "gone"] })[0].look, ["decode"]);
  assert.deepEqual(offers("frame errors"), []);
  assert.deepEqual(offers("select all")[0].look.length, 7);
  assert.equal(nodeOf(done("mute decode"), "decode").mode, "muted");
  assert.equal(nodeOf(done("unmute decode", { document: done("mute decode") }), "decode").mode, undefined);
  assert.equal(nodeOf(done("delete selection", { selection: ["save"] }), "save"), undefined);
  assert.deepEqual(placesFor("zzzz", about()).map(({ look }) => look), []);
  assert.deepEqual(placesFor("ksmapler", about()).map(({ look }) => look), [["sample"]]);
});
