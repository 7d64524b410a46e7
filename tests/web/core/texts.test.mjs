import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import test from "node:test";

import { en } from "../../../web/js/text/en.js";
import { zh } from "../../../web/js/text/zh.js";

const PAGE = new URL("../../../web/js/", import.meta.url);
const sources = readdirSync(PAGE, { recursive: true })
  .filter((name) => String(name).endsWith(".js"))
  .map((name) => readFileSync(new URL(String(name), PAGE), "utf8"));

test("every text that the page asks for by its whole key is there, in both languages", () => {
  const asked = sources.flatMap((source) => [...source.matchAll(/\btexts?\("([a-z]+\.[\w.]+)"/g)].map(([, key]) => key));
  assert.ok(asked.length > 100);
  assert.deepEqual(asked.filter((key) => !Object.hasOwn(en, key)), []);
  assert.deepEqual(Object.keys(zh).sort(), Object.keys(en).sort());
});

test("every command has a name that people can read", () => {
  const commands = sources.flatMap((source) => [...source.matchAll(/"(command\.[\w.]+)"/g)].map(([, key]) => key));
  for (const tint of ["red", "orange", "green", "blue", "violet"]) commands.push(`command.tint.${tint}`);
  assert.deepEqual(commands.filter((key) => !Object.hasOwn(en, key)), []);
});
