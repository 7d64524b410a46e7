"""DPM-Solver++ without the SDE: Lu et al. 2022 (arXiv:2211.01095)."""

from itertools import pairwise

import torch
from torch import Tensor

from graphengine.diffusion.sampling.denoiser import Denoise, OnStep, ignore_step
from graphengine.diffusion.sampling.noise import NoiseSource
from graphengine.diffusion.sampling.samplers.steps import ancestral_step, geometric_middle, toward


@torch.no_grad()
def dpmpp_2s_ancestral(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: NoiseSource,
    on_step: OnStep = ignore_step,
    eta: float = 1.0,
    s_noise: float = 1.0,
) -> Tensor:
    """DPM-Solver++(2S): algorithm 1 with the middle at one half, and ancestral steps."""
    for step, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        denoised = denoise(x, sigma.expand(len(x)))
        on_step(step, x, denoised)
        sigma_down, sigma_up = ancestral_step(sigma, sigma_next, eta)
        if sigma_down > 0:
            sigma_mid = geometric_middle(sigma, sigma_down)
            x_mid = toward(x, denoised, sigma, sigma_mid)
            denoised = denoise(x_mid, sigma_mid.expand(len(x)))
        x = toward(x, denoised, sigma, sigma_down)
        if sigma_next > 0:
            x = x + noise(sigma, sigma_next) * (s_noise * sigma_up)
    return x


@torch.no_grad()
def dpmpp_2m(
    denoise: Denoise, x: Tensor, sigmas: Tensor, *, noise: NoiseSource, on_step: OnStep = ignore_step
) -> Tensor:
    """DPM-Solver++(2M): algorithm 2. The step to zero is of first order, which ends on the estimate itself."""
    denoised_last = torch.zeros_like(x)
    for step, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        denoised = denoise(x, sigma.expand(len(x)))
        on_step(step, x, denoised)
        ahead = denoised
        if step > 0 and sigma_next > 0:
            ratio = (sigma / sigma_next).log() / (sigmas[step - 1] / sigma).log()
            ahead = denoised + (denoised - denoised_last) * (ratio / 2)
        x = toward(x, ahead, sigma, sigma_next)
        denoised_last = denoised
    return x
