"""Gradient estimation: Permenter & Yuan 2023 (arXiv:2306.04848), section 5.

Sampling as gradient descent on the distance to the data. The slope at a step is corrected by what the step before made
of it, so that errors of the estimates cancel: ``gamma * slope + (1 - gamma) * slope before``.
"""

from itertools import pairwise

import torch
from torch import Tensor

from graphengine.diffusion.sampling.denoiser import Denoise, DenoiseBoth, OnStep, ignore_step
from graphengine.diffusion.sampling.noise import NoiseSource
from graphengine.diffusion.sampling.samplers.steps import slope_of


@torch.no_grad()
def gradient_estimation(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: NoiseSource,
    on_step: OnStep = ignore_step,
    gamma: float = 2.0,
) -> Tensor:
    """Algorithm 2 of the paper.

    Args:
        gamma: 1 is Euler's method; the paper finds 2 the best.
    """

    def both(x: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor]:
        denoised = denoise(x, sigma)
        return denoised, denoised

    return gradient_estimation_cfg_pp(both, x, sigmas, noise=noise, on_step=on_step, gamma=gamma)


@torch.no_grad()
def gradient_estimation_cfg_pp(
    denoise: DenoiseBoth,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: NoiseSource,
    on_step: OnStep = ignore_step,
    gamma: float = 2.0,
) -> Tensor:
    """The same with the slope of the negative pass (CFG++, arXiv:2406.08070)."""
    slope_last = torch.zeros_like(x)
    for step, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        denoised, negative = denoise(x, sigma.expand(len(x)))
        on_step(step, x, denoised)
        slope = slope_of(x, negative, sigma)
        x = denoised + slope * sigma_next
        if step > 0 and sigma_next > 0:
            x = x + (gamma - 1) * (slope - slope_last) * (sigma_next - sigma)
        slope_last = slope
    return x
