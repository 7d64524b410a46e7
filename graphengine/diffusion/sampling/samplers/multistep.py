"""Linear multistep samplers: one evaluation a step, the slopes of the steps before extrapolated over it.

All are ``x + sum of weight * slope``; they differ in the weights. Adams-Bashforth integrates the polynomial through
the last slopes over the step: in sigma (``lms``, and nearly so ``ipndm_v``), in the time of a diffusion process
(``deis``), or as if all steps were of one length (``plms``, ``ipndm``).
"""

import math
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from graphengine.diffusion.sampling.denoiser import Denoise, OnStep, ignore_step
from graphengine.diffusion.sampling.noise import NoiseSource
from graphengine.diffusion.sampling.samplers.steps import slope_of

ADAMS_BASHFORTH = ((1,), (3 / 2, -1 / 2), (23 / 12, -16 / 12, 5 / 12), (55 / 24, -59 / 24, 37 / 24, -9 / 24))
"""Weights of the newest slope, the one before ..., for steps of one length, by order."""

_Levels = Sequence[float]
_Weights = Callable[[_Levels, float], Sequence[float]]  # (levels of the slopes, newest first; next level)

_NODES, _NODE_WEIGHTS = np.polynomial.legendre.leggauss(32)


@torch.no_grad()
def lms(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: NoiseSource,
    on_step: OnStep = ignore_step,
    order: int = 4,
    end_on_estimate: bool = False,
) -> Tensor:
    """Adams-Bashforth in sigma, of up to ``order`` (Katherine Crowson's).

    Args:
        end_on_estimate: Take the step to zero noise with Euler's method, as ComfyUI does; else like the others, as
            k-diffusion does.
    """
    weights = _euler_to_zero(lagrange_weights) if end_on_estimate else lagrange_weights
    return _multistep(denoise, x, sigmas, on_step, order, weights)


@torch.no_grad()
def ipndm(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: NoiseSource,
    on_step: OnStep = ignore_step,
    max_order: int = 4,
) -> Tensor:
    """Improved PNDM: Zhang & Chen 2022 (arXiv:2204.13902), appendix B.3; as PLMS, started with lower orders."""
    return _multistep(denoise, x, sigmas, on_step, max_order, _euler_to_zero(_equal_steps))


@torch.no_grad()
def ipndm_v(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: NoiseSource,
    on_step: OnStep = ignore_step,
    max_order: int = 4,
) -> Tensor:
    """``ipndm`` for steps of their actual length, with ``variable_weights``."""
    return _multistep(denoise, x, sigmas, on_step, max_order, _euler_to_zero(variable_weights))


@torch.no_grad()
def deis(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: NoiseSource,
    on_step: OnStep = ignore_step,
    max_order: int = 3,
) -> Tensor:
    """tAB-DEIS: Zhang & Chen 2022 (arXiv:2204.13902), equation 15, over the time of a linear VP process."""
    return _multistep(denoise, x, sigmas, on_step, max_order, _euler_to_zero(partial(lagrange_weights, time=vp_time)))


@torch.no_grad()
def plms(denoise: Denoise, x: Tensor, sigmas: Tensor, *, noise: NoiseSource, on_step: OnStep = ignore_step) -> Tensor:
    """Pseudo linear multistep: Liu et al. 2022 (arXiv:2202.09778), started with one step of Heun's method."""
    slopes: deque[Tensor] = deque(maxlen=4)
    for step, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        denoised = denoise(x, sigma.expand(len(x)))
        on_step(step, x, denoised)
        slopes.appendleft(slope_of(x, denoised, sigma))
        slope = _combine(ADAMS_BASHFORTH[len(slopes) - 1], slopes)
        if step == 0 and sigma_next > 0:
            x_next = x + slope * (sigma_next - sigma)
            slope = (slope + slope_of(x_next, denoise(x_next, sigma_next.expand(len(x))), sigma_next)) / 2
        x = x + slope * (sigma_next - sigma)
    return x


def lagrange_weights(
    levels: _Levels, sigma_next: float, time: Callable[[np.ndarray], np.ndarray] = lambda sigma: sigma
) -> Sequence[float]:
    """Integrals over the step of the polynomials that are 1 at one of the levels and 0 at the others.

    Args:
        levels: Where the slopes are known, the newest first; the step starts there.
        sigma_next: Where it ends.
        time: What the polynomials are in.
    """
    middle, half = (levels[0] + sigma_next) / 2, (sigma_next - levels[0]) / 2
    times, known = time(middle + half * _NODES), time(np.array(levels))
    weights = []
    for own in range(len(levels)):
        others = np.delete(known, own)
        basis = np.prod((times[:, None] - others) / (known[own] - others), axis=1)
        weights.append(float(half * np.sum(_NODE_WEIGHTS * basis)))
    return weights


def variable_weights(levels: _Levels, sigma_next: float) -> Sequence[float]:
    """The weights that ``ipndm_v`` is used with everywhere: Zhou et al. 2024 (arXiv:2312.00094), in their code.

    Up to the second order they are those of ``lagrange_weights``; beyond it not, and where steps change in length four
    of them do not even add up to the step.

    Args:
        levels, sigma_next: As there.
    """
    h, *before = (after - start for after, start in pairwise((sigma_next, *levels)))
    weights = np.zeros(len(levels))
    weights[0] = 1
    if len(before) > 0:
        h1 = before[0]
        weights[:2] += h / h1 / 2 * np.array([1, -1])
    if len(before) > 1:
        h2 = before[1]
        third = (1 - h / (3 * (h + h1)) * (h * (h + h1)) / (h1 * (h1 + h2))) / 2
        weights[:3] += third * np.array([1, -1 - h1 / h2, h1 / h2])
    if len(before) > 2:
        h3 = before[2]
        ratio = (h1 * (h1 + h2)) / (h2 * (h2 + h3))
        fourth = (1 - h / (3 * (h + h1))) / 2 + (1 - h / (2 * (h + h1))) * h / (6 * (h + h1 + h2))
        fourth *= (h * (h + h1) * (h + h1 + h2)) / (h1 * (h1 + h2) * (h1 + h2 + h3))
        weights += fourth * np.array([1, -1 - h1 / h2 - ratio, h1 / h2 + ratio * (1 + h2 / h3), -ratio * h1 / h2])
    return [float(weight) for weight in h * weights]


def vp_time(sigma: np.ndarray, sigma_min: float = 0.002, sigma_max: float = 80.0, first: float = 1e-3) -> np.ndarray:
    """The time at which a variance-preserving process with linear beta reaches a noise level.

    It reaches ``sigma_min`` at ``first`` and ``sigma_max`` at 1; the constants are EDM's, which DEIS is used with.
    """
    low, high = math.log(sigma_min**2 + 1), math.log(sigma_max**2 + 1)
    slope = 2 * (low / first - high) / (first - 1)
    start = high - slope / 2
    return (np.sqrt(start**2 + 2 * slope * np.log(np.square(sigma) + 1)) - start) / slope


def _multistep(denoise: Denoise, x: Tensor, sigmas: Tensor, on_step: OnStep, order: int, weights: _Weights) -> Tensor:
    slopes: deque[Tensor] = deque(maxlen=order)
    levels: deque[float] = deque(maxlen=order)
    for step, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        denoised = denoise(x, sigma.expand(len(x)))
        on_step(step, x, denoised)
        slopes.appendleft(slope_of(x, denoised, sigma))
        levels.appendleft(float(sigma))
        x = x + _combine(weights(tuple(levels), float(sigma_next)), slopes)
    return x


def _combine(weights: Sequence[float], slopes: Sequence[Tensor]) -> Tensor:
    terms = [weight * slope for weight, slope in zip(weights, slopes, strict=False)]
    return sum(terms[1:], start=terms[0])


def _equal_steps(levels: _Levels, sigma_next: float) -> Sequence[float]:
    length = sigma_next - levels[0]
    return [weight * length for weight in ADAMS_BASHFORTH[len(levels) - 1]]


def _euler_to_zero(weights: _Weights) -> _Weights:
    """Take the step to zero noise with Euler's method, which ends on the estimate of the clean latents."""

    def chosen(levels: _Levels, sigma_next: float) -> Sequence[float]:
        return weights(levels, sigma_next) if sigma_next > 0 else [-levels[0]]

    return chosen
