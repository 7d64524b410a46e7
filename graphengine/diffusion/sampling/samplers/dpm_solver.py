"""DPM-Solver with few or self-chosen steps: Lu et al. 2022 (arXiv:2206.00927), algorithms of its appendices C and D.

These look at the first and the last positive noise level and choose those between for themselves.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from graphengine.diffusion.sampling.denoiser import Denoise, OnStep, ignore_step
from graphengine.diffusion.sampling.noise import NoiseSource
from graphengine.diffusion.sampling.samplers.exponential import advance
from graphengine.diffusion.sampling.samplers.steps import ancestral_step

_Eps = Callable[[Tensor, Tensor], Tensor]  # (x, t) -> the estimate of the noise


@dataclass(frozen=True)
class AdaptiveReport:
    """How an adaptive run went."""

    evaluations: int
    accepted: int
    rejected: int


def single_step(eps: _Eps, x: Tensor, t: Tensor, h: Tensor, first: Tensor, order: int) -> Tensor:
    """One step of DPM-Solver-1, -2 (with its middle at 1/2) or -3 (at 1/3 and 2/3) from the noise ``first`` at t."""
    if order == 1:
        return advance("noise", x, t, h, [first])
    if order == 2:
        middle = eps(advance("noise", x, t, h / 2, [first]), t + h / 2)
        return advance("noise", x, t, h, [middle])
    return _third_order(eps, x, t, h, first, eps(advance("noise", x, t, h * (1 / 3), [first]), t + h * (1 / 3)))


def _third_order(eps: _Eps, x: Tensor, t: Tensor, h: Tensor, first: Tensor, third: Tensor) -> Tensor:
    two_thirds = eps(advance("noise", x, t, h * (2 / 3), [first, 2 * (third - first)]), t + h * (2 / 3))
    return advance("noise", x, t, h, [first, 1.5 * (two_thirds - first)])


@torch.no_grad()
def dpm_fast(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: NoiseSource,
    on_step: OnStep = ignore_step,
    eta: float = 0.0,
    s_noise: float = 1.0,
) -> Tensor:
    """DPM-Solver-fast: third-order steps, even in log sigma, in as many evaluations as ``sigmas`` has steps."""
    start, end = _time_range(sigmas)
    orders = _fast_orders(len(sigmas) - 1)
    times = torch.linspace(float(start), float(end), len(orders) + 1, dtype=sigmas.dtype)
    eps = _noise_of(denoise)
    for step, order in enumerate(orders):
        t, t_next = times[step], times[step + 1]
        t_down, deviation = _ancestral(t, t_next, end, eta)
        first = eps(x, t)
        on_step(step, x, x - torch.exp(-t) * first)
        x = single_step(eps, x, t, t_down - t, first, order)
        if eta:
            x = x + noise(torch.exp(-t), torch.exp(-t_next)) * (s_noise * deviation)
    return x


@torch.no_grad()
def dpm_adaptive(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: NoiseSource,
    on_step: OnStep = ignore_step,
    order: int = 3,
    rtol: float = 0.05,
    atol: float = 0.0078,
    h_init: float = 0.05,
    pcoeff: float = 0.0,
    icoeff: float = 1.0,
    dcoeff: float = 0.0,
    accept_safety: float = 0.81,
    eta: float = 0.0,
    s_noise: float = 1.0,
    on_end: Callable[[AdaptiveReport], None] = lambda report: None,
) -> Tensor:
    """DPM-Solver-12 or -23: each step as long as the difference of two orders allows.

    Args:
        order: 2 or 3.
        rtol, atol: The error that a step may make, relative to the latents and absolute.
        h_init: Length of the first step, in log sigma.
        pcoeff, icoeff, dcoeff: How the step's length follows the last errors: proportional, integral, derivative.
        accept_safety: A step whose proposed change of length is below this is taken again.
        on_end: Told how many evaluations it took.

    Raises:
        ValueError: When ``order`` is neither 2 nor 3.
    """
    if order not in (2, 3):
        raise ValueError(f"dpm_adaptive of order {order}: it is 2 or 3")
    t, end = _time_range(sigmas)
    eps, h, x_low_last, step, rejected = _noise_of(denoise), h_init, x, 0, 0
    length = _StepLength(pcoeff, icoeff, dcoeff, 1.5 if eta else order, accept_safety)
    while t < end - 1e-5:
        t_next = torch.minimum(end, t + h)
        t_down, deviation = _ancestral(t, t_next, end, eta)
        x_low, x_high, first = _two_orders(eps, x, t, t_down - t, order)
        tolerance = torch.clamp(rtol * torch.maximum(x_low.abs(), x_low_last.abs()), min=atol)
        error = float(((x_low - x_high) / tolerance).pow(2).mean().sqrt())
        factor, accepted = length.after(error)
        h *= factor
        if not accepted:
            rejected += 1
            continue
        on_step(step, x, x - torch.exp(-t) * first)
        x, x_low_last, step = x_high, x_low, step + 1
        if eta:
            x = x + noise(torch.exp(-t), torch.exp(-t_next)) * (s_noise * deviation)
        t = t_next
    on_end(AdaptiveReport(order * (step + rejected), step, rejected))
    return x


class _StepLength:
    """A PID controller: the next step's length relative to the last one's, from the errors of the last three steps.

    Söderlind 2003, "Digital filters in adaptive time-stepping", with the arctangent as its limiter.
    """

    def __init__(self, proportional: float, integral: float, derivative: float, order: float, safety: float) -> None:
        powers = (proportional + integral + derivative, -(proportional + 2 * derivative), derivative)
        self.powers, self.safety = [power / order for power in powers], safety
        self.inverse_errors: list[float] = []  # of the last two accepted steps, the latest first

    def after(self, error: float) -> tuple[float, bool]:
        """The factor on the step's length, and whether the step with this error stands."""
        inverse = 1 / (error + 1e-8)
        self.inverse_errors = self.inverse_errors or [inverse, inverse]
        errors = [inverse, *self.inverse_errors]
        factor = 1 + math.atan(math.prod(map(pow, errors, self.powers)) - 1)
        accepted = factor >= self.safety
        if accepted:
            self.inverse_errors = errors[:2]
        return factor, accepted


def _two_orders(eps: _Eps, x: Tensor, t: Tensor, h: Tensor, order: int) -> tuple[Tensor, Tensor, Tensor]:
    """The step at ``order - 1`` and at ``order``, sharing evaluations, and the noise they start from."""
    first = eps(x, t)
    if order == 2:
        return single_step(eps, x, t, h, first, 1), single_step(eps, x, t, h, first, 2), first
    third = eps(advance("noise", x, t, h * (1 / 3), [first]), t + h * (1 / 3))
    low = advance("noise", x, t, h, [first + 1.5 * (third - first)])
    return low, _third_order(eps, x, t, h, first, third), first


def _time_range(sigmas: Tensor) -> tuple[Tensor, Tensor]:
    positive = sigmas[sigmas > 0]
    if len(positive) < 2:
        raise ValueError(f"sigmas {sigmas.tolist()} have fewer than two levels above 0; take at least two steps")
    return -positive[0].log(), -positive[-1].log()


def _noise_of(denoise: Denoise) -> _Eps:
    def eps(x: Tensor, t: Tensor) -> Tensor:
        sigma = torch.exp(-t)
        return (x - denoise(x, sigma.expand(len(x)))) / sigma

    return eps


def _fast_orders(evaluations: int) -> list[int]:
    """Orders that sum up to the number of evaluations: appendix D.2 of the paper, "DPM-Solver-fast"."""
    threes, rest = divmod(evaluations, 3)
    return [3] * threes + [rest] if rest else [3] * (threes - 1) + [2, 1]


def _ancestral(t: Tensor, t_next: Tensor, end: Tensor, eta: float) -> tuple[Tensor, Tensor]:
    """The time to step to and the noise to add there, never stepping beyond the end."""
    if not eta:
        return t_next, torch.zeros_like(t)
    sigma_down, _ = ancestral_step(torch.exp(-t), torch.exp(-t_next), eta)
    t_down = torch.minimum(end, -sigma_down.log())
    return t_down, (torch.exp(-t_next) ** 2 - torch.exp(-t_down) ** 2).sqrt()
