"""Write trained networks as ordinary single files: Stable Diffusion 1's layout and names, at small sizes."""

import os
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from graphengine.diffusion.autoencoders.kl import AutoencoderKL
from graphengine.diffusion.denoisers.controlnet import ControlNet
from graphengine.diffusion.training.text_to_image import TextToImage
from graphengine.diffusion.weights.keymap import UNET_DIFFUSERS

EMBEDDING = "text_model.embeddings.token_embedding.weight"


def export_checkpoint(path: Path, model: TextToImage, autoencoder: AutoencoderKL, metadata: Mapping[str, str]) -> Path:
    """UNet, autoencoder and text encoder in one file; what shapes do not tell goes into the metadata."""
    text = model.text.state_dict()
    text[EMBEDDING] = model.words.expand(text[EMBEDDING])
    parts = {
        "model.diffusion_model.": model.unet.state_dict(),
        "first_stage_model.": autoencoder.state_dict(),
        "cond_stage_model.transformer.": text,
    }
    facts = {
        "denoiser.heads": str(model.unet.config.heads),
        "denoiser.norm_groups": str(model.unet.config.norm_groups),
        "autoencoder.norm_groups": str(autoencoder.config.norm_groups),
        "text_encoder.heads": str(model.text.config.heads),
    }
    tensors = {prefix + name: tensor for prefix, part in parts.items() for name, tensor in part.items()}
    return write_half(path, tensors, {**metadata, **facts})


def export_controlnet(path: Path, control: ControlNet, metadata: Mapping[str, str]) -> Path:
    """A control network in the layout of the published ones."""
    encoder = control.config
    facts = {"controlnet.heads": str(encoder.heads), "controlnet.norm_groups": str(encoder.norm_groups)}
    tensors = {f"control_model.{name}": tensor for name, tensor in control.state_dict().items()}
    return write_half(path, tensors, {**metadata, **facts})


def export_lora(
    path: Path, unet: nn.Module, layers: Mapping[str, tuple[Tensor, Tensor]], metadata: Mapping[str, str]
) -> Path:
    """A LoRA in kohya's names.

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
    return write_half(path, tensors, metadata)


def write_half(path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> Path:
    """Write float16 safetensors aside, then put them in their place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".partial")
    half = {name: tensor.detach().to(torch.float16).contiguous() for name, tensor in tensors.items()}
    save_file(half, aside, {"format": "pt", **metadata})
    os.replace(aside, path)
    return path
