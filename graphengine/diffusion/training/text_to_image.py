"""Train a UNet together with its text encoder, on latents of scenes with ever new captions."""

import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn

from graphengine.diffusion.autoencoders.kl import AutoencoderKL
from graphengine.diffusion.denoisers.unet import UNet, UNetConfig
from graphengine.diffusion.sampling.discrete import alphas_cumprod_of, make_betas
from graphengine.diffusion.text.clip import CLIPText, CLIPTextConfig
from graphengine.diffusion.training.loop import Budget, OnProgress, Run, Settings
from graphengine.diffusion.training.loss import LatentDiffusionLoss, layout_weights, sample_errors
from graphengine.diffusion.training.peers import Peers
from graphengine.diffusion.training.vocabulary import CompactVocabulary
from graphengine.diffusion.training.world.caption import training_text, vocabulary
from graphengine.diffusion.training.world.render import render
from graphengine.diffusion.training.world.scene import Scene, numbered_scene
from graphengine.diffusion.types import LatentFormat, Prediction

log = logging.getLogger(__name__)

LATENTS = LatentFormat()


@dataclass(frozen=True)
class TextToImageTraining:
    """What a denoiser is trained on, and how.

    Attributes:
        unet, text: Sizes; the text encoder's vocabulary is cut down to the words of the world.
        size: Pixels a side.
        scenes: Number of different scenes each process encodes before it starts.
        batch: Scenes in each process's step.
        seed: Of the scenes; the one scored on must differ.
    """

    unet: UNetConfig = field(
        default_factory=lambda: UNetConfig(channels=(64, 96, 128, 128), context_width=64, heads=2, norm_groups=8)
    )
    text: CLIPTextConfig = field(default_factory=lambda: CLIPTextConfig(width=64, mlp_width=256, layers=3, heads=2))
    size: int = 64
    scenes: int = 5000
    batch: int = 64
    seed: int = 200
    settings: Settings = field(
        default_factory=lambda: Settings(learning_rate=2e-3, warm_up=150, decay_from=0.75, floor=0.25, ema_decay=0.9985)
    )


class TextToImage(nn.Module):
    """A denoiser and its text encoder, with the compact vocabulary they are trained with."""

    def __init__(self, unet: UNetConfig, text: CLIPTextConfig) -> None:
        super().__init__()
        self.words = CompactVocabulary(vocabulary())
        self.unet = UNet(unet)
        self.text = CLIPText(CLIPTextConfig(**{**vars(text), "vocabulary": len(self.words)}))

    def context(self, texts: Sequence[str]) -> Tensor:
        """Encode B texts: B x 77 x D."""
        return self.text.context(self.text(self.words.encode(texts)))


def train_text_to_image(
    config: TextToImageTraining,
    folder: Path,
    *,
    autoencoder: AutoencoderKL,
    start: Path | None = None,
    budget: Budget,
    peers: Peers | None = None,
    on_progress: OnProgress | None = None,
) -> Path:
    """Train from the weights in ``start`` (from nothing without), or from the folder's last checkpoint.

    Returns the file with the averaged weights of UNet and text encoder.
    """
    peers = peers or Peers()
    torch.manual_seed(config.seed)
    model = TextToImage(config.unet, config.text)
    if start:
        model.load_state_dict(torch.load(start, weights_only=True))
    first = peers.rank * config.scenes
    scenes = [numbered_scene(config.seed, number) for number in range(first, first + config.scenes)]
    task = TextToImageTask(config, autoencoder, model=model, scenes=scenes)
    run = Run(task, folder, config.settings, peers)
    run.train(budget, on_progress)
    run.ema.swap(task.module)
    path = folder / "ema.pt"
    if peers.rank == 0:
        torch.save(task.module.state_dict(), path)
    return path


class TextToImageTask:
    """The weighted eps loss on captioned latents."""

    def __init__(
        self, config: TextToImageTraining, autoencoder: AutoencoderKL, *, model: TextToImage, scenes: Sequence[Scene]
    ) -> None:
        self.config, self.model, self.scenes = config, model, scenes
        self.objective = LatentDiffusionLoss(Prediction.EPS, alphas_cumprod_of(make_betas("linear")))
        self.latents = encode_scenes(autoencoder, self.scenes, config.size)
        log.info("encoded %d scenes, mean square %.3f", len(self.scenes), float(self.latents.square().mean()))

    @property
    def module(self) -> TextToImage:
        return self.model

    def loss(self, rng: random.Random) -> Tensor:
        chosen = rng.sample(range(len(self.scenes)), self.config.batch)
        generator = torch.Generator().manual_seed(rng.getrandbits(63))
        latents = self.latents[chosen]
        noise = torch.randn(latents.shape, generator=generator)
        timestep = spread_timesteps(len(chosen), len(self.objective.alphas_cumprod), generator)
        noisy = self.objective.noisy(latents, noise, timestep)
        with torch.autocast("cpu", torch.bfloat16):
            context = self.model.context([training_text(self.scenes[index], rng) for index in chosen])
            output = self.model.unet(noisy, timestep, context)
        errors = sample_errors(output, self.objective.target(latents, noise, timestep))
        return (errors * layout_weights(self.objective.alphas_cumprod[timestep])).mean()


def spread_timesteps(count: int, steps: int, generator: torch.Generator) -> Tensor:
    """Uniform integer steps, one from each of ``count`` equal parts of the range, so that batches differ less."""
    places = (torch.arange(count) + torch.rand(count, generator=generator)) / count
    return (places * steps).long().clamp(max=steps - 1)


@torch.no_grad()
def encode_scenes(autoencoder: AutoencoderKL, scenes: Sequence[Scene], size: int, chunk: int = 40) -> Tensor:
    """Scaled latents of many rendered scenes: the posteriors' means, B x 4 x h x w, float32."""
    encoded = []
    for start in range(0, len(scenes), chunk):
        image = render(scenes[start : start + chunk], size).image * 2 - 1
        with torch.autocast("cpu", torch.bfloat16):
            encoded.append(autoencoder.encode(image).mode().float() * LATENTS.scale)
    return torch.cat(encoded)
