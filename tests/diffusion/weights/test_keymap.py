import gzip
import json
from pathlib import Path

import pytest

from graphengine.diffusion.weights.keymap import (
    AUTOENCODER_DIFFUSERS,
    CLIP_FLAT,
    CONTROLNET_DIFFUSERS,
    UNET_DIFFUSERS,
)

MANIFESTS = Path(__file__).parents[2] / "data" / "manifests"


def manifest(name, prefix=""):
    shapes = json.loads(gzip.decompress((MANIFESTS / f"{name}.json.gz").read_bytes()))
    return {key.removeprefix(prefix): tuple(shape) for key, shape in shapes.items() if key.startswith(prefix)}


def squeezed(shape):
    return shape[:2] if shape[2:] == (1, 1) else shape


@pytest.mark.parametrize(
    ("key_map", "ours", "prefix", "theirs"),
    [
        (UNET_DIFFUSERS, "sd1-inference", "model.diffusion_model.", "diffusers-sd15-unet"),
        (UNET_DIFFUSERS, "sd2-v", "model.diffusion_model.", "diffusers-sd21-unet"),
        (AUTOENCODER_DIFFUSERS, "sd1-inference", "first_stage_model.", "diffusers-sd-vae"),
        (CONTROLNET_DIFFUSERS, "controlnet-sd15", "control_model.", "diffusers-controlnet-sd15"),
        (CONTROLNET_DIFFUSERS, "controlnet-sd21", "control_model.", "diffusers-controlnet-sd21"),
    ],
)
def test_published_files_of_two_layouts_map_one_to_one_onto_each_other(key_map, ours, prefix, theirs):
    native, foreign = manifest(ours, prefix), manifest(theirs)
    there, back = key_map.to_native(foreign), key_map.from_native(native)
    assert set(there.values()) == native.keys() and len(set(there.values())) == len(foreign)
    assert set(back.values()) == foreign.keys()
    assert all(back[there[name]] == name for name in foreign)
    assert all(squeezed(native[there[name]]) == squeezed(shape) for name, shape in foreign.items())


def test_a_unet_of_two_levels_and_one_block_maps_both_ways():
    names = [
        "input_blocks.0.0.weight",
        "input_blocks.1.0.in_layers.0.weight",
        "input_blocks.1.1.norm.weight",
        "input_blocks.2.0.op.weight",
        "input_blocks.3.0.emb_layers.1.bias",
        "output_blocks.0.0.skip_connection.weight",
        "output_blocks.1.1.conv.weight",
        "output_blocks.2.1.norm.weight",
        "output_blocks.3.0.out_layers.3.weight",
    ]
    assert list(UNET_DIFFUSERS.from_native(names).values()) == [
        "conv_in.weight",
        "down_blocks.0.resnets.0.norm1.weight",
        "down_blocks.0.attentions.0.norm.weight",
        "down_blocks.0.downsamplers.0.conv.weight",
        "down_blocks.1.resnets.0.time_emb_proj.bias",
        "up_blocks.0.resnets.0.conv_shortcut.weight",
        "up_blocks.0.upsamplers.0.conv.weight",
        "up_blocks.1.attentions.0.norm.weight",
        "up_blocks.1.resnets.1.conv2.weight",
    ]
    back = UNET_DIFFUSERS.to_native(list(UNET_DIFFUSERS.from_native(names).values()))
    assert list(back.values()) == names


def test_old_names_of_the_autoencoder_s_attention_are_understood():
    old = {"query": "q", "key": "k", "value": "v", "proj_attn": "proj_out"}
    names = [f"encoder.mid_block.attentions.0.{name}.weight" for name in old]
    expected = [f"encoder.mid.attn_1.{name}.weight" for name in old.values()]
    assert list(AUTOENCODER_DIFFUSERS.to_native(names).values()) == expected


def test_text_towers_without_the_outer_level_get_it_back():
    name = "encoder.layers.0.mlp.fc1.weight"
    assert CLIP_FLAT.to_native([name]) == {name: f"text_model.{name}"}
    assert CLIP_FLAT.from_native([f"text_model.{name}"]) == {f"text_model.{name}": name}
