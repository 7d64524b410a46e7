"""The networks of a case, built from its weights the way loading does."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from graphengine.diffusion.autoencoders.kl import AutoencoderKL, KLConfig
from graphengine.diffusion.denoisers.controlnet import ControlNet, ControlNetConfig
from graphengine.diffusion.denoisers.unet import UNet, UNetConfig
from graphengine.diffusion.text.clip import CLIPText, CLIPTextConfig
from harness import Case


def part(weights: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The weights under a prefix, without it."""
    return {name.removeprefix(prefix): value for name, value in weights.items() if name.startswith(prefix)}


def shapes(weights: Mapping[str, Tensor]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(value.shape) for name, value in weights.items()}


def params(case: Case, network: str) -> dict[str, Any]:
    """What the original yaml says of a network."""
    config = case.config["model"]["params"] if "model" in case.config else case.config
    return config[network]["params"]


def heads(given: Mapping[str, Any]) -> dict[str, int | None]:
    """The rule of a family: so many heads, or heads so wide."""
    width = given.get("num_head_channels")
    return {"heads": None if width else given["num_heads"], "head_width": width}


def unet(case: Case) -> UNet:
    weights = part(case.weights(), "model.diffusion_model.")
    config = UNetConfig.from_shapes(shapes(weights), {}, **heads(params(case, "unet_config")))
    return complete(UNet, config, weights)


def control_network(case: Case) -> ControlNet:
    weights = part(case.weights(), "control_model.")
    config = ControlNetConfig.from_shapes(shapes(weights), {}, **heads(params(case, "control_stage_config")))
    return complete(ControlNet, config, weights)


def autoencoder(case: Case) -> AutoencoderKL:
    weights = part(case.weights(), "first_stage_model.")
    return complete(AutoencoderKL, KLConfig.from_shapes(shapes(weights), {}), weights)


def text_encoder(case: Case) -> CLIPText:
    weights = part(case.weights(), "cond_stage_model.transformer.")
    weights.pop("text_model.embeddings.position_ids", None)
    heads = case.config["clip_text_config"]["num_attention_heads"]
    return complete(CLIPText, CLIPTextConfig.from_shapes(shapes(weights), {}, heads=heads), weights)


def complete(network: Any, config: Any, weights: Mapping[str, Tensor]) -> Any:
    """Build on the meta device and give it its weights, as loading does."""
    with torch.device("meta"):
        module = network(config)
    module.load_state_dict(dict(weights), assign=True)
    return module.eval().requires_grad_(False)
