"""Refined exponential solvers: Zhang et al. 2023 (arXiv:2308.02157), the multistep form of second order."""

from itertools import pairwise

import torch
from torch import Tensor

from graphengine.diffusion.sampling.denoiser import Denoise, DenoiseBoth, OnStep, ignore_step
from graphengine.diffusion.sampling.noise import NoiseSource
from graphengine.diffusion.sampling.samplers.exponential import advance
from graphengine.diffusion.sampling.samplers.steps import ancestral_step


@torch.no_grad()
def res_multistep(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: NoiseSource,
    on_step: OnStep = ignore_step,
    eta: float = 0.0,
    s_noise: float = 1.0,
) -> Tensor:
    """RES of second order, ancestral with ``eta``; its first step and the one to zero are of first order."""

    def both(x: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor]:
        denoised = denoise(x, sigma)
        return denoised, denoised

    return res_multistep_cfg_pp(both, x, sigmas, noise=noise, on_step=on_step, eta=eta, s_noise=s_noise)


@torch.no_grad()
def res_multistep_cfg_pp(
    denoise: DenoiseBoth,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: NoiseSource,
    on_step: OnStep = ignore_step,
    eta: float = 0.0,
    s_noise: float = 1.0,
) -> Tensor:
    """``res_multistep`` with the noise that stays taken from the negative pass (CFG++, arXiv:2406.08070).

    How far back the last estimate lies is counted from the level that its step went down to, below any noise that was
    then added.
    """
    negative_last, down_last = torch.zeros_like(x), sigmas[0]
    for step, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        denoised, negative = denoise(x, sigma.expand(len(x)))
        on_step(step, x, denoised)
        sigma_down, sigma_up = ancestral_step(sigma, sigma_next, eta)
        if step == 0 or sigma_down == 0:
            x = denoised + (x - negative) * (sigma_down / sigma)
        else:
            h = (sigma / sigma_down).log()
            reach = (sigmas[step - 1] / down_last).log() / h
            terms = [negative, (negative - negative_last) / reach]
            x = advance("clean", x + (denoised - negative), -sigma.log(), h, terms)
        if sigma_next > 0:
            x = x + noise(sigma, sigma_next) * (s_noise * sigma_up)
        negative_last, down_last = negative, sigma_down
    return x
