"""Full-size random models: a Stable Diffusion 1.5 as a single file and as a diffusers folder, 2.1 GB each in float16.

    python benchmarks/model_files.py FOLDER

The weights are noise whose scale keeps activations near unit variance, so that what is computed with them is finite.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from graphengine.diffusion.autoencoders.kl import AutoencoderKL, KLConfig
from graphengine.diffusion.denoisers.unet import UNet
from graphengine.diffusion.denoisers.unet_config import UNetConfig
from graphengine.diffusion.families import SD1
from graphengine.diffusion.text.clip import CLIPText, CLIPTextConfig
from graphengine.diffusion.weights.keymap import AUTOENCODER_DIFFUSERS, NATIVE, UNET_DIFFUSERS, KeyMap
from graphengine.diffusion.weights.load import training_schedule
from graphengine.diffusion.weights.skeleton import skeleton

FILE, FOLDER = "full_size.safetensors", "full_size_folder"
CLIP = "cond_stage_model.transformer."


def random_weights(module: nn.Module, seed: int = 0, dtype: torch.dtype = torch.float16) -> dict[str, Tensor]:
    """Values for a module's parameters: unit gain for matrices and kernels, ones for norms, zeros for biases."""
    generator = torch.Generator().manual_seed(seed)
    return {name: _random(name, value.shape, generator).to(dtype) for name, value in module.state_dict().items()}


def _random(name: str, shape: torch.Size, generator: torch.Generator) -> Tensor:
    if len(shape) == 1:
        return torch.ones(shape) if name.endswith("weight") else torch.zeros(shape)
    return torch.randn(shape, generator=generator) * shape[1:].numel() ** -0.5


def full_size() -> dict[str, dict[str, Tensor]]:
    """Role -> weights of that network, in our names."""
    networks = {
        "denoiser": skeleton(lambda: UNet(UNetConfig())),
        "autoencoder": skeleton(lambda: AutoencoderKL(KLConfig())),
        "text_encoder": skeleton(lambda: CLIPText(CLIPTextConfig())),
    }
    return {role: random_weights(network) for role, network in networks.items()}


def write_small(path: str) -> None:
    """A model of some megabytes, as a file that states its heads."""
    networks = {
        "denoiser": UNet(UNetConfig(channels=(32, 64, 64, 64), context_width=64, heads=4)),
        "autoencoder": AutoencoderKL(KLConfig(channels=(32, 32, 64, 64))),
        "text_encoder": CLIPText(CLIPTextConfig(width=64, mlp_width=128, layers=2, heads=4)),
    }
    weights = {role: random_weights(network) for role, network in networks.items()}
    write_file(Path(path), weights, {"denoiser.heads": "4", "text_encoder.heads": "4"})


def write_file(
    path: Path, weights: Mapping[str, Mapping[str, Tensor]], metadata: Mapping[str, str] | None = None
) -> None:
    """One file in the layout of the original checkpoints, with the buffers that those carry."""
    prefixes = {"denoiser": "model.diffusion_model.", "autoencoder": "first_stage_model.", "text_encoder": CLIP}
    tensors = {prefixes[role] + name: value for role, part in weights.items() for name, value in part.items()}
    tensors[f"{CLIP}text_model.embeddings.position_ids"] = torch.arange(77)[None]
    save_file(tensors | _schedule(), path, dict(metadata or {}))


def _schedule() -> dict[str, Tensor]:
    """The buffers of the noise schedule that the original programs stored beside the weights."""
    kept = training_schedule(SD1).double()
    before = torch.cat([torch.ones(1, dtype=torch.float64), kept[:-1]])
    betas = 1 - kept / before
    variance = betas * (1 - before) / (1 - kept)
    buffers = {
        "alphas_cumprod": kept,
        "alphas_cumprod_prev": before,
        "betas": betas,
        "log_one_minus_alphas_cumprod": (1 - kept).log(),
        "posterior_log_variance_clipped": variance.clamp(min=1e-20).log(),
        "posterior_mean_coef1": betas * before.sqrt() / (1 - kept),
        "posterior_mean_coef2": (1 - before) * (1 - betas).sqrt() / (1 - kept),
        "posterior_variance": variance,
        "sqrt_alphas_cumprod": kept.sqrt(),
        "sqrt_one_minus_alphas_cumprod": (1 - kept).sqrt(),
        "sqrt_recip_alphas_cumprod": kept.rsqrt(),
        "sqrt_recipm1_alphas_cumprod": (1 / kept - 1).sqrt(),
    }
    return {name: value.float() for name, value in buffers.items()}


def diffusers_names(weights: Mapping[str, Tensor], key_map: KeyMap) -> dict[str, Tensor]:
    """Weights under diffusers' names; its attention in the autoencoder is of linear layers."""
    names = key_map.from_native(list(weights))
    return {names[key]: value[..., 0, 0] if ".attn_1." in key and value.dim() == 4 else value
            for key, value in weights.items()}  # fmt: skip


def write_folder(
    folder: Path, weights: Mapping[str, Mapping[str, Tensor]], configs: Mapping[str, object] | None = None
) -> None:
    """A folder as diffusers lays it out.

    Args:
        folder: New.
        weights: Role -> weights, in our names.
        configs: Sub-folder -> what its ``config.json`` says; None is Stable Diffusion 1.5's.
    """
    configs = configs or {
        "unet": {"_class_name": "UNet2DConditionModel", "attention_head_dim": 8, "norm_num_groups": 32},
        "vae": {"_class_name": "AutoencoderKL", "norm_num_groups": 32, "scaling_factor": 0.18215},
        "text_encoder": {"architectures": ["CLIPTextModel"], "num_attention_heads": 12},
    }
    layout = {
        "unet": ("denoiser", "diffusion_pytorch_model", UNET_DIFFUSERS),
        "vae": ("autoencoder", "diffusion_pytorch_model", AUTOENCODER_DIFFUSERS),
        "text_encoder": ("text_encoder", "model", NATIVE),
    }
    for name, (role, stem, key_map) in layout.items():
        (folder / name).mkdir(parents=True)
        (folder / name / "config.json").write_text(json.dumps(configs[name]))
        tensors = diffusers_names(weights[role], key_map)
        save_file({key: value.contiguous() for key, value in tensors.items()}, folder / name / f"{stem}.safetensors")
    (folder / "scheduler").mkdir()
    (folder / "scheduler" / "scheduler_config.json").write_text(json.dumps({"prediction_type": "epsilon"}))
    (folder / "model_index.json").write_text(json.dumps({"_class_name": "StableDiffusionPipeline"}))


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    weights = full_size()
    write_file(folder / FILE, weights)
    write_folder(folder / FOLDER, weights)


if __name__ == "__main__":
    main()
