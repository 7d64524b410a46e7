"""Schedules: which noise levels a sampler visits.

Two shapes. Spacings ``(steps, sigma_min, sigma_max, ...) -> sigmas`` know nothing of a model; ``SCHEDULES`` holds, by
the names users know, functions ``(discrete schedule, steps) -> sigmas`` over the range a model was trained in. The
result is float32 on the CPU, descending, and ends with 0: usually ``steps + 1`` levels.
"""

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from graphengine.diffusion.sampling.beta import beta_quantile
from graphengine.diffusion.sampling.discrete import DiscreteSchedule, alphas_cumprod_of, make_betas

Schedule = Callable[[DiscreteSchedule, int], Tensor]


def with_zero(sigmas: Tensor) -> Tensor:
    """``sigmas`` and a closing 0."""
    return torch.cat([sigmas, sigmas.new_zeros(1)])


def karras(steps: int, sigma_min: float, sigma_max: float, rho: float = 7.0) -> Tensor:
    """Even in ``sigma^(1 / rho)``: Karras et al. 2022 (arXiv:2206.00364), equation 5."""
    ramp = torch.linspace(0, 1, steps)
    low, high = sigma_min ** (1 / rho), sigma_max ** (1 / rho)
    return with_zero((high + ramp * (low - high)) ** rho)


def exponential(steps: int, sigma_min: float, sigma_max: float) -> Tensor:
    """Even in log sigma."""
    return with_zero(torch.linspace(math.log(sigma_max), math.log(sigma_min), steps).exp())


def polyexponential(steps: int, sigma_min: float, sigma_max: float, rho: float = 1.0) -> Tensor:
    """A polynomial in log sigma; with ``rho`` 1 it is ``exponential``."""
    ramp = torch.linspace(1, 0, steps) ** rho
    low, high = math.log(sigma_min), math.log(sigma_max)
    return with_zero((ramp * (high - low) + low).exp())


def vp(steps: int, beta_d: float = 19.9, beta_min: float = 0.1, eps_s: float = 1e-3) -> Tensor:
    """The continuous variance-preserving schedule: Song et al. 2021 (arXiv:2011.13456), even in time."""
    time = torch.linspace(1, eps_s, steps)
    return with_zero((torch.exp(beta_d * time**2 / 2 + beta_min * time) - 1).sqrt())


def kl_optimal(steps: int, sigma_min: float, sigma_max: float) -> Tensor:
    """Even in arctan sigma: Sabour et al. 2024 (arXiv:2404.14507), theorem 3.1."""
    angles = torch.linspace(math.atan(sigma_max), math.atan(sigma_min), steps)
    return with_zero(angles.tan())


ALIGN_YOUR_STEPS = {
    "SD1": (999, 850, 736, 645, 545, 455, 343, 233, 124, 24, 0),
    "SDXL": (999, 845, 730, 587, 443, 310, 193, 116, 53, 13, 0),
}
"""Training steps optimised for a family of models: Sabour et al. 2024 (arXiv:2404.14507), as its authors give them."""


def align_your_steps(family: str, steps: int) -> Tensor:
    """``steps`` levels along those of ``ALIGN_YOUR_STEPS``, under the noise that the families were trained with."""
    trained = DiscreteSchedule(alphas_cumprod_of(make_betas("linear")))
    known = trained.t_to_sigma(torch.tensor(ALIGN_YOUR_STEPS[family]))
    return with_zero(log_linear(known.tolist(), steps + 1)[:-1])


def log_linear(levels: Sequence[float], count: int) -> Tensor:
    """``count`` levels along others, even in their index, straight in their logarithms between them; the last stays."""
    known = torch.tensor(levels, dtype=torch.float64).log()
    place = torch.linspace(0, len(levels) - 1, count, dtype=torch.float64)
    below = place.floor().long().clamp(max=len(levels) - 2)
    return torch.lerp(known[below], known[below + 1], place - below).exp().float()


def laplace(steps: int, sigma_min: float, sigma_max: float, mu: float = 0.0, beta: float = 0.5) -> Tensor:
    """Most levels around ``exp(mu)``, at quantiles of a Laplace distribution: Hang & Gu 2024 (arXiv:2407.03297).

    ``steps`` levels without a 0 at the end, as in ComfyUI; those beyond the range are its bounds.
    """
    place = torch.linspace(0.5, -0.5, steps)
    log_sigma = mu - beta * place.sign() * (1 - 2 * place.abs() + 1e-5).log()
    return log_sigma.exp().clamp(sigma_min, sigma_max)


def linear_quadratic(steps: int, sigma_max: float, threshold: float = 0.025) -> Tensor:
    """Half of the steps linear over the first ``threshold`` of the noise, then quadratic down to 0: Genmo's Mochi."""
    linear = max(steps // 2, 1)
    slope = threshold / linear
    removed = [slope * step for step in range(min(linear, steps))]
    rest = steps - linear
    curve = (1 - slope * steps) / rest**2 if rest else 0.0  # continues the line, and reaches 1 after the last step
    removed += [threshold + slope * step + curve * step**2 for step in range(rest)]
    return torch.tensor([*(1 - part for part in removed), 0.0]) * sigma_max


def of_timesteps(discrete: DiscreteSchedule, steps: int) -> Tensor:
    """Even in training steps, from the last to the first; as ``normal``."""
    return with_zero(discrete.t_to_sigma(torch.linspace(len(discrete) - 1, 0, steps)))


def sgm_uniform(discrete: DiscreteSchedule, steps: int) -> Tensor:
    """Even in training steps as if the clean end were a step of its own: ``steps + 1`` points without the last."""
    return with_zero(discrete.t_to_sigma(torch.linspace(len(discrete) - 1, 0, steps + 1)[:-1]))


def simple(discrete: DiscreteSchedule, steps: int) -> Tensor:
    """Table entries at a constant stride, counted from the noisiest."""
    stride = len(discrete) / steps
    return with_zero(discrete.sigmas[[-1 - int(step * stride) for step in range(steps)]])


def ddim_uniform(discrete: DiscreteSchedule, steps: int) -> Tensor:
    """DDIM's steps: every ``N // steps``-th table entry counted from entry 1.

    Where ``steps`` does not divide N there are more levels than asked for, as in the original.
    """
    stride = max(len(discrete) // steps, 1)
    return with_zero(discrete.sigmas[1::stride].flip(0))


def beta(discrete: DiscreteSchedule, steps: int, a: float = 0.6, b: float = 0.6) -> Tensor:
    """Quantiles of a beta distribution over the training steps: Lee et al. 2024 (arXiv:2407.12173).

    Steps that round to the same table entry count once, so many steps may give fewer levels.
    """
    last = len(discrete) - 1
    indices = [round(beta_quantile(1 - step / steps, a, b) * last) for step in range(steps)]
    return with_zero(discrete.sigmas[list(dict.fromkeys(indices))])


def over_range(spacing: Callable[[int, float, float], Tensor]) -> Schedule:
    """A spacing over the range of noise levels that a model was trained with."""

    def schedule(discrete: DiscreteSchedule, steps: int) -> Tensor:
        return spacing(steps, discrete.sigma_min, discrete.sigma_max)

    return schedule


SCHEDULES: dict[str, Schedule] = {
    "simple": simple,
    "sgm_uniform": sgm_uniform,
    "karras": over_range(karras),
    "exponential": over_range(exponential),
    "ddim_uniform": ddim_uniform,
    "beta": beta,
    "normal": of_timesteps,
    "linear_quadratic": lambda discrete, steps: linear_quadratic(steps, discrete.sigma_max),
    "kl_optimal": over_range(kl_optimal),
    "polyexponential": over_range(polyexponential),
    "vp": lambda discrete, steps: vp(steps),
}
