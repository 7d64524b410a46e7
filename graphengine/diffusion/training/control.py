"""Train a ControlNet that follows edges, on a finished denoiser: Zhang et al. 2023 (arXiv:2302.05543)."""

import logging
import random
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn

from graphengine.diffusion.autoencoders.kl import AutoencoderKL
from graphengine.diffusion.denoisers.controlnet import ControlNet, ControlNetConfig
from graphengine.diffusion.sampling.discrete import alphas_cumprod_of, make_betas
from graphengine.diffusion.training.autoencoder import render_bytes
from graphengine.diffusion.training.loop import Budget, OnProgress, Run, Settings
from graphengine.diffusion.training.loss import LatentDiffusionLoss, layout_weights, sample_errors
from graphengine.diffusion.training.peers import Peers
from graphengine.diffusion.training.text_to_image import LATENTS, TextToImage
from graphengine.diffusion.training.world.caption import training_text
from graphengine.diffusion.training.world.edges import edge_map
from graphengine.diffusion.training.world.scene import numbered_scene
from graphengine.diffusion.types import Prediction

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ControlTraining:
    """What a control network is trained on, and how.

    Attributes:
        hint_channels: Widths of the convolutions on the hint; the last is the denoiser's first.
        empty: Share of the captions that are left empty, so that it learns to see by itself.
        noisy: Share of the steps drawn from the noisier part, where edges decide most.
    """

    hint_channels: tuple[int, ...] = (3, 8, 8, 16, 16, 32, 32, 64, 64)
    size: int = 128
    scenes: int = 2000
    batch: int = 16
    empty: float = 0.25
    noisy: float = 0.5
    seed: int = 300
    settings: Settings = field(
        default_factory=lambda: Settings(learning_rate=2e-3, warm_up=60, decay_from=0.2, floor=0.03, ema_decay=0.995)
    )


def train_controlnet(
    config: ControlTraining,
    folder: Path,
    *,
    model: TextToImage,
    autoencoder: AutoencoderKL,
    budget: Budget,
    peers: Peers | None = None,
    on_progress: OnProgress | None = None,
) -> Path:
    """Train a copy of the denoiser's encoder; returns the file with the averaged weights."""
    peers = peers or Peers()
    task = ControlTask(config, model, autoencoder, peers)
    run = Run(task, folder, config.settings, peers)
    run.train(budget, on_progress)
    run.ema.swap(task.control)
    path = folder / "ema.pt"
    if peers.rank == 0:
        torch.save(task.control.state_dict(), path)
    return path


def control_copy(config: ControlTraining, model: TextToImage) -> ControlNet:
    """A control network that starts as the denoiser's encoder and adds nothing yet."""
    control = ControlNet(ControlNetConfig(model.unet.config, config.hint_channels))
    own = control.state_dict()
    shared = {name: tensor for name, tensor in model.unet.state_dict().items() if name in own}
    control.load_state_dict({**own, **shared})
    return control


class ControlTask:
    """The weighted eps loss of the frozen denoiser, steered by the edges of the picture it should draw."""

    def __init__(self, config: ControlTraining, model: TextToImage, autoencoder: AutoencoderKL, peers: Peers) -> None:
        torch.manual_seed(config.seed)
        self.config, self.model = config, model.requires_grad_(False)
        self.control = control_copy(config, model)
        self.objective = LatentDiffusionLoss(Prediction.EPS, alphas_cumprod_of(make_betas("linear")))
        first = peers.rank * config.scenes
        self.scenes = [numbered_scene(config.seed, number) for number in range(first, first + config.scenes)]
        self.latents, self.hints = latents_and_hints(autoencoder, render_bytes(self.scenes, config.size))
        log.info("encoded %d scenes", len(self.scenes))

    @property
    def module(self) -> nn.Module:
        return self.control

    def loss(self, rng: random.Random) -> Tensor:
        chosen = rng.sample(range(len(self.scenes)), self.config.batch)
        generator = torch.Generator().manual_seed(rng.getrandbits(63))
        latents, hints = self.latents[chosen], self.hints[chosen].float().expand(-1, 3, -1, -1)
        noise = torch.randn(latents.shape, generator=generator)
        timestep = torch.tensor([self._timestep(rng) for _ in chosen])
        noisy = self.objective.noisy(latents, noise, timestep)
        with torch.autocast("cpu", torch.bfloat16):
            context = self.model.context([self._text(index, rng) for index in chosen])
            residuals = self.control(noisy, timestep, context, hints)
            output = self.model.unet(noisy, timestep, context, residuals=residuals)
        errors = sample_errors(output, self.objective.target(latents, noise, timestep))
        return (errors * layout_weights(self.objective.alphas_cumprod[timestep])).mean()

    def _timestep(self, rng: random.Random) -> int:
        return rng.randrange(400, 1000) if rng.random() < self.config.noisy else rng.randrange(1000)

    def _text(self, index: int, rng: random.Random) -> str:
        if rng.random() < self.config.empty:
            return ""
        return training_text(self.scenes[index], rng, with_place=rng.random() < 0.5)


@torch.no_grad()
def latents_and_hints(autoencoder: AutoencoderKL, pictures: Tensor, chunk: int = 40) -> tuple[Tensor, Tensor]:
    """Scaled latents and edges (bool, B x 1 x S x S) of B x 3 x S x S bytes."""
    latents, hints = [], []
    for some in pictures.split(chunk):
        image = some.float() / 255
        hints.append(edge_map(image).bool())
        with torch.autocast("cpu", torch.bfloat16):
            latents.append(autoencoder.encode(image * 2 - 1).mode().float() * LATENTS.scale)
    return torch.cat(latents), torch.cat(hints)
