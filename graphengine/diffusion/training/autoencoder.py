"""Train an autoencoder on pictures of the world: reconstruct whole pictures and close-ups of things."""

import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn

from graphengine.diffusion.autoencoders.kl import AutoencoderKL, KLConfig, Posterior
from graphengine.diffusion.training.loop import Budget, OnProgress, Run, Settings
from graphengine.diffusion.training.peers import Peers
from graphengine.diffusion.training.world.render import render
from graphengine.diffusion.training.world.scene import Scene, numbered_scene

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class AutoencoderTraining:
    """What an autoencoder is trained on, and how.

    Attributes:
        size: Pixels a side of the pictures; close-ups and small pictures have half of it.
        scenes: Number of different pictures each process renders before it starts.
        outlined: Share of them in the outlined style, so that a LoRA of it has something to decode to.
        crops: Close-ups in a batch; a batch of whole pictures has a quarter of it.
        kl_weight: Of the mean divergence of a latent value from the standard normal.
    """

    network: KLConfig = field(default_factory=lambda: KLConfig(channels=(16, 32, 64, 96), norm_groups=4))
    size: int = 128
    scenes: int = 3000
    outlined: float = 0.15
    crops: int = 12
    kl_weight: float = 4e-4
    seed: int = 100
    settings: Settings = field(
        default_factory=lambda: Settings(
            learning_rate=4e-3, adam_share=0.67, weight_decay=0.02, warm_up=60, floor=0.02, ema_decay=0.998
        )
    )


def train_autoencoder(
    config: AutoencoderTraining,
    folder: Path,
    *,
    budget: Budget,
    peers: Peers | None = None,
    on_progress: OnProgress | None = None,
) -> Path:
    """Train from nothing, or from the folder's last checkpoint; returns the file with the averaged weights."""
    peers = peers or Peers()
    task = AutoencoderTask(config, peers)
    run = Run(task, folder, config.settings, peers)
    run.train(budget, on_progress)
    run.ema.swap(task.autoencoder)
    path = folder / "ema.pt"
    if peers.rank == 0:
        torch.save(task.autoencoder.state_dict(), path)
    return path


class AutoencoderTask:
    """Reconstruction of close-ups (3 batches of 5), whole pictures and pictures of half the size."""

    def __init__(self, config: AutoencoderTraining, peers: Peers) -> None:
        torch.manual_seed(config.seed)
        self.config = config
        self.autoencoder = AutoencoderKL(config.network)
        first = peers.rank * config.scenes
        self.scenes = [
            numbered_scene(config.seed, number, without=(), outlined=number % 100 < 100 * config.outlined)
            for number in range(first, first + config.scenes)
        ]
        self.large = render_bytes(self.scenes, config.size)
        self.small = render_bytes(self.scenes, config.size // 2)
        log.info("rendered %d scenes", len(self.scenes))

    @property
    def module(self) -> nn.Module:
        return self.autoencoder

    def loss(self, rng: random.Random) -> Tensor:
        image = self._batch(rng).float() / 127.5 - 1
        generator = torch.Generator().manual_seed(rng.getrandbits(63))
        noise = torch.randn(len(image), 4, image.shape[2] // 8, image.shape[3] // 8, generator=generator)
        with torch.autocast("cpu", torch.bfloat16):
            decoded, posterior = self.autoencoder(image, noise)
        return reconstruction_loss(decoded.float(), image) + self.config.kl_weight * mean_kl(posterior)

    def _batch(self, rng: random.Random) -> Tensor:
        kind = rng.random()
        if kind < 0.6:
            return torch.stack([self._close_up(rng) for _ in range(self.config.crops)])
        if kind < 0.9:
            return self.large[rng.sample(range(len(self.large)), self.config.crops // 4)]
        return self.small[rng.sample(range(len(self.small)), self.config.crops)]

    def _close_up(self, rng: random.Random) -> Tensor:
        """Half the picture's side, around one of its things."""
        index = rng.randrange(len(self.scenes))
        thing = rng.choice(self.scenes[index].things)
        side = self.config.size // 2
        left, top = (
            min(max(int(centre * self.config.size) + rng.randint(-side // 2, side // 2) - side // 2, 0), side)
            for centre in (thing.x, thing.y)
        )
        return self.large[index, :, top : top + side, left : left + side]


def render_bytes(scenes: Sequence[Scene], size: int, chunk: int = 50) -> Tensor:
    """Many scenes rendered to B x 3 x S x S bytes."""
    chunks = [scenes[start : start + chunk] for start in range(0, len(scenes), chunk)]
    return torch.cat([(render(some, size).image * 255).round().to(torch.uint8) for some in chunks])


def reconstruction_loss(decoded: Tensor, image: Tensor) -> Tensor:
    """Mean absolute and squared error, and that of neighbouring pixels' differences, which keeps edges sharp."""
    error = decoded - image
    slopes = error.diff(dim=2).abs().mean() + error.diff(dim=3).abs().mean()
    return error.abs().mean() + 2 * error.square().mean() + 0.7 * slopes


def mean_kl(posterior: Posterior) -> Tensor:
    """The divergence from the standard normal per latent value."""
    return posterior.kl().mean() / posterior.mean[0].numel()


@torch.no_grad()
def reconstruct(autoencoder: AutoencoderKL, images: Tensor, chunk: int = 16) -> Tensor:
    """Pictures in 0..1 through the autoencoder and back, without the posterior's noise."""
    decoded = [autoencoder.decode(autoencoder.encode(some * 2 - 1).mode()) for some in images.split(chunk)]
    return torch.cat(decoded).clamp(-1, 1) / 2 + 0.5


def psnr(decoded: Tensor, image: Tensor) -> float:
    """Peak signal-to-noise ratio in dB of pictures in 0..1, averaged over the pictures."""
    error = (decoded - image).square().flatten(1).mean(1)
    return float((-10 * error.log10()).mean())


@torch.no_grad()
def whiten(autoencoder: AutoencoderKL, images: Tensor, scale: float, chunk: int = 16) -> None:
    """Fold each latent channel's mean and spread into the 1 x 1 convolutions, in place.

    Afterwards latents times ``scale`` have mean 0 and variance 1 on B x 3 x H x W pictures in 0..1, and decode to the
    same pictures as before.
    """
    latents = torch.cat([autoencoder.encode(some * 2 - 1).mode() for some in images.split(chunk)])
    mean = latents.mean((0, 2, 3))
    gain = 1 / (scale * latents.std((0, 2, 3)))
    quant, post = autoencoder.quant_conv, autoencoder.post_quant_conv
    assert isinstance(quant, nn.Conv2d) and isinstance(post, nn.Conv2d) and quant.bias is not None
    assert post.bias is not None
    channels = len(mean)
    quant.weight[:channels] *= gain[:, None, None, None]
    quant.bias[:channels] = (quant.bias[:channels] - mean) * gain
    quant.bias[channels:] += 2 * gain.log()
    post.bias += post.weight[:, :, 0, 0] @ mean
    post.weight /= gain[None, :, None, None]
