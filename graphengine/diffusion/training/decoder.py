"""Train an autoencoder's decoder alone: latents stay what they are, and with them all that was made for them."""

import logging
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn

from graphengine.diffusion.autoencoders.kl import AutoencoderKL
from graphengine.diffusion.training.autoencoder import reconstruction_loss
from graphengine.diffusion.training.dataset import Dataset, batch, picture_bytes, share
from graphengine.diffusion.training.device import device_of, half
from graphengine.diffusion.training.export import export
from graphengine.diffusion.training.loop import RESULT, Budget, OnProgress, Run, Settings
from graphengine.diffusion.training.peers import Peers

log = logging.getLogger(__name__)

WHOLE = 0.75  # of the batches; the others are of half the size


@dataclass(frozen=True)
class DecoderTraining:
    """How a decoder is trained.

    Attributes:
        size: Pixels a side of the pictures; every fourth batch has half of it.
        pictures: Number of different pictures that each process makes before it starts.
        batch: Pictures in a step, four times as many of half the size.
        latent_noise: Largest standard deviation of the noise on latents that have the variance 1. It stands for what a
            denoiser leaves wrong: noise-augmented decoding, Zheng et al. 2025 (arXiv:2510.11690), section 4.
    """

    size: int = 128
    pictures: int = 3000
    batch: int = 6
    latent_noise: float = 0.15
    settings: Settings = field(
        default_factory=lambda: Settings(
            3e-3, adam_share=0.67, weight_decay=0.02, warm_up=60, floor=0.02, ema_decay=0.998
        )
    )


def train_decoder(
    config: DecoderTraining,
    autoencoder: AutoencoderKL,
    dataset: Dataset,
    folder: Path,
    *,
    scale: float,
    budget: Budget,
    peers: Peers | None = None,
    on_progress: OnProgress | None = None,
) -> None:
    """Train a decoder, from the folder's last checkpoint if there is one.

    The folder then has the whole autoencoder in ``RESULT``, the decoder's weights averaged.

    Args:
        scale: What its latents are multiplied by to have the variance 1.
    """
    peers = peers or Peers()
    autoencoder.requires_grad_(False)
    for module in (autoencoder.decoder, autoencoder.post_quant_conv):
        module.requires_grad_(True)
    task = DecoderTask(config, autoencoder, dataset, scale, peers)
    run = Run(task, folder, config.settings, peers)
    run.train(budget, on_progress)
    if peers.rank == 0:
        run.ema.swap(autoencoder)
        export(folder / RESULT, autoencoder)


class DecoderTask:
    """Reconstruction of whole pictures from latents with noise."""

    def __init__(
        self, config: DecoderTraining, autoencoder: AutoencoderKL, dataset: Dataset, scale: float, peers: Peers
    ) -> None:
        self.config, self.autoencoder, self.scale = config, autoencoder, scale
        numbers = share(dataset, peers, config.pictures)
        sizes = (config.size, config.size // 2)
        self.images: Mapping[int, Tensor] = {size: picture_bytes(dataset, numbers, size) for size in sizes}
        log.info("have %d pictures", len(numbers))

    @property
    def module(self) -> nn.Module:
        return self.autoencoder

    def loss(self, rng: random.Random) -> Tensor:
        whole = rng.random() < WHOLE
        images = self.images[self.config.size if whole else self.config.size // 2]
        chosen = batch(len(images), self.config.batch * (1 if whole else 4), rng)
        image = (images[chosen].float() / 127.5 - 1).to(device_of(self.autoencoder))
        generator = torch.Generator().manual_seed(rng.getrandbits(63))
        with half(self.autoencoder):
            with torch.no_grad():
                latents = self.autoencoder.encode(image).mode()
            spread = self.config.latent_noise / self.scale * torch.rand(len(image), 1, 1, 1, generator=generator)
            noise = spread * torch.randn(latents.shape, generator=generator)
            decoded = self.autoencoder.decode(latents + noise.to(latents))
        return reconstruction_loss(decoded.float(), image)
