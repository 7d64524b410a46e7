"""CFG++: Chung et al. 2024 (arXiv:2406.08070).

The guided estimate says where the clean latents are, the negative pass alone says what noise stays: a step goes to
``guided + sigma_next * (x - negative) / sigma``. It wants a guidance scale of 1 to 2 or so.
"""

from itertools import pairwise

import torch
from torch import Tensor

from graphengine.diffusion.sampling.denoiser import DenoiseBoth, OnStep, ignore_step
from graphengine.diffusion.sampling.noise import NoiseSource
from graphengine.diffusion.sampling.samplers.steps import ancestral_step, geometric_middle, toward


@torch.no_grad()
def euler_ancestral_cfg_pp(
    denoise: DenoiseBoth,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: NoiseSource,
    on_step: OnStep = ignore_step,
    eta: float = 1.0,
    s_noise: float = 1.0,
    alternative: bool = False,
) -> Tensor:
    """Algorithm 2 of the paper (DDIM with CFG++); ancestral with ``eta``.

    Args:
        alternative: Euler's method toward ``2 * guided - negative`` instead, as ComfyUI has it beside the paper's.
    """
    for step, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        denoised, negative = denoise(x, sigma.expand(len(x)))
        on_step(step, x, denoised)
        sigma_down, sigma_up = ancestral_step(sigma, sigma_next, eta)
        if alternative:
            x = toward(x, 2 * denoised - negative, sigma, sigma_down)
        else:
            x = denoised + (x - negative) * (sigma_down / sigma)
        if eta and sigma_next > 0:
            x = x + noise(sigma, sigma_next) * (s_noise * sigma_up)
    return x


@torch.no_grad()
def dpmpp_2s_ancestral_cfg_pp(
    denoise: DenoiseBoth,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: NoiseSource,
    on_step: OnStep = ignore_step,
    eta: float = 1.0,
    s_noise: float = 1.0,
) -> Tensor:
    """DPM-Solver++(2S) from latents whose noise is that of the negative pass.

    The second half of a step takes the negative pass of its middle, as in ComfyUI: other noise than the first half's.
    """
    for step, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        denoised, negative = denoise(x, sigma.expand(len(x)))
        on_step(step, x, denoised)
        sigma_down, sigma_up = ancestral_step(sigma, sigma_next, eta)
        ahead = denoised
        if sigma_down > 0:
            sigma_mid = geometric_middle(sigma, sigma_down)
            x_mid = denoised + (x - negative) * (sigma_mid / sigma)
            ahead, negative = denoise(x_mid, sigma_mid.expand(len(x)))
        x = ahead + (denoised - ahead + x - negative) * (sigma_down / sigma)
        if sigma_next > 0:
            x = x + noise(sigma, sigma_next) * (s_noise * sigma_up)
    return x


@torch.no_grad()
def dpmpp_2m_cfg_pp(
    denoise: DenoiseBoth, x: Tensor, sigmas: Tensor, *, noise: NoiseSource, on_step: OnStep = ignore_step
) -> Tensor:
    """DPM-Solver++(2M), extrapolating from the last negative estimate to the guided one."""
    negative_last = torch.zeros_like(x)
    for step, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        denoised, negative = denoise(x, sigma.expand(len(x)))
        on_step(step, x, denoised)
        remains = sigma_next / sigma
        x = denoised + (x - negative) * remains
        if step > 0 and sigma_next > 0:
            ratio = remains.log() / (sigma / sigmas[step - 1]).log()
            x = x + (denoised - negative_last) * (ratio / 2 * (1 - remains))
        negative_last = negative
    return x
