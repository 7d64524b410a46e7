"""Train a UNet together with its text encoder, on latents of pictures with ever new captions."""

import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn

from graphengine.diffusion.autoencoders.kl import AutoencoderKL
from graphengine.diffusion.denoisers.unet import UNet
from graphengine.diffusion.text.clip import CLIPText
from graphengine.diffusion.training.dataset import Dataset, batch, share
from graphengine.diffusion.training.device import device_of, half
from graphengine.diffusion.training.export import export
from graphengine.diffusion.training.loop import RESULT, Budget, OnProgress, Run, Settings
from graphengine.diffusion.training.loss import LatentDiffusionLoss, layout_weights, sample_errors
from graphengine.diffusion.training.peers import Peers
from graphengine.diffusion.training.vocabulary import CompactVocabulary, Vocabulary, WholeVocabulary
from graphengine.diffusion.types import Prediction

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TextToImageTraining:
    """How a denoiser is trained.

    Attributes:
        size: Pixels a side.
        pictures: Number of different pictures that each process encodes before it starts.
        batch: Pictures in each process's step.
        noise_offset: Spread of a constant that is added to the noise of each channel. The last training step leaves a
            little of the latents, most of all their mean, which is not there when a picture is drawn from noise alone
            (Lin et al. 2024, arXiv:2305.08891, section 2); with some the network learns not to go by it.
    """

    size: int = 64
    pictures: int = 5000
    batch: int = 64
    noise_offset: float = 0.0
    settings: Settings = field(
        default_factory=lambda: Settings(2e-3, warm_up=150, decay_from=0.75, floor=0.25, ema_decay=0.9985)
    )


class TextToImage(nn.Module):
    """A denoiser and its text encoder, with the vocabulary that the encoder's embedding has rows for."""

    def __init__(self, unet: UNet, text: CLIPText, words: Vocabulary | None = None) -> None:
        super().__init__()
        self.words = words or WholeVocabulary()
        self.unet = unet
        self.text = text

    def context(self, texts: Sequence[str]) -> Tensor:
        """Encode B texts: B x 77 x D."""
        return self.text.context(self.text(self.words.encode(texts).to(device_of(self.text))))


@dataclass(frozen=True, eq=False)
class Space:
    """The latents that a denoiser works on, and the noise it was made for.

    Attributes:
        autoencoder: Frozen.
        scale: Of its latents.
        alphas_cumprod: The training schedule.
    """

    autoencoder: AutoencoderKL
    scale: float
    alphas_cumprod: Tensor

    def objective(self, device: torch.device) -> LatentDiffusionLoss:
        """Of a network that predicts the noise."""
        return LatentDiffusionLoss(Prediction.EPS, self.alphas_cumprod).to(device)

    @torch.no_grad()
    def encode(self, image: Tensor) -> Tensor:
        """Scaled latents of pictures in 0..1, the posteriors' means: B x 4 x h x w, float32, on the CPU."""
        with half(self.autoencoder):
            posterior = self.autoencoder.encode(image.to(device_of(self.autoencoder)) * 2 - 1)
        return posterior.mode().float().cpu() * self.scale


def train_text_to_image(
    config: TextToImageTraining,
    model: TextToImage,
    space: Space,
    dataset: Dataset,
    folder: Path,
    *,
    budget: Budget,
    peers: Peers | None = None,
    on_progress: OnProgress | None = None,
) -> None:
    """Train a model whose text encoder has all 49408 tokens, from the folder's last checkpoint if there is one.

    The folder then has the averaged weights in ``RESULT``.
    """
    peers = peers or Peers()
    embedding = model.text.text_model.embeddings.token_embedding
    words, whole = CompactVocabulary(dataset.words), embedding.weight.detach()
    model.words, embedding.weight = words, nn.Parameter(words.compress(whole))
    task = TextToImageTask(config, model.requires_grad_(True), space, dataset, peers)
    run = Run(task, folder, config.settings, peers)
    run.train(budget, on_progress)
    if peers.rank == 0:
        run.ema.swap(model)
        embedding.weight = nn.Parameter(words.restore(whole, embedding.weight.detach()))
        export(folder / RESULT, model.unet, model.text)


class TextToImageTask:
    """The weighted eps loss on captioned latents."""

    def __init__(
        self, config: TextToImageTraining, model: TextToImage, space: Space, dataset: Dataset, peers: Peers
    ) -> None:
        self.config, self.model, self.dataset = config, model, dataset
        self.device = device_of(model)
        self.objective = space.objective(self.device)
        self.numbers = share(dataset, peers, config.pictures)
        self.latents = encode_pictures(space, dataset, self.numbers, config.size)
        log.info("encoded %d pictures, mean square %.3f", len(self.numbers), float(self.latents.square().mean()))

    @property
    def module(self) -> nn.Module:
        return self.model

    def loss(self, rng: random.Random) -> Tensor:
        chosen = batch(len(self.numbers), self.config.batch, rng)
        generator = torch.Generator().manual_seed(rng.getrandbits(63))
        latents = self.latents[chosen]
        noise = torch.randn(latents.shape, generator=generator)
        if self.config.noise_offset:
            noise += self.config.noise_offset * torch.randn(*latents.shape[:2], 1, 1, generator=generator)
        timestep = spread_timesteps(len(chosen), len(self.objective.alphas_cumprod), generator)
        latents, noise, timestep = (value.to(self.device) for value in (latents, noise, timestep))
        noisy = self.objective.noisy(latents, noise, timestep)
        with half(self.model):
            context = self.model.context([self.dataset.text(self.numbers[index], rng) for index in chosen])
            output = self.model.unet(noisy, timestep, context)
        errors = sample_errors(output, self.objective.target(latents, noise, timestep))
        return (errors * layout_weights(self.objective.alphas_cumprod[timestep])).mean()


def spread_timesteps(count: int, steps: int, generator: torch.Generator) -> Tensor:
    """Uniform integer steps, one from each of ``count`` equal parts of the range, so that batches differ less."""
    places = (torch.arange(count) + torch.rand(count, generator=generator)) / count
    return (places * steps).long().clamp(max=steps - 1)


def encode_pictures(space: Space, dataset: Dataset, numbers: Sequence[int], size: int, chunk: int = 40) -> Tensor:
    """Scaled latents of many pictures: B x 4 x h x w, float32."""
    chunks = [numbers[start : start + chunk] for start in range(0, len(numbers), chunk)]
    return torch.cat([space.encode(dataset.pictures(some, size)) for some in chunks])
