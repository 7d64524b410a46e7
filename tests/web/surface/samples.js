// @ts-check
/** A few kinds like the real ones, and documents made of them. */

const output = (name, type) => ({ name, type });
const link = (name, type, more = {}) => ({ name, type, required: true, link_only: true, ...more });
const number = (name, type, standard, more = {}) => ({ name, type, default: standard, ...more });

const kinds = [
  ["CheckpointLoaderSimple", "Load Checkpoint", [{ name: "ckpt_name", type: "COMBO", choices: ["tiny.safetensors"], default: "tiny.safetensors" }],
    [output("model", "MODEL"), output("clip", "CLIP"), output("vae", "VAE")]],
  ["CLIPTextEncode", "Encode Text", [link("clip", "CLIP"), { name: "text", type: "STRING", multiline: true, default: "" }], [output("conditioning", "CONDITIONING")]],
  ["EmptyLatentImage", "Empty Latent", [number("width", "INT", 512), number("height", "INT", 512), number("batch_size", "INT", 1)], [output("latent", "LATENT")]],
  ["KSampler", "KSampler", [link("model", "MODEL"), link("positive", "CONDITIONING"), link("negative", "CONDITIONING"), link("latent_image", "LATENT"),
    number("seed", "INT", 0, { seed: true }), number("steps", "INT", 20), number("cfg", "FLOAT", 8)], [output("latent", "LATENT")]],
  ["VAEDecode", "VAE Decode", [link("samples", "LATENT"), link("vae", "VAE")], [output("image", "IMAGE")]],
  ["VAEEncode", "VAE Encode", [link("pixels", "IMAGE"), link("vae", "VAE")], [output("latent", "LATENT")]],
  ["SaveImage", "Save Image", [link("images", "IMAGE"), { name: "filename_prefix", type: "STRING", default: "picture" }], [], { output: true }],
  ["InvertImage", "Invert Image", [link("image", "IMAGE")], [output("image", "IMAGE")]],
  ["Mix", "Mix", [link("one", "IMAGE"), link("other", "IMAGE"), number("amount", "FLOAT", 0.5), { name: "mode", type: "COMBO", choices: ["add", "over"], default: "add" },
    { name: "note", type: "STRING", default: "" }], [output("image", "IMAGE"), output("mask", "MASK")]],
  ["LoadImage", "Load Image", [{ name: "image", type: "COMBO", source: "input", default: "" }], [output("image", "IMAGE"), output("mask", "MASK")]],
];

export const catalogue = {
  nodes: Object.fromEntries(kinds.map(([kind, title, inputs, outputs, more = {}]) => [kind, { kind, title, inputs, outputs, category: "test", help: "", ...more }])),
  types: {},
};

const from = (node, output) => ({ link: { node, output } });

export const starter = () => ({
  graphengine: 1,
  nodes: {
    checkpoint: { kind: "CheckpointLoaderSimple", inputs: { ckpt_name: "tiny.safetensors" } },
    positive: { kind: "CLIPTextEncode", title: "Prompt", inputs: { clip: from("checkpoint", "clip"), text: "a red boat on a calm lake, morning fog" } },
    negative: { kind: "CLIPTextEncode", title: "Negative prompt", inputs: { clip: from("checkpoint", "clip"), text: "" } },
    empty: { kind: "EmptyLatentImage", inputs: { width: 768 } },
    sampler: {
      kind: "KSampler",
      inputs: { model: from("checkpoint", "model"), positive: from("positive", "conditioning"), negative: from("negative", "conditioning"), latent_image: from("empty", "latent"), seed: 7 },
    },
    decode: { kind: "VAEDecode", inputs: { samples: from("sampler", "latent"), vae: from("checkpoint", "vae") } },
    save: { kind: "SaveImage", inputs: { images: from("decode", "image") } },
    invert: { kind: "InvertImage", inputs: {} },
  },
  layout: {
    nodes: {
      checkpoint: { pos: [40, 140] },
      positive: { pos: [380, 60] },
      negative: { pos: [380, 320] },
      empty: { pos: [440, 560] },
      sampler: { pos: [780, 120] },
      decode: { pos: [1100, 120] },
      save: { pos: [1400, 120] },
      invert: { pos: [1100, 480] },
    },
    groups: [{ title: "Texts", bounding: [350, -40, 380, 540], color: "green" }],
  },
});

/** Columns of 25 nodes with five inputs each, wired from column to column. */
export function many(count) {
  const [nodes, places] = [{}, {}];
  for (let index = 0; index < count; index += 1) {
    const [column, row] = [Math.floor(index / 25), index % 25];
    const before = (shift) => `n${(column - 1) * 25 + ((row + shift) % 25)}`;
    const inputs = column ? { one: from(before(0), "image"), other: from(before(1), "image") } : {};
    nodes[`n${index}`] = { kind: "Mix", inputs };
    places[`n${index}`] = { pos: [column * 340, row * 260] };
  }
  return { graphengine: 1, nodes, layout: { nodes: places } };
}
