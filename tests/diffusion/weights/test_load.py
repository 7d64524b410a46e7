import json
from dataclasses import replace

import numpy
import pytest
import torch
from safetensors.torch import save_file

from graphengine.diffusion.denoisers.controlnet import ControlNet, ControlNetConfig
from graphengine.diffusion.denoisers.unet import UNetConfig
from graphengine.diffusion.families import SD1
from graphengine.diffusion.types import Prediction
from graphengine.diffusion.weights.build import materialize
from graphengine.diffusion.weights.describe import describe
from graphengine.diffusion.weights.errors import WeightsError
from graphengine.diffusion.weights.keymap import (
    AUTOENCODER_DIFFUSERS,
    CLIP_FLAT,
    CONTROLNET_DIFFUSERS,
    NATIVE,
    UNET_DIFFUSERS,
)
from graphengine.diffusion.weights.load import (
    load_autoencoder,
    load_checkpoint,
    load_controlnet,
    load_denoiser,
    load_text_encoder,
    training_schedule,
)

CPU = torch.device("cpu")
FACTS = {"denoiser.heads": "2", "denoiser.norm_groups": "4", "autoencoder.norm_groups": "2", "text_encoder.heads": "2"}
PREFIXES = {
    "denoiser": "model.diffusion_model.",
    "autoencoder": "first_stage_model.",
    "text_encoder": "cond_stage_model.transformer.",
}


def under(weights, prefix):
    return {name.removeprefix(prefix): value for name, value in weights.items() if name.startswith(prefix)}


def values(part):
    return {name: stored.read() for name, stored in part.weights.items()}


def equal(left, right):
    return left.keys() == right.keys() and all(torch.equal(left[name], right[name]) for name in left)


def renamed(weights, key_map):
    names = key_map.from_native(list(weights))
    return {names[name]: value for name, value in weights.items()}


def parts(checkpoint):
    return {
        "denoiser": checkpoint.model.part,
        "autoencoder": checkpoint.autoencoder.part,
        "text_encoder": checkpoint.text_encoder.part,
    }


def test_a_single_file_gives_every_network_its_own_weights(tiny_checkpoint, tiny_weights):
    checkpoint = load_checkpoint(tiny_checkpoint)
    assert checkpoint.model.prediction is Prediction.EPS
    assert checkpoint.model.latent_format.scale == 0.18215
    for role, part in parts(checkpoint).items():
        expected = under(tiny_weights, PREFIXES[role])
        expected.pop("text_model.embeddings.position_ids", None)
        assert (part.role, part.family) == (role, "sd1")
        assert equal(values(part), expected)
        assert equal(dict(materialize(part, torch.float16, CPU).state_dict()), expected)


def diffusers_folder(folder, weights, unet_name="diffusion_pytorch_model.safetensors", flat=False):
    unet = renamed(under(weights, PREFIXES["denoiser"]), UNET_DIFFUSERS)
    vae = renamed(under(weights, PREFIXES["autoencoder"]), AUTOENCODER_DIFFUSERS)
    vae = {name: value.squeeze() if ".attentions." in name else value for name, value in vae.items()}
    text = renamed(under(weights, PREFIXES["text_encoder"]), CLIP_FLAT if flat else NATIVE)
    configs = {
        "unet": {"attention_head_dim": 2, "norm_num_groups": 4},
        "vae": {"norm_num_groups": 2},
        "text_encoder": {"num_attention_heads": 2},
        "scheduler": {"prediction_type": "v_prediction"},
    }
    for name, config in configs.items():
        (folder / name).mkdir(parents=True)
        file = "scheduler_config.json" if name == "scheduler" else "config.json"
        (folder / name / file).write_text(json.dumps(config))
    (folder / "model_index.json").write_text("{}")
    (torch.save if unet_name.endswith(".bin") else save_file)(unet, folder / "unet" / unet_name)
    save_file(vae, folder / "vae" / "diffusion_pytorch_model.safetensors")
    save_file(text, folder / "text_encoder" / "model.fp16.safetensors")
    return folder


@pytest.mark.parametrize(
    ("unet_name", "flat"),
    [
        ("diffusion_pytorch_model.safetensors", False),
        ("diffusion_pytorch_model.fp16.safetensors", True),
        ("diffusion_pytorch_model.bin", False),
    ],
)
def test_a_diffusers_folder_of_the_same_model_gives_the_same_weights(
    tmp_path, tiny_checkpoint, tiny_weights, unet_name, flat
):
    from_folder = load_checkpoint(diffusers_folder(tmp_path / "model", tiny_weights, unet_name, flat))
    from_file = load_checkpoint(tiny_checkpoint)
    assert from_folder.model.prediction is Prediction.V
    for role, part in parts(from_folder).items():
        assert equal(values(part), values(parts(from_file)[role]))
        assert part.build().config == parts(from_file)[role].build().config


def test_shards_are_joined_by_their_index(tmp_path, tiny_weights):
    folder = diffusers_folder(tmp_path / "model", tiny_weights) / "unet"
    (folder / "diffusion_pytorch_model.safetensors").unlink()
    unet = renamed(under(tiny_weights, PREFIXES["denoiser"]), UNET_DIFFUSERS)
    shards = {name: f"diffusion_pytorch_model-{n % 2}.safetensors" for n, name in enumerate(unet)}
    for shard in set(shards.values()):
        save_file({name: unet[name] for name in unet if shards[name] == shard}, folder / shard)
    index = folder / "diffusion_pytorch_model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": shards}))
    assert equal(values(load_denoiser(folder).part), under(tiny_weights, PREFIXES["denoiser"]))
    index.write_text(json.dumps({"weight_map": {"a": "../elsewhere.safetensors"}}))
    with pytest.raises(WeightsError, match="same folder"):
        load_denoiser(folder)


@pytest.mark.parametrize("prefix", ["", "diffusion_model.", "model.diffusion_model."])
def test_a_denoiser_alone_loads_under_any_prefix(tmp_path, tiny_weights, prefix):
    unet = under(tiny_weights, PREFIXES["denoiser"])
    save_file({prefix + name: value for name, value in unet.items()}, tmp_path / "unet.safetensors", FACTS)
    assert equal(values(load_denoiser(tmp_path / "unet.safetensors").part), unet)


def test_single_networks_load_from_a_whole_checkpoint(tiny_checkpoint):
    checkpoint = load_checkpoint(tiny_checkpoint)
    assert equal(values(load_autoencoder(tiny_checkpoint).part), values(checkpoint.autoencoder.part))
    assert equal(values(load_text_encoder(tiny_checkpoint).part), values(checkpoint.text_encoder.part))


def test_the_family_chooses_the_scale_of_a_lone_autoencoder(tiny_checkpoint):
    assert load_autoencoder(tiny_checkpoint, family="sdxl").latent_format.scale == 0.13025
    with pytest.raises(WeightsError, match="no family 'sd9'; choose from sd1"):
        load_autoencoder(tiny_checkpoint, family="sd9")


def test_a_controlnet_loads_alike_from_each_layout(tmp_path):
    torch.manual_seed(1)
    encoder = UNetConfig(channels=(8, 16, 16, 16), context_width=12, heads=2, norm_groups=4, out_channels=0)
    config = ControlNetConfig(encoder, (3, 4, 4, 6, 6, 8, 8, 8, 8))
    weights = dict(ControlNet(config).state_dict())
    save_file({f"control_model.{name}": value for name, value in weights.items()}, tmp_path / "a.safetensors")
    save_file(weights, tmp_path / "b.safetensors")
    save_file(renamed(weights, CONTROLNET_DIFFUSERS), tmp_path / "control_shuffle.safetensors")
    facts = {"heads": "2", "norm_groups": "4"}
    loaded = [load_controlnet(path, metadata=facts) for path in sorted(tmp_path.iterdir())]
    assert all(equal(values(controlnet.part), weights) for controlnet in loaded)
    assert all(controlnet.part.build().config == encoder for controlnet in loaded)
    assert [controlnet.average for controlnet in loaded] == [False, False, True]


def with_average(weights, complete=True):
    unet = under(weights, PREFIXES["denoiser"])
    averaged = {"model_ema." + f"diffusion_model.{name}".replace(".", ""): value * 2 for name, value in unet.items()}
    kept = averaged if complete else {}
    return weights | kept | {"model_ema.decay": torch.tensor(0.999), "model_ema.num_updates": torch.tensor(3)}


def test_averaged_weights_are_taken_where_they_are_complete(tmp_path, tiny_weights):
    unet = under(tiny_weights, PREFIXES["denoiser"])
    save_file(with_average(tiny_weights), tmp_path / "full.safetensors", FACTS)
    save_file(with_average(tiny_weights, complete=False), tmp_path / "left.safetensors", FACTS)
    averaged = load_checkpoint(tmp_path / "full.safetensors").model.part
    plain = load_checkpoint(tmp_path / "full.safetensors", averaged=False).model.part
    assert equal(values(averaged), {name: value * 2 for name, value in unet.items()})
    assert equal(values(plain), unet) and plain.identity != averaged.identity
    assert equal(values(load_checkpoint(tmp_path / "left.safetensors").model.part), unet)


@pytest.mark.parametrize(
    ("said", "prediction"), [("v", Prediction.V), ("epsilon", Prediction.EPS), ("x0", Prediction.X0)]
)
def test_metadata_says_what_is_predicted(tiny_checkpoint, said, prediction):
    assert load_denoiser(tiny_checkpoint, metadata={"prediction": said}).prediction is prediction


def test_a_prediction_that_does_not_exist_is_refused(tiny_checkpoint):
    with pytest.raises(WeightsError, match=r"tiny.safetensors says its prediction is 'noise'"):
        load_denoiser(tiny_checkpoint, metadata={"prediction": "noise"})


def test_missing_unexpected_and_misshapen_tensors_are_named(tmp_path, tiny_weights):
    wrong = dict(tiny_weights)
    del wrong["first_stage_model.decoder.norm_out.weight"]
    wrong["first_stage_model.decoder.extra"] = torch.zeros(1)
    wrong["first_stage_model.quant_conv.bias"] = torch.zeros(3)
    save_file(wrong, tmp_path / "wrong.safetensors", FACTS)
    with pytest.raises(WeightsError) as refused:
        load_checkpoint(tmp_path / "wrong.safetensors")
    message = str(refused.value)
    assert "1 missing (decoder.norm_out.weight)" in message
    assert "1 unexpected (decoder.extra)" in message
    assert "1 of another shape (quant_conv.bias is (3,), not (8,))" in message


def test_a_file_without_an_autoencoder_says_what_it_has(tmp_path, tiny_weights):
    save_file(under(tiny_weights, PREFIXES["denoiser"]), tmp_path / "unet.safetensors")
    with pytest.raises(WeightsError, match="has no text encoder in it, only: Stable Diffusion 1 UNet"):
        load_checkpoint(tmp_path / "unet.safetensors")


def test_a_family_that_is_not_built_yet_is_named(tmp_path):
    names = ("joint_blocks.0.context_block.attn.qkv.weight", "x_embedder.proj.weight")
    save_file({name: torch.zeros(1, 1) for name in names}, tmp_path / "m.safetensors")
    with pytest.raises(WeightsError, match=r"m\.safetensors: this is Stable Diffusion 3 .*not supported yet"):
        load_denoiser(tmp_path / "m.safetensors")


def test_the_training_schedule_is_the_cumulative_product_in_double_precision():
    betas = numpy.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=numpy.float64) ** 2
    assert torch.equal(training_schedule(SD1), torch.from_numpy(numpy.cumprod(1 - betas).astype(numpy.float32)))


def test_identity_changes_with_the_file(tmp_path, tiny_weights):
    path = tmp_path / "m.safetensors"
    save_file(tiny_weights, path, FACTS)
    before = load_denoiser(path).part
    save_file(tiny_weights | {"alphas_cumprod": torch.zeros(999)}, path, FACTS)
    assert load_denoiser(path).part.identity != before.identity
    assert replace(before, patches=()).identity == before.identity


def test_describe_counts_the_parts(tiny_checkpoint, tiny_weights):
    description = describe(tiny_checkpoint)
    assert (description.kind, description.family, description.supported) == ("checkpoint", "sd1", True)
    assert description.metadata == FACTS
    sizes = {part.role: part.parameters for part in description.parts}
    assert sizes == {
        role: sum(value.numel() for value in under(tiny_weights, prefix).values()) for role, prefix in PREFIXES.items()
    }
    assert description.parameters == sum(value.numel() for value in tiny_weights.values())
