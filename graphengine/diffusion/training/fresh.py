"""Networks with random first weights, as values: always the same ones for the same seed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TypeVar

import torch
from torch import Tensor, nn

from graphengine.diffusion.autoencoders.kl import AutoencoderKL, KLConfig
from graphengine.diffusion.denoisers.unet import UNet
from graphengine.diffusion.denoisers.unet_config import UNetConfig
from graphengine.diffusion.families import SD1
from graphengine.diffusion.text.clip import CLIPText, CLIPTextConfig
from graphengine.diffusion.training.vocabulary import CompactVocabulary
from graphengine.diffusion.types import Autoencoder, Model, Part, Prediction, TextEncoder
from graphengine.diffusion.weights.load import latent_format, training_schedule
from graphengine.diffusion.weights.skeleton import skeleton

T = TypeVar("T")
Weights = Callable[[], Mapping[str, Tensor]]


def seeded(seed: int, make: Callable[[], T]) -> T:
    """What ``make`` makes with torch's generator seeded; afterwards the generator is as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return make()


@dataclass(frozen=True, eq=False)
class Drawn:
    """A ``StoredTensor`` that is drawn, with all others of its network, when it is first read."""

    name: str
    shape: tuple[int, ...]
    draw: "Draw"
    dtype: str = "F32"

    def read(self) -> Tensor:
        return self.draw.weights[self.name]


@dataclass(frozen=True, eq=False)
class Draw:
    """The first weights of a network, drawn once."""

    make: Weights

    @cached_property
    def weights(self) -> Mapping[str, Tensor]:
        return self.make()


def fresh_autoencoder(config: KLConfig, seed: int) -> Autoencoder:
    """An autoencoder that has learned nothing."""
    build = partial(AutoencoderKL, config)
    part = _part("autoencoder", build, lambda: seeded(seed, build).state_dict(), f"{config} {seed}")
    return Autoencoder(part, latent_format(SD1))


def fresh_text_to_image(
    unet: UNetConfig, text: CLIPTextConfig, words: CompactVocabulary, seed: int
) -> tuple[Model, TextEncoder]:
    """A denoiser and a text encoder that have learned nothing.

    Args:
        words: Get rows of their own in the encoder's embedding; all other tokens share one.
    """

    def draw() -> tuple[nn.Module, nn.Module]:
        compact = CLIPTextConfig(**{**vars(text), "vocabulary": len(words)})
        return UNet(unet), CLIPText(compact)

    def unet_weights() -> Mapping[str, Tensor]:
        return seeded(seed, draw)[0].state_dict()

    def text_weights() -> Mapping[str, Tensor]:
        state = seeded(seed, draw)[1].state_dict()
        return {**state, EMBEDDING: words.expand(state[EMBEDDING])}

    identity = f"{unet} {text} {words.known} {seed}"
    denoiser = _part("denoiser", partial(UNet, unet), unet_weights, identity)
    encoder = _part("text_encoder", partial(CLIPText, text), text_weights, identity)
    return Model(denoiser, Prediction.EPS, training_schedule(SD1), latent_format(SD1)), TextEncoder(encoder)


EMBEDDING = "text_model.embeddings.token_embedding.weight"


def _part(role: str, build: Callable[[], nn.Module], weights: Weights, identity: str) -> Part:
    draw = Draw(weights)
    shapes = {name: tuple(tensor.shape) for name, tensor in skeleton(build).state_dict().items()}
    stored = {name: Drawn(name, shape, draw) for name, shape in shapes.items()}
    return Part(f"fresh {role.replace('_', ' ')}", "sd1", build, stored, f"fresh {role} {identity}", role=role)
