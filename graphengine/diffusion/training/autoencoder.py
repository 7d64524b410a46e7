"""Train an autoencoder: reconstruct whole pictures and close-ups."""

import logging
import random
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn

from graphengine.diffusion.autoencoders.kl import AutoencoderKL, Posterior
from graphengine.diffusion.training.dataset import Dataset, batch, picture_bytes, share
from graphengine.diffusion.training.device import device_of, half
from graphengine.diffusion.training.export import export
from graphengine.diffusion.training.loop import RESULT, Budget, OnProgress, Run, Settings
from graphengine.diffusion.training.peers import Peers

log = logging.getLogger(__name__)

WHITENED = 400  # pictures that the latents' mean and spread are measured on


@dataclass(frozen=True)
class AutoencoderTraining:
    """How an autoencoder is trained.

    Attributes:
        size: Pixels a side of the pictures; close-ups and small pictures have half of it.
        pictures: Number of different pictures that each process makes before it starts.
        crops: Close-ups in a batch; a batch of whole pictures has a quarter of it.
        kl_weight: Of the mean divergence of a latent value from the standard normal.
    """

    size: int = 128
    pictures: int = 3000
    crops: int = 12
    kl_weight: float = 4e-4
    settings: Settings = field(
        default_factory=lambda: Settings(
            4e-3, adam_share=0.67, weight_decay=0.02, warm_up=60, floor=0.02, ema_decay=0.998
        )
    )


def train_autoencoder(
    config: AutoencoderTraining,
    autoencoder: AutoencoderKL,
    dataset: Dataset,
    folder: Path,
    *,
    whitened: Dataset,
    scale: float,
    budget: Budget,
    peers: Peers | None = None,
    on_progress: OnProgress | None = None,
) -> None:
    """Train an autoencoder, from the folder's last checkpoint if there is one.

    The folder then has the averaged weights in ``RESULT``, with latents that have mean 0 and variance 1 on the
    ``whitened`` pictures when they are multiplied by ``scale``.
    """
    peers = peers or Peers()
    task = AutoencoderTask(config, autoencoder.requires_grad_(True), dataset, peers)
    run = Run(task, folder, config.settings, peers)
    run.train(budget, on_progress)
    if peers.rank == 0:
        run.ema.swap(autoencoder)
        pictures = picture_bytes(whitened, share(whitened, Peers(), WHITENED), config.size)
        whiten(autoencoder, pictures.float() / 255, scale)
        export(folder / RESULT, autoencoder)


class AutoencoderTask:
    """Reconstruction of close-ups (3 batches of 5), whole pictures and pictures of half the size."""

    def __init__(self, config: AutoencoderTraining, autoencoder: AutoencoderKL, dataset: Dataset, peers: Peers) -> None:
        self.config, self.autoencoder, self.dataset = config, autoencoder, dataset
        self.numbers = share(dataset, peers, config.pictures)
        self.large = picture_bytes(dataset, self.numbers, config.size)
        self.small = picture_bytes(dataset, self.numbers, config.size // 2)
        log.info("have %d pictures", len(self.numbers))

    @property
    def module(self) -> nn.Module:
        return self.autoencoder

    def loss(self, rng: random.Random) -> Tensor:
        image = self._batch(rng).float() / 127.5 - 1
        generator = torch.Generator().manual_seed(rng.getrandbits(63))
        channels = self.autoencoder.config.latent_channels
        noise = torch.randn(len(image), channels, image.shape[2] // 8, image.shape[3] // 8, generator=generator)
        image, noise = (value.to(device_of(self.autoencoder)) for value in (image, noise))
        with half(self.autoencoder):
            decoded, posterior = self.autoencoder(image, noise)
        return reconstruction_loss(decoded.float(), image) + self.config.kl_weight * mean_kl(posterior)

    def _batch(self, rng: random.Random) -> Tensor:
        kind = rng.random()
        if kind < 0.6:
            return torch.stack([self._close_up(rng) for _ in range(self.config.crops)])
        if kind < 0.9:
            return self.large[batch(len(self.large), max(1, self.config.crops // 4), rng)]
        return self.small[batch(len(self.small), self.config.crops, rng)]

    def _close_up(self, rng: random.Random) -> Tensor:
        """Half the picture's side, around what is worth looking at."""
        index = rng.randrange(len(self.numbers))
        focus = self.dataset.focus(self.numbers[index], rng)
        side = self.config.size // 2
        left, top = (
            min(max(int(centre * self.config.size) + rng.randint(-side // 2, side // 2) - side // 2, 0), side)
            for centre in focus
        )
        return self.large[index, :, top : top + side, left : left + side]


def reconstruction_loss(decoded: Tensor, image: Tensor) -> Tensor:
    """Mean absolute and squared error, and that of neighbouring pixels' differences, which keeps edges sharp."""
    error = decoded - image
    slopes = error.diff(dim=2).abs().mean() + error.diff(dim=3).abs().mean()
    return error.abs().mean() + 2 * error.square().mean() + 0.7 * slopes


def mean_kl(posterior: Posterior) -> Tensor:
    """The divergence from the standard normal per latent value."""
    return posterior.kl().mean() / posterior.mean[0].numel()


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
    device = device_of(autoencoder)
    latents = torch.cat([autoencoder.encode(some.to(device) * 2 - 1).mode() for some in images.split(chunk)])
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
