"""First-order samplers.

``euler`` is also DDIM without noise, and ``euler_ancestral`` with eta 1 is DDPM, written in terms of sigma.
"""

import math
from itertools import pairwise

import torch
from torch import Tensor

from graphengine.diffusion.sampling.denoiser import Denoise, OnStep, ignore_step
from graphengine.diffusion.sampling.noise import NoiseSource
from graphengine.diffusion.sampling.samplers.churn import Churn
from graphengine.diffusion.sampling.samplers.steps import ancestral_step, slope_of, toward


@torch.no_grad()
def euler(
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
    """Euler's method: Karras et al. 2022 (arXiv:2206.00364), algorithm 2 without the correction."""
    churn = Churn.over(sigmas, s_churn, s_tmin, s_tmax, s_noise)
    for step, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        x, sigma_hat = churn(x, sigma, noise)
        denoised = denoise(x, sigma_hat.expand(len(x)))
        on_step(step, x, denoised)
        x = x + slope_of(x, denoised, sigma_hat) * (sigma_next - sigma_hat)
    return x


@torch.no_grad()
def euler_ancestral(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: NoiseSource,
    on_step: OnStep = ignore_step,
    eta: float = 1.0,
    s_noise: float = 1.0,
) -> Tensor:
    """Euler steps that go too far down, then add noise: DDIM with ``eta`` (arXiv:2010.02502)."""
    for step, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        denoised = denoise(x, sigma.expand(len(x)))
        on_step(step, x, denoised)
        sigma_down, sigma_up = ancestral_step(sigma, sigma_next, eta)
        x = toward(x, denoised, sigma, sigma_down)
        if sigma_next > 0:
            x = x + noise(sigma, sigma_next) * (s_noise * sigma_up)
    return x


@torch.no_grad()
def lcm(denoise: Denoise, x: Tensor, sigmas: Tensor, *, noise: NoiseSource, on_step: OnStep = ignore_step) -> Tensor:
    """Multistep consistency sampling: denoise, then noise anew (Luo et al. 2023, arXiv:2310.04378, algorithm 3)."""
    for step, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        denoised = denoise(x, sigma.expand(len(x)))
        on_step(step, x, denoised)
        x = denoised
        if sigma_next > 0:
            x = x + noise(sigma, sigma_next) * sigma_next
    return x
