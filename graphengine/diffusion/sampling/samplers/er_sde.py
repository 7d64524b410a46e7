"""Extended reverse-time SDE solvers: Cui et al. 2023 (arXiv:2309.06169), in the variance-exploding form."""

from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor

from graphengine.diffusion.sampling.denoiser import Denoise, OnStep, ignore_step
from graphengine.diffusion.sampling.noise import NoiseSource

NoiseScale = Callable[[Tensor], Tensor]
_POINTS = 200  # of the numerical integrals; a left sum over as many as the authors take, so that pictures agree


def er_sde_5(sigma: Tensor) -> Tensor:
    """The paper's choice, ER-SDE 5: ``sigma * (exp(sigma^0.3) + 10)``."""
    return sigma * ((sigma**0.3).exp() + 10)


def reverse_sde(eta: float) -> NoiseScale:
    """``sigma^(1 + eta)``: the usual reverse SDE at 1, the ODE at 0 (section 3.2)."""
    return lambda sigma: sigma ** (1 + eta)


@torch.no_grad()
def er_sde(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: NoiseSource,
    on_step: OnStep = ignore_step,
    s_noise: float = 1.0,
    max_stage: int = 3,
    eta: float | None = None,
) -> Tensor:
    """ER-SDE-Solver of order 1 to 3: algorithms 1 to 3 of the paper.

    Args:
        s_noise: Scales the noise; 0 draws none.
        max_stage: The order, from the third step on.
        eta: The usual reverse SDE (1), the ODE (0) or what is between; None is ER-SDE 5, the paper's choice.
    """
    noise_scale = er_sde_5 if eta is None else reverse_sde(eta)
    last = second = torch.zeros_like(x)
    for step, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        denoised = denoise(x, sigma.expand(len(x)))
        on_step(step, x, denoised)
        if sigma_next == 0:
            return denoised
        ratio = noise_scale(sigma_next) / noise_scale(sigma)
        x = ratio * x + (1 - ratio) * denoised
        move, (area, moment) = sigma_next - sigma, _integrals(noise_scale, sigma, sigma_next)
        stage = min(max_stage, step + 1)
        if stage >= 2:
            slope = (denoised - last) / (sigma - sigmas[step - 1])
            x = x + (move + area * noise_scale(sigma_next)) * slope
            if stage >= 3:
                curve = (slope - second) / ((sigma - sigmas[step - 2]) / 2)
                x = x + (move**2 / 2 + moment * noise_scale(sigma_next)) * curve
            second = slope
        last = denoised
        if s_noise:
            variance = (sigma_next**2 - (ratio * sigma) ** 2).clamp(min=0)
            x = x + noise(sigma, sigma_next) * (s_noise * variance.sqrt())
    return x


def _integrals(noise_scale: NoiseScale, sigma: Tensor, sigma_next: Tensor) -> tuple[Tensor, Tensor]:
    """Over the step: of 1 / noise_scale(s), and of (s - sigma) / noise_scale(s)."""
    width = (sigma - sigma_next) / _POINTS
    levels = sigma_next + torch.arange(_POINTS, dtype=sigma.dtype) * width
    inverse = width / noise_scale(levels)
    return inverse.sum(), ((levels - sigma) * inverse).sum()
