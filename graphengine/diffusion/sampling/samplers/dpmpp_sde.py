"""DPM-Solver++ for the diffusion SDE: Lu et al. 2022 (arXiv:2211.01095, section 5 and appendix C).

``eta`` scales the noise; 0 is the ODE. They want noise from one Brownian path, so that runs with more steps approach
the same picture.
"""

from collections import deque
from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor

from graphengine.diffusion.sampling.denoiser import Denoise, OnStep, ignore_step
from graphengine.diffusion.sampling.noise import NoiseSource
from graphengine.diffusion.sampling.samplers.exponential import derivatives, psi
from graphengine.diffusion.sampling.samplers.steps import ancestral_step, geometric_middle, toward

SolverType = Literal["midpoint", "heun"]


@torch.no_grad()
def dpmpp_sde(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: NoiseSource,
    on_step: OnStep = ignore_step,
    eta: float = 1.0,
    s_noise: float = 1.0,
    r: float = 0.5,
) -> Tensor:
    """SDE-DPM-Solver++(2S), its middle at the part ``r`` of a step in log sigma."""
    for step, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        denoised = denoise(x, sigma.expand(len(x)))
        on_step(step, x, denoised)
        if sigma_next == 0:
            return denoised
        sigma_mid = geometric_middle(sigma, sigma_next, r)
        down, up = ancestral_step(sigma, sigma_mid, eta)
        x_mid = toward(x, denoised, sigma, down) + noise(sigma, sigma_mid) * (s_noise * up)
        denoised_mid = denoise(x_mid, sigma_mid.expand(len(x)))
        ahead = denoised + (denoised_mid - denoised) / (2 * r)
        down, up = ancestral_step(sigma, sigma_next, eta)
        x = toward(x, ahead, sigma, down) + noise(sigma, sigma_next) * (s_noise * up)
    return x


@torch.no_grad()
def dpmpp_2m_sde(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: NoiseSource,
    on_step: OnStep = ignore_step,
    eta: float = 1.0,
    s_noise: float = 1.0,
    solver_type: SolverType = "midpoint",
) -> Tensor:
    """SDE-DPM-Solver++(2M); ``heun`` integrates the slope of the estimate exactly, ``midpoint`` approximately."""
    if solver_type not in ("midpoint", "heun"):
        raise ValueError(f"solver_type {solver_type!r} of dpmpp_2m_sde: it is midpoint or heun")
    estimates: deque[Tensor] = deque(maxlen=2)
    for step, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        estimates.appendleft(denoise(x, sigma.expand(len(x))))
        on_step(step, x, estimates[0])
        if sigma_next == 0:
            return estimates[0]
        h = (sigma / sigma_next).log()
        z = -h * (1 + eta)
        terms = derivatives(list(estimates), _times(sigmas, step, 2), h)
        x = torch.exp(z) * x - psi(1, z) * terms[0]
        if len(terms) > 1:
            x = x - (psi(2, z) if solver_type == "heun" else psi(1, z) / 2) * terms[1]
        x = _noised(x, noise, sigma, sigma_next, eta, s_noise)
    return x


@torch.no_grad()
def dpmpp_3m_sde(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: NoiseSource,
    on_step: OnStep = ignore_step,
    eta: float = 1.0,
    s_noise: float = 1.0,
) -> Tensor:
    """The same idea with three estimates (Katherine Crowson's extension)."""
    estimates: deque[Tensor] = deque(maxlen=3)
    for step, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        estimates.appendleft(denoise(x, sigma.expand(len(x))))
        on_step(step, x, estimates[0])
        if sigma_next == 0:
            return estimates[0]
        h = (sigma / sigma_next).log()
        z = -h * (1 + eta)
        terms = derivatives(list(estimates), _times(sigmas, step, 3), h)
        x = torch.exp(z) * x
        if len(terms) == 3:
            terms[2] = terms[2] / 2  # as everyone's implementation has it, though Taylor's series would not halve it
        for order, term in enumerate(terms, start=1):
            x = x - psi(order, z) * term
        x = _noised(x, noise, sigma, sigma_next, eta, s_noise)
    return x


def _times(sigmas: Tensor, step: int, count: int) -> list[Tensor]:
    """``-log sigma`` of this and the steps before, at most ``count`` of them."""
    return [-sigmas[earlier].log() for earlier in range(step, max(step - count, -1), -1)]


def _noised(x: Tensor, noise: NoiseSource, sigma: Tensor, sigma_next: Tensor, eta: float, s_noise: float) -> Tensor:
    """Add the variance that the SDE gains between two levels; without ``eta`` nothing is drawn."""
    if not eta:
        return x
    gained = -torch.expm1(2 * eta * (sigma_next / sigma).log())
    return x + noise(sigma, sigma_next) * (s_noise * sigma_next * gained.sqrt())
