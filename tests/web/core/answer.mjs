/**
 * What the core answers, for tests in Python: tasks `[name, ...arguments]` as JSON on standard input, answers on output.
 * What is refused is `{"refused": code}`.
 */

import { readFileSync } from "node:fs";
import { copyText, pasteText } from "../../../web/js/core/clipboard.js";
import { ancestors, canonical, descendants, executionOrder, load, nodeIds, save } from "../../../web/js/core/document.js";
import { fold, unfold } from "../../../web/js/core/edits.js";
import { evaluate } from "../../../web/js/core/expression.js";
import { parse, write } from "../../../web/js/core/json.js";
import { createKinds } from "../../../web/js/core/kinds.js";
import { laidOut } from "../../../web/js/core/layering.js";
import { converters, fits, outputType, passingInput } from "../../../web/js/core/types.js";
import { chanceOf } from "./fixtures.mjs";
import { randomEdit } from "./random_edits.mjs";

const { kinds: catalogue, tasks } = JSON.parse(readFileSync(0, "utf8"));
const kinds = createKinds(parse(catalogue));

const named = (ports) => ports.map(({ name, type }) => [name, type]);

const CALLS = {
  save: (text) => save(load(text)),
  rewrite: (text) => write(parse(text)),
  fits,
  evaluate: (text) => String(evaluate(text)),
  converters: (given, wanted) => converters(kinds, given, wanted).map(({ kind }) => kind),
  order: (text) => executionOrder(load(text)),
  ancestors: (text, ids) => [...ancestors(load(text), ids)].sort(),
  descendants: (text, ids) => [...descendants(load(text), ids)].sort(),
  ports: (text) => {
    const document = load(text);
    return nodeIds(document).map((id) => {
      const { inputs, outputs } = kinds.portsOf(document.nodes[id], document);
      return [id, named(inputs), named(outputs)];
    });
  },
  passing: (kind, output, wanted) => passingInput(kinds.portsOf({ kind, inputs: {} }), output, wanted) ?? null,
  outputType: (text, node, output) => outputType(load(text), kinds, { node, output }),
  laidOut: (text) => save(laidOut(load(text), kinds)),
  edited: (text, seed, count) => {
    const chance = chanceOf(seed);
    let document = load(text);
    for (let step = 0; step < count; step += 1) ({ document } = randomEdit(document, chance));
    return save(document);
  },
  fold: (text, ids, name) => {
    const { document, id } = fold(load(text), ids, name);
    return { text: save(document), id };
  },
  unfold: (text, id) => save(unfold(load(text), id).document),
  copied: (text) => {
    const document = load(text);
    return save(pasteText({ graphengine: 1, nodes: {} }, copyText(document, nodeIds(document)), [0, 0]).document);
  },
};

const answers = tasks.map(([name, ...rest]) => {
  try {
    return CALLS[name](...rest);
  } catch (error) {
    if (error.name !== "Refused") throw error;
    return { refused: error.code };
  }
});
process.stdout.write(JSON.stringify(answers));
