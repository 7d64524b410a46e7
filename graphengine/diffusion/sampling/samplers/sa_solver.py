"""SA-Solver: stochastic Adams method, Xue et al. 2023 (arXiv:2309.05019), on estimates of the clean latents.

Time is ``t = -log sigma``. Between two levels the estimate is replaced by the polynomial through the last ones, and the
linear rest is solved exactly for noise of the strength tau, constant over the step: 0 is the ODE, 1 the usual SDE.
"""

import math
from collections import deque
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from graphengine.diffusion.sampling.denoiser import Denoise, OnStep, ignore_step
from graphengine.diffusion.sampling.noise import NoiseSource

_ENDLESS = 2**31  # more steps than there are
_SERIES = 10.0  # up to here phi functions are summed from their series, beyond it from their recursion


@torch.no_grad()
def sa_solver(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: NoiseSource,
    on_step: OnStep = ignore_step,
    eta: float = 1.0,
    sde_start: float = math.inf,
    sde_end: float = 0.0,
    s_noise: float = 1.0,
    predictor_order: int = 3,
    corrector_order: int = 4,
    pece: bool = False,
    simple_order_2: bool = False,
) -> Tensor:
    """Algorithm 1 of the paper: predict, evaluate there, correct with the same noise.

    Args:
        eta: Tau between ``sde_start`` and ``sde_end``; elsewhere it is 0.
        sde_start, sde_end: Noise levels, both included.
        s_noise: Factor of the noise.
        predictor_order: Estimates that a prediction is made from, at most.
        corrector_order: Estimates that the correction is made from, the new one included; 0 does not correct.
        pece: Evaluate once more at what was corrected.
        simple_order_2: Where two estimates are taken, integrate their slope without the exponential factor.
    """
    estimates, times = deque(maxlen=6), deque(maxlen=6)  # type: deque[Tensor], deque[float]
    update: Callable[[Sequence[float], Sequence[Tensor]], Tensor] | None = None
    remaining = len(sigmas) - 2 if sigmas[-1] == 0 else _ENDLESS  # before a step to zero the orders fall to 1
    for step, (sigma, sigma_next) in enumerate(pairwise(sigmas)):
        denoised = denoise(x, sigma.expand(len(x)))
        on_step(step, x, denoised)
        estimates.appendleft(denoised)
        times.appendleft(-math.log(float(sigma)))
        if update and corrector_order:
            order = min(corrector_order, step + 1, remaining + 1 - step)
            x = update(list(times)[:order], list(estimates)[:order])
            if pece:
                estimates[0] = denoise(x, sigma.expand(len(x)))
        if sigma_next == 0:
            return estimates[0]
        tau = eta if sde_end <= float(sigma_next) <= sde_start else 0.0
        update = _step(x, sigma, sigma_next, tau, s_noise, noise, simple_order_2)
        order = min(predictor_order, step + 1, remaining - step)
        x = update(list(times)[:order], list(estimates)[:order])
    return x


def _step(
    x: Tensor, sigma: Tensor, sigma_next: Tensor, tau: float, s_noise: float, noise: NoiseSource, simple: bool
) -> Callable[[Sequence[float], Sequence[Tensor]], Tensor]:
    """The step between two levels as a function of the estimates that it is made with, always with the same noise."""
    t, t_next = -math.log(float(sigma)), -math.log(float(sigma_next))
    h, a = t_next - t, 1 + tau**2
    start = x * math.exp(-a * h)
    if tau and s_noise:
        gained = -torch.expm1(2 * tau**2 * (sigma_next / sigma).log())
        start = start + noise(sigma, sigma_next) * (s_noise * sigma_next * gained.sqrt())

    def update(times: Sequence[float], estimates: Sequence[Tensor]) -> Tensor:
        weights = adams_weights([(time - t) / h for time in times], a * h, simple=simple)
        return sum((weight * one for weight, one in zip(weights, estimates, strict=True)), start=start)

    return update


def adams_weights(places: Sequence[float], z: float, *, simple: bool = False) -> list[float]:
    """The weights of estimates: the integral of the polynomial through them under ``z exp(-z (1 - u))``.

    Args:
        places: Of the estimates; the step goes from 0 to 1.
        z: The decay of the linear part over the step.
        simple: For two places, integrate the slope between them under ``z`` alone.
    """
    powers = range(len(places))
    moments = [z * math.factorial(k) * phi for k, phi in zip(powers, _phis(-z, len(places)), strict=True)]
    if simple and len(places) == 2:
        moments[1] = z / 2
    return [float(w) for w in np.linalg.solve(np.vander(places, increasing=True).T, np.array(moments))]


def _phis(z: float, count: int) -> list[float]:
    """phi_1(z) to phi_count(z), where phi_0 is exp and phi_(k+1)(z) = (phi_k(z) - 1 / k!) / z."""
    if abs(z) > _SERIES:
        values = [math.exp(z)]
        for k in range(count):
            values.append((values[-1] - 1 / math.factorial(k)) / z)
        return values[1:]
    value, values = 0.0, []
    for k in range(60, 0, -1):
        value = z * value + 1 / math.factorial(k)
        values.append(value)
    return values[::-1][:count]
