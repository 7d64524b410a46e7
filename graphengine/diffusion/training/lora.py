"""Train a LoRA of the outlined style on a finished denoiser: Hu et al. 2021 (arXiv:2106.09685)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import max_pool2d
from torch.nn.utils import parametrize

from graphengine.diffusion.autoencoders.kl import AutoencoderKL
from graphengine.diffusion.training.loop import Budget, OnProgress, Run, Settings
from graphengine.diffusion.training.peers import Peers
from graphengine.diffusion.training.text_to_image import TextToImage, TextToImageTask, TextToImageTraining
from graphengine.diffusion.training.world.scene import numbered_scene

TARGETS = ("to_q", "to_k", "to_v", "to_out.0", "ff.net.0.proj", "ff.net.2", "proj_in", "proj_out")
"""The layers of a transformer that get a low-rank change, as kohya's trainer chooses them."""


@dataclass(frozen=True)
class LoraTraining:
    """What a LoRA is trained on, and how; every picture is outlined, so no word is needed to ask for it."""

    rank: int = 8
    size: int = 128
    scenes: int = 400
    batch: int = 12
    seed: int = 400
    settings: Settings = field(
        default_factory=lambda: Settings(learning_rate=2e-3, adam_share=1.0, warm_up=30, floor=0.05, ema_decay=0.99)
    )


class LowRank(nn.Module):
    """Adds ``strength * up @ down`` to a weight, as a parametrization of it."""

    def __init__(self, weight: Tensor, rank: int) -> None:
        super().__init__()
        self.lora_down = nn.Parameter(torch.randn(rank, weight[0].numel()) / rank)
        self.lora_up = nn.Parameter(torch.zeros(len(weight), rank))
        self.strength = 1.0

    def forward(self, weight: Tensor) -> Tensor:
        return weight + self.strength * (self.lora_up @ self.lora_down).view_as(weight)


def add_low_rank(unet: nn.Module, rank: int) -> dict[str, LowRank]:
    """Put a low-rank change on every target layer; returns them by the layer's name."""
    targets = {name: module for name, module in unet.named_modules() if name.endswith(TARGETS)}
    added = {}
    for name, module in targets.items():
        assert isinstance(module.weight, Tensor)
        added[name] = LowRank(module.weight, rank)
        parametrize.register_parametrization(module, "weight", added[name])
    return added


class LoraTask(TextToImageTask):
    """Text-to-image training in which only the low-rank changes move."""

    def __init__(self, config: LoraTraining, model: TextToImage, autoencoder: AutoencoderKL, peers: Peers) -> None:
        first = peers.rank * config.scenes
        scenes = [numbered_scene(config.seed, first + number, outlined=True) for number in range(config.scenes)]
        shared = TextToImageTraining(size=config.size, batch=config.batch, seed=config.seed)
        super().__init__(shared, autoencoder, model=model.requires_grad_(False), scenes=scenes)
        self.layers = add_low_rank(model.unet, config.rank)


def train_lora(
    config: LoraTraining,
    folder: Path,
    *,
    model: TextToImage,
    autoencoder: AutoencoderKL,
    budget: Budget,
    peers: Peers | None = None,
    on_progress: OnProgress | None = None,
) -> Path:
    """Train on top of a model, which keeps the change; returns the file with the averaged halves (see ``halves``)."""
    peers = peers or Peers()
    task = LoraTask(config, model, autoencoder, peers)
    run = Run(task, folder, config.settings, peers)
    run.train(budget, on_progress)
    run.ema.swap(task.module)
    path = folder / "ema.pt"
    if peers.rank == 0:
        torch.save(halves(task.layers), path)
    return path


def halves(layers: Mapping[str, LowRank]) -> dict[str, tuple[Tensor, Tensor]]:
    """Down and up of every layer."""
    return {name: (layer.lora_down.detach(), layer.lora_up.detach()) for name, layer in layers.items()}


def apply_halves(unet: nn.Module, saved: Mapping[str, tuple[Tensor, Tensor]]) -> dict[str, LowRank]:
    """Put saved halves on a network; returns its layers, whose ``strength`` may be changed."""
    layers = add_low_rank(unet, rank=len(next(iter(saved.values()))[0]))
    with torch.no_grad():
        for name, (down, up) in saved.items():
            layers[name].lora_down.copy_(down)
            layers[name].lora_up.copy_(up)
    return layers


def outline_share(image: Tensor, foreground: Tensor, band: int = 2) -> float:
    """The share of ink along the rim of things: pixels that are black or white.

    Args:
        image: 3 x S x S in 0..1, of things that are neither black nor white themselves.
        foreground: S x S bool, where things are.
        band: Width of the rim in pixels.
    """
    inner = max_pool2d(-foreground[None].float(), 2 * band + 1, stride=1, padding=band)[0] == -1
    rim = image[:, foreground & ~inner]
    ink = (rim.max(0).values < 0.3) | (rim.min(0).values > 0.85)
    return float(ink.float().mean())
