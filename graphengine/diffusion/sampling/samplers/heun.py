"""Second-order samplers that evaluate the denoiser twice a step (heunpp2: three times)."""

import math
from itertools import pairwise

import torch
from torch import Tensor

from graphengine.diffusion.sampling.denoiser import Denoise, OnStep, ignore_step
from graphengine.diffusion.sampling.noise import NoiseSource
from graphengine.diffusion.sampling.samplers.churn import Churn
from graphengine.diffusion.sampling.samplers.steps import ancestral_step, geometric_middle, slope_of


@torch.no_grad()
def heun(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: NoiseSource,
    on_step: OnStep = ignore_step,
    s_churn: float = 0.0,
    s_tmin: float = 0.0,
    s_tmax: float = math.inf,
    s_noise: float = 1.0,
) -> Tensor:
    """Heun's method: Karras et al. 2022 (arXiv:2206.00364), algorithm 2."""
    churn = Churn.over(sigmas, s_churn, s_tmin, s_tmax, s_noise)
    for step, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        x, sigma_hat = churn(x, sigma, noise)
        denoised = denoise(x, sigma_hat.expand(len(x)))
        on_step(step, x, denoised)
        slope = slope_of(x, denoised, sigma_hat)
        if sigma_next > 0:  # a slope at zero noise would divide by zero
            x_next = x + slope * (sigma_next - sigma_hat)
            slope = (slope + _slope_at(denoise, x_next, sigma_next)) / 2
        x = x + slope * (sigma_next - sigma_hat)
    return x


@torch.no_grad()
def heunpp2(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: NoiseSource,
    on_step: OnStep = ignore_step,
    s_churn: float = 0.0,
    s_tmin: float = 0.0,
    s_tmax: float = math.inf,
    s_noise: float = 1.0,
) -> Tensor:
    """Heun++: slopes looked up one and two steps ahead, weighted by their noise level (so, less and less).

    A sampler of the community's without a paper: the slope at level s weighs ``s / (k * first level)``, k being the
    number of slopes in use (two at the last step but one, one at the last), and the rest falls to the first slope.
    """
    churn = Churn.over(sigmas, s_churn, s_tmin, s_tmax, s_noise)
    for step, sigma in enumerate(sigmas[:-1]):
        x, sigma_hat = churn(x, sigma, noise)
        denoised = denoise(x, sigma_hat.expand(len(x)))
        on_step(step, x, denoised)
        first = ahead = slope_of(x, denoised, sigma_hat)
        slope, x_ahead, level = first, x, sigma_hat
        levels = [later for later in sigmas[step + 1 : step + 3] if later > sigmas[-1]]
        for next_level in levels:
            x_ahead = x_ahead + ahead * (next_level - level)
            ahead, level = _slope_at(denoise, x_ahead, next_level), next_level
            slope = slope + (ahead - first) * (level / ((len(levels) + 1) * sigmas[0]))
        x = x + slope * (sigmas[step + 1] - sigma_hat)
    return x


@torch.no_grad()
def dpm_2(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: NoiseSource,
    on_step: OnStep = ignore_step,
    s_churn: float = 0.0,
    s_tmin: float = 0.0,
    s_tmax: float = math.inf,
    s_noise: float = 1.0,
) -> Tensor:
    """The midpoint method with the middle taken in log sigma, as DPM-Solver-2 does (arXiv:2206.00927)."""
    churn = Churn.over(sigmas, s_churn, s_tmin, s_tmax, s_noise)
    for step, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        x, sigma_hat = churn(x, sigma, noise)
        denoised = denoise(x, sigma_hat.expand(len(x)))
        on_step(step, x, denoised)
        x = _midpoint(denoise, x, denoised, sigma_hat, sigma_next)
    return x


@torch.no_grad()
def dpm_2_ancestral(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: NoiseSource,
    on_step: OnStep = ignore_step,
    eta: float = 1.0,
    s_noise: float = 1.0,
) -> Tensor:
    """``dpm_2`` with ancestral steps."""
    for step, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        denoised = denoise(x, sigma.expand(len(x)))
        on_step(step, x, denoised)
        sigma_down, sigma_up = ancestral_step(sigma, sigma_next, eta)
        x = _midpoint(denoise, x, denoised, sigma, sigma_down)
        if sigma_down > 0:
            x = x + noise(sigma, sigma_next) * (s_noise * sigma_up)
    return x


def _slope_at(denoise: Denoise, x: Tensor, sigma: Tensor) -> Tensor:
    return slope_of(x, denoise(x, sigma.expand(len(x))), sigma)


def _midpoint(denoise: Denoise, x: Tensor, denoised: Tensor, sigma: Tensor, sigma_next: Tensor) -> Tensor:
    slope = slope_of(x, denoised, sigma)
    if sigma_next > 0:
        sigma_mid = geometric_middle(sigma, sigma_next)
        slope = _slope_at(denoise, x + slope * (sigma_mid - sigma), sigma_mid)
    return x + slope * (sigma_next - sigma)
