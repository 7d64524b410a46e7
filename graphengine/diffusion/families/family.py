"""What a model family is, as data: how its files are recognised and what its numbers are.

A file is recognised by *signatures* on names and shapes alone. For every place where a network may lie (a prefix of
its names) exactly one signature must fit; nothing depends on the order they are listed in. Torch is not imported.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from graphengine.diffusion.weights.keymap import NATIVE, KeyMap

Shapes = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Clue:
    """A tensor to look for.

    Attributes:
        key: Its name, after the prefix; ``*`` stands for anything and ``|`` between whole names for "or".
        shape: Its sizes, ``* 4|9 3 3``: ``*`` stands for any size, ``|`` for "or"; empty is any shape.
    """

    key: str
    shape: str = ""

    def found(self, shapes: Shapes, prefix: str) -> bool:
        """Whether a tensor of this name and shape lies under the prefix."""
        if "*" not in self.key and "|" not in self.key:
            shape = shapes.get(prefix + self.key)
            return shape is not None and self.takes(shape)
        pattern = _pattern(prefix, self.key)
        return any(self.takes(shape) for name, shape in shapes.items() if pattern.fullmatch(name))

    def takes(self, shape: tuple[int, ...]) -> bool:
        """Whether this is the shape it asks for."""
        if not self.shape:
            return True
        asked = self.shape.split()
        sizes = zip(asked, map(str, shape), strict=False)
        return len(asked) == len(shape) and all(ask == "*" or size in ask.split("|") for ask, size in sizes)

    def __str__(self) -> str:
        return f"{self.key} [{self.shape}]" if self.shape else self.key


@lru_cache(maxsize=4096)
def _pattern(prefix: str, key: str) -> re.Pattern[str]:
    names = "|".join(re.escape(name).replace(r"\*", ".*") for name in key.split("|"))
    return re.compile(f"{re.escape(prefix)}(?:{names})")


def clues(*keys: str) -> tuple[Clue, ...]:
    """Clues written ``key`` or ``key [shape]``."""
    split = (key.partition(" [") for key in keys)
    return tuple(Clue(key, shape.rstrip("]")) for key, _, shape in split)


@dataclass(frozen=True)
class Signature:
    """How one network (or adapter) of a family looks in one layout.

    Attributes:
        role: denoiser, text_encoder, autoencoder, controlnet, ctrlora_base, ..., lora, offsets, embedding.
        layout: ldm (our own names), diffusers, kohya, ...
        title: For people.
        present, absent: What must be found, and what must not.
        prefixes: Where it may lie; the empty prefix is a file of its own.
        key_map: To our names.
    """

    role: str
    layout: str
    title: str
    present: tuple[Clue, ...]
    absent: tuple[Clue, ...] = ()
    prefixes: tuple[str, ...] = ("",)
    key_map: KeyMap = NATIVE

    def misses(self, shapes: Shapes, prefix: str) -> list[str]:
        """Why it does not fit; empty when it does."""
        lacking = [f"{prefix}{clue} is not there" for clue in self.present if not clue.found(shapes, prefix)]
        return lacking + [f"{prefix}{clue} is there" for clue in self.absent if clue.found(shapes, prefix)]


@dataclass(frozen=True)
class Heads:
    """How many attention heads a layer has: a fixed ``count``, or one for each ``width`` channels."""

    count: int | None = None
    width: int | None = None


@dataclass(frozen=True)
class Family:
    """A set of networks that belong together.

    Attributes:
        name: sd1, sd2, sdxl, ...
        title: For people.
        signatures: Of its networks and of what was made for them, in every layout.
        supported: Whether its networks can be built.
        prediction: What its denoiser outputs, where a file does not say: eps, v or x0.
        betas: First and last of the training noise schedule, linear in the square root.
        training_steps: Length of that schedule.
        heads: Of the denoiser.
        head_width: Of the text encoder.
        latent_channels, latent_scale, latent_shift: Of its latent space.
    """

    name: str
    title: str
    signatures: tuple[Signature, ...]
    supported: bool = False
    prediction: str = "eps"
    betas: tuple[float, float] = (0.00085, 0.012)
    training_steps: int = 1000
    heads: Heads = Heads(count=8)
    head_width: int = 64
    latent_channels: int = 4
    latent_scale: float = 0.18215
    latent_shift: float = 0.0

    @cached_property
    def roles(self) -> frozenset[str]:
        """What kinds of files it knows."""
        return frozenset(signature.role for signature in self.signatures)
