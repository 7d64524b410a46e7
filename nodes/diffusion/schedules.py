"""Noise levels over the range that a model was trained in."""

from typing import Annotated, Literal, NamedTuple

import torch

from graphengine.api import Range, node
from graphengine.diffusion.sampling import schedules
from graphengine.diffusion.sampling.discrete import DiscreteSchedule
from graphengine.diffusion.sampling.timeline import sigmas_for, without_repeats
from graphengine.ports import Model, Sigmas

Steps = Annotated[int, Range(1, 10000)]
Share = Annotated[float, Range(0.0, 1.0, 0.01)]
Schedule = Literal[
    "simple", "sgm_uniform", "karras", "exponential", "ddim_uniform", "beta", "normal", "linear_quadratic",
    "kl_optimal", "polyexponential", "vp",
]  # fmt: skip
BEFORE_THE_START = 999999999.9  # what stands for a noise level above any
TURBO_STEPS = 10  # that SD-Turbo was distilled to: training steps 99, 199, ..., 999


@node(category="sampling/custom_sampling/schedulers")
def BasicScheduler(model: Model, scheduler: Schedule = "simple", steps: Steps = 20, denoise: Share = 1.0) -> Sigmas:
    """Noise levels by the name of a schedule.

    Args:
        scheduler: How the steps are spaced.
        steps: How many.
        denoise: Below 1, start that far down: the last steps of a longer schedule.
    """
    discrete = DiscreteSchedule(model.alphas_cumprod)
    return without_repeats(sigmas_for(discrete, schedules.SCHEDULES[scheduler], steps, denoise))


@node(category="sampling/custom_sampling/schedulers")
def BetaSamplingScheduler(
    model: Model,
    steps: Steps = 20,
    alpha: Annotated[float, Range(0.01, 50.0, 0.01)] = 0.6,
    beta: Annotated[float, Range(0.01, 50.0, 0.01)] = 0.6,
) -> Sigmas:
    """Noise levels at quantiles of a beta distribution over the training steps (Lee et al. 2024).

    Args:
        steps: How many; those that fall together count once.
        alpha: Below 1, more steps at the noisy end.
        beta: Below 1, more steps at the clean end.
    """
    return schedules.beta(DiscreteSchedule(model.alphas_cumprod), steps, alpha, beta)


@node(category="sampling/custom_sampling/schedulers")
def SDTurboScheduler(model: Model, steps: Annotated[int, Range(1, 10)] = 1, denoise: Share = 1.0) -> Sigmas:
    """Noise levels that SD-Turbo and SDXL-Turbo were distilled for.

    Args:
        steps: How many.
        denoise: Below 1, start that far down.
    """
    skipped = TURBO_STEPS - int(TURBO_STEPS * denoise)
    timesteps = torch.arange(TURBO_STEPS, 0, -1)[skipped : skipped + steps] * 100 - 1
    known = (timesteps + 1) / model.stride - 1
    return schedules.with_zero(DiscreteSchedule(model.alphas_cumprod).t_to_sigma(known))


class Level(NamedTuple):
    sigma_value: float


@node(category="sampling/custom_sampling/sigmas")
def SamplingPercentToSigma(
    model: Model,
    sampling_percent: Annotated[float, Range(0.0, 1.0, 0.0001)] = 0.0,
    return_actual_sigma: bool = False,
) -> Level:
    """The noise level at a part of the sampling.

    Args:
        sampling_percent: 0 is the noisiest step, 1 the last.
        return_actual_sigma: At 0 and 1, the levels that the model was trained from and to, instead of ones beyond them
            that are good to compare with.
    """
    discrete = DiscreteSchedule(model.alphas_cumprod)
    ends = (discrete.sigma_max, discrete.sigma_min) if return_actual_sigma else (BEFORE_THE_START, 0.0)
    if sampling_percent in (0, 1):
        return Level(ends[int(sampling_percent)])
    return Level(discrete.percent_to_sigma(sampling_percent))
