"""Churn: raise the noise level a little before a step (Karras et al. 2022, arXiv:2206.00364, algorithm 2)."""

import math
from dataclasses import dataclass

from torch import Tensor

from graphengine.diffusion.sampling.noise import NoiseSource


@dataclass(frozen=True)
class Churn:
    """How much noise to add, and between which levels.

    Attributes:
        gamma: Relative increase of the noise level, at most sqrt(2) - 1.
        low, high: The levels it acts between.
        deviation: Of the noise added; a little above 1 makes up for what denoisers blur.
    """

    gamma: float
    low: float
    high: float
    deviation: float

    @classmethod
    def over(cls, sigmas: Tensor, s_churn: float, s_tmin: float, s_tmax: float, s_noise: float) -> "Churn":
        """Spread ``s_churn`` over the steps between ``sigmas``."""
        return cls(min(s_churn / max(len(sigmas) - 1, 1), math.sqrt(2) - 1), s_tmin, s_tmax, s_noise)

    def __call__(self, x: Tensor, sigma: Tensor, noise: NoiseSource) -> tuple[Tensor, Tensor]:
        """Noisier latents and their level.

        Every step draws, also those outside the levels, so that moving them does not reshuffle the noise.
        """
        if self.gamma <= 0:
            return x, sigma
        sigma_hat = sigma * (self.gamma + 1)
        drawn = noise(sigma, sigma_hat)
        if not self.low <= float(sigma) <= self.high:
            return x, sigma
        return x + drawn * (self.deviation * (sigma_hat**2 - sigma**2).sqrt()), sigma_hat
