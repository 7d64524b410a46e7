"""SEEDS: stochastic exponential integrators without derivatives, Gonzalez et al. 2023 (arXiv:2305.14267).

Written for estimates of the clean latents, as SDE-DPM-Solver++ is, with ``eta`` as its noise: 0 is the ODE. A step
evaluates the denoiser at its start and at stages inside it; the noise of a later stage holds that of those before, so
that all stages of a step lie on one path.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor

from graphengine.diffusion.sampling.denoiser import Denoise, OnStep, ignore_step
from graphengine.diffusion.sampling.noise import NoiseSource
from graphengine.diffusion.sampling.samplers.exponential import psi
from graphengine.diffusion.sampling.samplers.steps import geometric_middle

SolverType = Literal["phi_1", "phi_2"]


@torch.no_grad()
def seeds_2(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: NoiseSource,
    on_step: OnStep = ignore_step,
    eta: float = 1.0,
    s_noise: float = 1.0,
    r: float = 0.5,
    solver_type: SolverType = "phi_1",
) -> Tensor:
    """SEEDS-2: two evaluations a step.

    Args:
        r: Where in a step the second is, in log sigma; 1 is its end.
        solver_type: Whether the slope between both is integrated approximately (``phi_1``) or exactly (``phi_2``).
    """
    if solver_type not in ("phi_1", "phi_2"):
        raise ValueError(f"solver_type {solver_type!r} of seeds_2: it is phi_1 or phi_2")
    for step, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        denoised = denoise(x, sigma.expand(len(x)))
        on_step(step, x, denoised)
        if sigma_next == 0:
            return denoised
        path = _Path(x, noise, sigma, [_inside(sigma, sigma_next, r), sigma_next], eta, s_noise)
        slope = (path.evaluate(denoise, 0, [denoised]) - denoised) / r
        x = path.at(1, [denoised, slope], average=solver_type == "phi_1")
    return x


@torch.no_grad()
def seeds_3(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: NoiseSource,
    on_step: OnStep = ignore_step,
    eta: float = 1.0,
    s_noise: float = 1.0,
    r_1: float = 1 / 3,
    r_2: float = 2 / 3,
) -> Tensor:
    """SEEDS-3: three evaluations a step, at ``r_1`` and ``r_2`` of it."""
    for step, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        denoised = denoise(x, sigma.expand(len(x)))
        on_step(step, x, denoised)
        if sigma_next == 0:
            return denoised
        stages = [_inside(sigma, sigma_next, part) for part in (r_1, r_2)]
        path = _Path(x, noise, sigma, [*stages, sigma_next], eta, s_noise)
        first = path.evaluate(denoise, 0, [denoised])
        second = path.evaluate(denoise, 1, [denoised, (first - denoised) * (r_2 / r_1)])
        x = path.at(2, [denoised, (second - denoised) / r_2])
    return x


def _inside(sigma: Tensor, sigma_next: Tensor, part: float) -> Tensor:
    """The level at a part of a step; at its end exactly, for there is no noise between that and itself."""
    return sigma_next if part == 1 else geometric_middle(sigma, sigma_next, part)


class _Path:
    """The stages of one step from ``x``, along one path of the noise."""

    def __init__(
        self, x: Tensor, noise: NoiseSource, sigma: Tensor, levels: Sequence[Tensor], eta: float, s_noise: float
    ) -> None:
        self.x, self.sigma, self.levels, self.eta = x, sigma, levels, eta
        self.gained: list[Tensor | float] = [0.0 for _ in levels]
        if eta and s_noise:
            gained: Tensor | float = 0.0
            for k, (before, level) in enumerate(pairwise([sigma, *levels])):
                carry = (level / before) ** (1 + eta)
                fresh = (-torch.expm1(2 * eta * (level / before).log())).sqrt()
                gained = gained * carry + noise(before, level) * (s_noise * level * fresh)
                self.gained[k] = gained

    def at(self, stage: int, terms: Sequence[Tensor], *, average: bool = False) -> Tensor:
        """The latents at a stage.

        Args:
            terms: The estimate at the start, and what it changes by until the stage if it goes on so.
            average: Take half the change for the whole step instead of integrating it.
        """
        level = self.levels[stage]
        z = (level / self.sigma).log() * (1 + self.eta)
        x = torch.exp(z) * self.x - psi(1, z) * terms[0]
        for slope in terms[1:]:
            x = x - (psi(1, z) / 2 if average else psi(2, z)) * slope
        return x + self.gained[stage]

    def evaluate(self, denoise: Denoise, stage: int, terms: Sequence[Tensor]) -> Tensor:
        """The estimate at a stage."""
        return denoise(self.at(stage, terms), self.levels[stage].expand(len(self.x)))
