import gzip
import json
from functools import partial
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch.nn import functional as F

from graphengine.diffusion.adapters.lora import read_lora, spellings, with_lora
from graphengine.diffusion.residency import Residency
from graphengine.diffusion.types import Part
from graphengine.diffusion.weights.build import read_weight
from graphengine.diffusion.weights.errors import WeightsError
from graphengine.diffusion.weights.load import load_checkpoint

MANIFESTS = Path(__file__).parents[2] / "data" / "manifests"
TO_Q = "input_blocks.1.1.transformer_blocks.0.attn1.to_q.weight"
CONV = "input_blocks.1.0.in_layers.2.weight"
FC1 = "text_model.encoder.layers.1.mlp.fc1.weight"

read = partial(read_weight, dtype=torch.float32, device=torch.device("cpu"))


@pytest.fixture(scope="module")
def checkpoint(tiny_checkpoint):
    return load_checkpoint(tiny_checkpoint)


def test_every_layer_of_a_published_lora_is_found_in_the_model():
    def names(manifest, prefix=""):
        shapes = json.loads(gzip.decompress((MANIFESTS / f"{manifest}.json.gz").read_bytes()))
        return [name.removeprefix(prefix) for name in shapes if name.startswith(prefix)]

    unet = Part("u", "sd1", None, dict.fromkeys(names("sd1-inference", "model.diffusion_model.")), "u")
    text = dict.fromkeys(names("sd1-inference", "cond_stage_model.transformer."))
    text = Part("t", "sd1", None, text, "t", role="text_encoder")
    layers = {name.partition(".")[0] for name in names("lora_kohya_sd15_rank16")}
    assert len(layers) == 264
    assert layers <= spellings(unet).keys() | spellings(text).keys()


def test_a_merged_layer_computes_what_the_two_small_layers_add(tmp_path, checkpoint):
    """Oracle: torch's own convolutions and linear layers, one after the other."""
    torch.manual_seed(0)
    tensors = {
        "lora_unet_down_blocks_0_resnets_0_conv1.lora_down.weight": torch.randn(2, 8, 3, 3),
        "lora_unet_down_blocks_0_resnets_0_conv1.lora_up.weight": torch.randn(8, 2, 1, 1),
        "lora_unet_down_blocks_0_resnets_0_conv1.alpha": torch.tensor(1.0),
        "lora_te_text_model_encoder_layers_1_mlp_fc1.lora_down.weight": torch.randn(3, 12),
        "lora_te_text_model_encoder_layers_1_mlp_fc1.lora_up.weight": torch.randn(24, 3),
    }
    down, up, _, text_down, text_up = tensors.values()
    save_file(tensors, tmp_path / "lora.safetensors")
    lora = read_lora(tmp_path / "lora.safetensors")
    model, clip = with_lora(checkpoint.model, checkpoint.text_encoder, lora, 0.7, 0.4)

    x, before, after = torch.randn(1, 8, 6, 6), read(checkpoint.model.part, CONV), read(model.part, CONV)
    added = F.conv2d(F.conv2d(x, down, padding=1), up) * 0.7 * (1 / 2)
    torch.testing.assert_close(
        F.conv2d(x, after, padding=1), F.conv2d(x, before, padding=1) + added, atol=1e-4, rtol=1e-4
    )

    x, before, after = torch.randn(5, 12), read(checkpoint.text_encoder.part, FC1), read(clip.part, FC1)
    added = F.linear(F.linear(x, text_down), text_up) * 0.4
    torch.testing.assert_close(F.linear(x, after), F.linear(x, before) + added, atol=1e-4, rtol=1e-4)


def test_a_tucker_core_computes_what_the_three_convolutions_add(tmp_path, checkpoint):
    torch.manual_seed(0)
    name = "lora_unet_down_blocks_0_resnets_0_conv1"
    down, mid, up = torch.randn(2, 8, 1, 1), torch.randn(2, 2, 3, 3), torch.randn(8, 2, 1, 1)
    halves = {f"{name}.lora_down.weight": down, f"{name}.lora_mid.weight": mid, f"{name}.lora_up.weight": up}
    save_file(halves, tmp_path / "lora.safetensors")
    lora = read_lora(tmp_path / "lora.safetensors")
    model, _ = with_lora(checkpoint.model, checkpoint.text_encoder, lora, 1.0, 1.0)
    x = torch.randn(1, 8, 6, 6)
    added = F.conv2d(F.conv2d(F.conv2d(x, down), mid, padding=1), up)
    difference = read(model.part, CONV) - read(checkpoint.model.part, CONV)
    torch.testing.assert_close(F.conv2d(x, difference, padding=1), added, atol=1e-4, rtol=1e-4)


ATTENTION = "down_blocks.0.attentions.0.transformer_blocks.0.attn1"


@pytest.mark.parametrize(
    ("down", "up"),
    [
        (f"unet.{ATTENTION}.to_q.lora_A.weight", f"unet.{ATTENTION}.to_q.lora_B.weight"),
        (f"unet.{ATTENTION}.to_q.lora.down.weight", f"unet.{ATTENTION}.to_q.lora.up.weight"),
        (f"unet.{ATTENTION}.processor.to_q_lora.down.weight", f"unet.{ATTENTION}.processor.to_q_lora.up.weight"),
        (f"base_model.model.{ATTENTION}.to_q.lora_A.weight", f"base_model.model.{ATTENTION}.to_q.lora_B.weight"),
        (f"diffusion_model.{TO_Q[:-7]}.lora_A.weight", f"diffusion_model.{TO_Q[:-7]}.lora_B.weight"),
    ],
)
@pytest.mark.parametrize(
    ("facts", "scale"),
    [
        ({}, 1.0),
        ({"lora_alpha": 8, "r": 4}, 2.0),
        ({"lora_alpha": 8, "r": 4, "use_rslora": True}, 4.0),
        ({"lora_alpha": 8, "r": 4, "alpha_pattern": {"to_q": 2}}, 0.5),
    ],
)
def test_every_generation_of_names_is_understood(tmp_path, checkpoint, down, up, facts, scale):
    torch.manual_seed(0)
    halves = {down: torch.randn(4, 8), up: torch.randn(8, 4)}
    component = down.partition(".")[0]
    metadata = {"lora_adapter_metadata": json.dumps({f"{component}.{key}": value for key, value in facts.items()})}
    save_file(halves, tmp_path / "lora.safetensors", metadata)
    lora = read_lora(tmp_path / "lora.safetensors")
    model, _ = with_lora(checkpoint.model, checkpoint.text_encoder, lora, 0.5, 1.0)
    expected = read(checkpoint.model.part, TO_Q) + 0.5 * scale * halves[up] @ halves[down]
    torch.testing.assert_close(read(model.part, TO_Q), expected)
    assert lora.unused(checkpoint.model.part) == ()


def test_what_changes_nothing_is_listed(tmp_path, checkpoint):
    tensors = {
        f"unet.{ATTENTION}.to_q.lora_A.weight": torch.ones(1, 8),
        f"unet.{ATTENTION}.to_q.lora_B.weight": torch.ones(8, 1),
        "unet.nowhere.lora_A.weight": torch.ones(1, 8),
        "unet.nowhere.lora_B.weight": torch.ones(8, 1),
        "unet.half.lora_A.weight": torch.ones(1, 8),
        "unet.other.of_tomorrow": torch.ones(1, 8),
    }
    save_file(tensors, tmp_path / "lora.safetensors")
    unused = read_lora(tmp_path / "lora.safetensors").unused(checkpoint.model.part, checkpoint.text_encoder.part)
    assert set(unused) == {"unet.nowhere", "unet.half (only down)", "unet.other.of_tomorrow"}


@pytest.mark.parametrize(
    "ending", ["dora_scale", "lora_magnitude_vector", "hada_w1_a", "lokr_w1", "diff", "oft_blocks"]
)
def test_a_file_that_is_only_in_part_a_lora_is_refused_and_not_applied_in_part(tmp_path, ending):
    halves = {
        f"unet.{ATTENTION}.to_q.lora_A.weight": torch.ones(1, 8),
        f"unet.{ATTENTION}.to_q.lora_B.weight": torch.ones(8, 1),
    }
    save_file(halves | {f"unet.{ATTENTION}.to_k.{ending}": torch.ones(8, 1)}, tmp_path / "lora.safetensors")
    with pytest.raises(WeightsError, match=r"lora\.safetensors has layers of kinds that are not applied \(1 of "):
        read_lora(tmp_path / "lora.safetensors")


def test_a_lora_for_another_family_is_refused(tmp_path, checkpoint):
    name = "lora_unet_input_blocks_99_1_proj_in"
    halves = {f"{name}.lora_down.weight": torch.ones(1, 8), f"{name}.lora_up.weight": torch.ones(8, 1)}
    save_file(halves, tmp_path / "lora.safetensors")
    with pytest.raises(WeightsError, match=r"lora\.safetensors changes nothing in UNet of tiny"):
        with_lora(checkpoint.model, checkpoint.text_encoder, read_lora(tmp_path / "lora.safetensors"), 1.0, 1.0)


def test_a_layer_of_the_wrong_size_is_named(tmp_path, checkpoint):
    halves = {
        f"unet.{ATTENTION}.to_q.lora_A.weight": torch.ones(1, 5),
        f"unet.{ATTENTION}.to_q.lora_B.weight": torch.ones(8, 1),
    }
    save_file(halves, tmp_path / "lora.safetensors")
    lora = read_lora(tmp_path / "lora.safetensors")
    model, _ = with_lora(checkpoint.model, checkpoint.text_encoder, lora, 1.0, 1.0)
    with pytest.raises(WeightsError, match=r"to_q .*\(1, 5\).* does not fit input_blocks"):
        read(model.part, TO_Q)


def test_a_live_network_loses_its_lora_bit_for_bit(tmp_path, checkpoint):
    halves = {
        f"unet.{ATTENTION}.to_q.lora_A.weight": torch.ones(1, 8),
        f"unet.{ATTENTION}.to_q.lora_B.weight": torch.ones(8, 1),
    }
    save_file(halves, tmp_path / "lora.safetensors")
    lora = read_lora(tmp_path / "lora.safetensors")
    model, _ = with_lora(checkpoint.model, checkpoint.text_encoder, lora, 0.3, 1.0)
    store = Residency("cpu", precision="bf16")
    with store.use(checkpoint.model.part) as module:
        before = {name: value.clone() for name, value in module.state_dict().items()}
    with store.use(model.part) as patched:
        changed = [name for name, value in patched.state_dict().items() if not torch.equal(value, before[name])]
    with store.use(checkpoint.model.part) as restored:
        assert restored is module
        assert all(torch.equal(value, before[name]) for name, value in restored.state_dict().items())
    assert changed == [TO_Q]
