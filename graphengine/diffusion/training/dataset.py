"""What networks are trained on: captioned pictures by number, whether they are rendered or read from files."""

import random
from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

from graphengine.diffusion.training.peers import Peers


class Dataset(Protocol):
    """Captioned pictures by number; what a number shows never changes."""

    @property
    def identity(self) -> str:
        """Equal exactly when all pictures and captions are."""

    @property
    def length(self) -> int | None:
        """How many pictures there are; None is endlessly many."""

    @property
    def words(self) -> Sequence[str]:
        """Every word that a caption can hold."""

    def pictures(self, numbers: Sequence[int], size: int) -> Tensor:
        """B x 3 x S x S in 0..1, float32 on the CPU."""

    def text(self, number: int, rng: random.Random) -> str:
        """A caption of a picture, possibly another one at each call."""

    def focus(self, number: int, rng: random.Random) -> tuple[float, float]:
        """Where a close-up should look: x and y in fractions of the picture."""


def share(dataset: Dataset, peers: Peers, wanted: int) -> Sequence[int]:
    """The numbers of the pictures that one process trains on, at most ``wanted``; no two processes share any.

    Raises:
        ValueError: There are fewer pictures than processes.
    """
    if dataset.length is None:
        return range(peers.rank * wanted, (peers.rank + 1) * wanted)
    numbers = range(dataset.length)[peers.rank :: peers.count][:wanted]
    if not numbers:
        raise ValueError(f"{dataset.length} pictures are too few for {peers.count} processes; add some")
    return numbers


def batch(count: int, size: int, rng: random.Random) -> list[int]:
    """Indices of ``size`` different ones of ``count`` things; of all of them where there are fewer."""
    return rng.sample(range(count), min(size, count))


def picture_bytes(dataset: Dataset, numbers: Sequence[int], size: int, chunk: int = 50) -> Tensor:
    """Many pictures, B x 3 x S x S bytes."""
    chunks = [numbers[start : start + chunk] for start in range(0, len(numbers), chunk)]
    return torch.cat([(dataset.pictures(some, size) * 255).round().to(torch.uint8) for some in chunks])
