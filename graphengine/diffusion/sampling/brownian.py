"""A Brownian path that can be asked at any time, in any order.

The virtual Brownian tree of Li et al. 2020 (arXiv:2001.01328, section 4): the path is halved again and again, every
midpoint drawn from its neighbours with a seed that depends on its place alone. The seeds are made as torchsde makes
them, so the paths are those of its ``BrownianTree``.
"""

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

_DIGITS = 6  # times are told apart to this many decimals, as torchsde does by default
_POOL = 24  # words of entropy a seed is mixed from, likewise


class BrownianTree:
    """One path from time ``start``, where it is 0, to ``end``; float32 on the CPU."""

    def __init__(self, shape: Sequence[int], start: float, end: float, seed: int) -> None:
        self.shape = tuple(shape)
        self.start, self.end = round(start, _DIGITS), round(end, _DIGITS)
        self.seed = seed
        self._whole = self._normal() * math.sqrt(end - start)

    def __call__(self, time: float) -> Tensor:
        """Where the path is at ``time``, which is clamped to its range."""
        time = min(max(round(time, _DIGITS), self.start), self.end)
        start, end, increment = self.start, self.end, self._whole
        place, depth = 0, 0
        position = torch.zeros(self.shape)
        while start < time < end:
            middle = round((start + end) / 2, _DIGITS)
            before, after, length = middle - start, end - middle, end - start
            noise = self._normal((place, depth))
            first_half = increment * (before / length) + noise * math.sqrt(before * after / length)
            right = time >= middle
            if right:
                position = position + first_half
                start, increment = middle, increment - first_half
            else:
                end, increment = middle, first_half
            place, depth = 2 * place + right, depth + 1
        return position + increment if time >= end else position

    def _normal(self, spawn_key: tuple[int, ...] = ()) -> Tensor:
        sequence = np.random.SeedSequence(self.seed, spawn_key=spawn_key, pool_size=_POOL)
        generator = torch.Generator().manual_seed(int(sequence.generate_state(1)[0]))
        return torch.randn(self.shape, generator=generator)
