"""Write networks as ordinary single files: Stable Diffusion 1's layout and names, at any size."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from graphengine.diffusion.autoencoders.kl import AutoencoderKL
from graphengine.diffusion.denoisers.controlnet import ControlNet
from graphengine.diffusion.denoisers.unet import UNet
from graphengine.diffusion.text.clip import CLIPText
from graphengine.diffusion.weights.keymap import UNET_DIFFUSERS
from graphengine.diffusion.weights.read import open_weights


@dataclass(frozen=True)
class Place:
    """Where a network lies in a file: the prefix of its names, its role, and the facts that shapes do not tell."""

    prefix: str
    role: str
    facts: tuple[str, ...]


PLACES: Mapping[type[nn.Module], Place] = {
    UNet: Place("model.diffusion_model.", "denoiser", ("heads", "norm_groups")),
    AutoencoderKL: Place("first_stage_model.", "autoencoder", ("norm_groups",)),
    CLIPText: Place("cond_stage_model.transformer.", "text_encoder", ("heads",)),
    ControlNet: Place("control_model.", "controlnet", ("heads", "norm_groups")),
}


def export(
    path: Path, *networks: nn.Module, metadata: Mapping[str, str] | None = None, dtype: torch.dtype = torch.float32
) -> Path:
    """Write networks into one file, each under the prefix of the published ones; facts go into the metadata."""
    tensors: dict[str, Tensor] = {}
    facts: dict[str, str] = {}
    for network in networks:
        place, config = PLACES[type(network)], network.config
        tensors |= {place.prefix + name: tensor for name, tensor in network.state_dict().items()}
        told = {name: getattr(config, name) for name in place.facts}
        facts |= {f"{place.role}.{name}": str(value) for name, value in told.items() if value is not None}
    return write(path, tensors, {**(metadata or {}), **facts}, dtype)


def export_lora(path: Path, unet: nn.Module, layers: Mapping[str, tuple[Tensor, Tensor]]) -> Path:
    """A LoRA in kohya's names, float32.

    Args:
        unet: The network it is for, which tells how its modules are called there.
        layers: Our name of a module -> down (rank x inputs) and up (outputs x rank), which apply unscaled.
    """
    names = {name for name in unet.state_dict() if "parametrizations" not in name}
    names |= {f"{layer}.weight" for layer in layers}
    foreign = UNET_DIFFUSERS.from_native(names)
    tensors = {}
    for layer, (down, up) in layers.items():
        name = "lora_unet_" + foreign[f"{layer}.weight"].removesuffix(".weight").replace(".", "_")
        tensors[f"{name}.lora_down.weight"] = down
        tensors[f"{name}.lora_up.weight"] = up
        tensors[f"{name}.alpha"] = torch.tensor(float(len(down)))
    rank = max(len(down) for down, _ in layers.values())
    return write(path, tensors, {"ss_network_dim": str(rank)}, torch.float32)


def rewrite(source: Path, path: Path, metadata: Mapping[str, str], dtype: torch.dtype) -> Path:
    """Copy a file of weights in another type of number, with more metadata."""
    file = open_weights(source)
    tensors = {name: tensor.read() for name, tensor in file.tensors.items()}
    return write(path, tensors, {**file.metadata, **metadata}, dtype)


def write(path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str], dtype: torch.dtype) -> Path:
    """Write safetensors aside, then put them in their place; integers keep their type."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".partial")
    cast = {
        name: tensor.detach().cpu().to(dtype if tensor.is_floating_point() else tensor.dtype).contiguous()
        for name, tensor in tensors.items()
    }
    save_file(cast, aside, {"format": "pt", **metadata})
    os.replace(aside, path)
    return path
