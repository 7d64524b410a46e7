"""Train a LoRA on a finished denoiser: Hu et al. 2021 (arXiv:2106.09685)."""

from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import max_pool2d
from torch.nn.utils import parametrize

from graphengine.diffusion.training.dataset import Dataset
from graphengine.diffusion.training.export import export_lora
from graphengine.diffusion.training.fresh import seeded
from graphengine.diffusion.training.loop import RESULT, Budget, OnProgress, Run, Settings
from graphengine.diffusion.training.peers import Peers
from graphengine.diffusion.training.text_to_image import Space, TextToImage, TextToImageTask, TextToImageTraining

TARGETS = ("to_q", "to_k", "to_v", "to_out.0", "ff.net.0.proj", "ff.net.2", "proj_in", "proj_out")
"""The layers of a transformer that get a low-rank change, as kohya's trainer chooses them."""


@dataclass(frozen=True)
class LoraTraining:
    """How a LoRA is trained.

    Attributes:
        rank: Of the changes.
        size: Pixels a side.
        pictures: Number of different pictures that each process encodes before it starts.
        batch: Pictures in each process's step.
        seed: Of the first weights.
    """

    rank: int = 8
    size: int = 128
    pictures: int = 400
    batch: int = 12
    seed: int = 400
    settings: Settings = field(
        default_factory=lambda: Settings(2e-3, adam_share=1.0, warm_up=30, floor=0.05, ema_decay=0.99)
    )


class LowRank(nn.Module):
    """Adds ``strength * up @ down`` to a weight, as a parametrization of it."""

    def __init__(self, weight: Tensor, rank: int) -> None:
        super().__init__()
        self.lora_down = nn.Parameter((torch.randn(rank, weight[0].numel()) / rank).to(weight))
        self.lora_up = nn.Parameter(weight.new_zeros(len(weight), rank))
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


def train_lora(
    config: LoraTraining,
    model: TextToImage,
    space: Space,
    dataset: Dataset,
    folder: Path,
    *,
    budget: Budget,
    peers: Peers | None = None,
    on_progress: OnProgress | None = None,
) -> None:
    """Train the denoiser's low-rank changes, from the folder's last checkpoint if there is one.

    The folder then has them, averaged, in ``RESULT``.
    """
    peers = peers or Peers()
    layers = seeded(config.seed, lambda: add_low_rank(model.requires_grad_(False).unet, config.rank))
    shared = TextToImageTraining(config.size, config.pictures, config.batch)
    run = Run(TextToImageTask(shared, model, space, dataset, peers), folder, config.settings, peers)
    run.train(budget, on_progress)
    if peers.rank == 0:
        run.ema.swap(model)
        export_lora(
            folder / RESULT, model.unet, {name: (layer.lora_down, layer.lora_up) for name, layer in layers.items()}
        )


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
