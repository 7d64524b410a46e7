/** A few kinds with all that ports can be, and a document made of them; chance that comes out the same each time. */

import { createKinds } from "../../../web/js/core/kinds.js";

const seed = { name: "seed", type: "INT", default: 0, low: 0, high: 2 ** 64, seed: true };

const nodes = {
  Load: {
    inputs: [{ name: "file", type: "COMBO", source: "checkpoints", required: true }],
    outputs: [{ name: "model", type: "MODEL" }, { name: "clip", type: "CLIP" }, { name: "vae", type: "VAE" }],
    title: "Load Checkpoint",
    category: "loaders",
  },
  Encode: {
    inputs: [{ name: "clip", type: "CLIP", required: true }, { name: "text", type: "STRING", default: "", multiline: true }],
    outputs: [{ name: "conditioning", type: "CONDITIONING" }],
    title: "Encode Text",
    category: "conditioning",
  },
  KSampler: {
    inputs: [
      { name: "model", type: "MODEL", required: true },
      { name: "positive", type: "CONDITIONING", required: true },
      { name: "negative", type: "CONDITIONING", required: true },
      { name: "latent", type: "LATENT", required: true },
      seed,
      { name: "steps", type: "INT", default: 20, low: 1, high: 10000 },
      { name: "cfg", type: "FLOAT", default: 8, low: 0, high: 100, step: 0.1 },
      { name: "sampler", type: "COMBO", default: "euler", choices: ["euler", "heun"] },
    ],
    outputs: [{ name: "latent", type: "LATENT" }],
    category: "sampling",
  },
  KSamplerAdvanced: {
    inputs: [
      { name: "model", type: "MODEL", required: true },
      { name: "positive", type: "CONDITIONING", required: true },
      { name: "negative", type: "CONDITIONING", required: true },
      { name: "latent_image", type: "LATENT", required: true },
      { name: "steps", type: "INT", default: 20 },
      { name: "cfg", type: "FLOAT", default: 8 },
      { name: "sampler", type: "COMBO", default: "lcm", choices: ["lcm"] },
    ],
    outputs: [{ name: "samples", type: "LATENT" }],
    title: "KSampler (Advanced)",
    category: "sampling",
  },
  Empty: {
    inputs: [{ name: "width", type: "INT", default: 512 }, { name: "height", type: "INT", default: 512 }],
    outputs: [{ name: "latent", type: "LATENT" }],
    title: "Empty Latent",
    category: "latent",
  },
  Decode: {
    inputs: [{ name: "samples", type: "LATENT", required: true }, { name: "vae", type: "VAE", required: true }],
    outputs: [{ name: "image", type: "IMAGE" }],
    title: "VAE Decode",
    category: "latent",
  },
  ToLatent: {
    inputs: [{ name: "image", type: "IMAGE", required: true }],
    outputs: [{ name: "latent", type: "LATENT" }],
    title: "Image to Latent",
    category: "latent",
  },
  Scale: {
    inputs: [{ name: "image", type: "IMAGE", required: true }, { name: "by", type: "FLOAT", default: 2 }],
    outputs: [{ name: "image", type: "IMAGE" }],
    title: "Scale Image",
    category: "image",
  },
  Reroute: {
    inputs: [{ name: "value", type: "~T", required: true, link_only: true }],
    outputs: [{ name: "value", type: "~T" }],
    category: "wires",
  },
  Batch: {
    inputs: [{ name: "picture", type: "IMAGE", variadic: true }, { name: "columns", type: "INT", default: 2 }],
    outputs: [{ name: "image", type: "IMAGE" }],
    title: "Batch",
    category: "image",
  },
  LoadImage: {
    inputs: [{ name: "image", type: "COMBO", source: "input", required: true }],
    outputs: [{ name: "image", type: "IMAGE" }, { name: "mask", type: "MASK" }],
    title: "Load Image",
    category: "image",
  },
  Save: {
    inputs: [{ name: "images", type: "IMAGE", required: true }, { name: "prefix", type: "STRING", default: "picture" }],
    outputs: [],
    title: "Save Image",
    category: "image",
    output: true,
  },
  Show: {
    inputs: [{ name: "source", type: "*", required: true, link_only: true }],
    outputs: [],
    title: "Show Anything",
    category: "wires",
    output: true,
  },
};

export const catalogue = {
  nodes: Object.fromEntries(Object.entries(nodes).map(([kind, rest]) => [kind, { kind, pack: "test", ...rest }])),
  types: { IMAGE: { color: "#64b5f6", help: "Pictures.", family: false } },
};

export const kinds = createKinds(catalogue);

/** An input's link. */
export const link = (node, output) => ({ link: { node, output } });

/** Text to picture, placed. */
export const starter = () => ({
  graphengine: 1,
  nodes: {
    load: { kind: "Load", inputs: { file: "tiny.safetensors" } },
    good: { kind: "Encode", title: "Prompt", inputs: { clip: link("load", "clip"), text: "a red circle" } },
    bad: { kind: "Encode", inputs: { clip: link("load", "clip"), text: "" } },
    empty: { kind: "Empty", inputs: { width: 128 } },
    sample: {
      kind: "KSampler",
      inputs: {
        model: link("load", "model"),
        positive: link("good", "conditioning"),
        negative: link("bad", "conditioning"),
        latent: link("empty", "latent"),
        steps: 8,
      },
    },
    decode: { kind: "Decode", inputs: { samples: link("sample", "latent"), vae: link("load", "vae") } },
    save: { kind: "Save", inputs: { images: link("decode", "image") } },
  },
  interface: {
    inputs: { prompt: [{ node: "good", input: "text" }], seed: [{ node: "sample", input: "seed" }] },
    outputs: { image: { node: "decode", output: "image" } },
  },
  layout: {
    nodes: {
      load: { pos: [0, 100] },
      good: { pos: [300, 0] },
      bad: { pos: [300, 240] },
      empty: { pos: [300, 480] },
      sample: { pos: [700, 100], size: [260, 300] },
      decode: { pos: [1040, 100] },
      save: { pos: [1340, 100] },
    },
    groups: [{ title: "Texts", bounding: [280, -80, 380, 520], color: "#3f789e" }],
  },
});

/** Numbers from 0 to 1 that a seed gives (mulberry32). */
export function chanceOf(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit) => Math.floor(next() * limit);
  return { next, below, of: (items) => items[below(items.length)], some: (items, part) => items.filter(() => next() < part) };
}
