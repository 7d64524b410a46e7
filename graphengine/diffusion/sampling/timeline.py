"""Which part of a schedule a run goes through."""

import torch
from torch import Tensor

from graphengine.diffusion.sampling.discrete import DiscreteSchedule
from graphengine.diffusion.sampling.samplers import Sampler
from graphengine.diffusion.sampling.schedules import Schedule


def sigmas_for(
    discrete: DiscreteSchedule, schedule: Schedule, steps: int, denoise: float = 1.0, sampler: Sampler | None = None
) -> Tensor:
    """The noise levels of a run of ``steps`` steps.

    Args:
        discrete: The schedule of the model's training.
        schedule: One of ``SCHEDULES``.
        steps: At least 1.
        denoise: Below 1, the end of a longer schedule: ``steps`` of ``steps / denoise``. At 0 there are no steps.
        sampler: Leaves out the level it does not want, if it has one.

    Returns:
        Usually ``steps + 1`` levels, descending to 0; fewer than 2 mean that there is nothing to do.
    """
    if steps < 1:
        raise ValueError(f"{steps} steps; take at least 1")
    if denoise <= 0:
        return discrete.sigmas[:0]
    if denoise > 0.9999:
        return _levels(discrete, schedule, steps, sampler)
    return _levels(discrete, schedule, int(steps / denoise), sampler)[-(steps + 1) :]


def between_steps(sigmas: Tensor, start: int = 0, end: int | None = None, *, finish: bool = False) -> Tensor:
    """The levels from step ``start`` to step ``end``; beyond the last step there is nothing to do.

    ``finish`` makes the last level 0, so that no noise remains when ``end`` comes before the last step.
    """
    last = len(sigmas) - 1
    if end is not None and end < last:
        sigmas = sigmas[: end + 1].clone()
        if finish and len(sigmas):
            sigmas[-1] = 0
    return sigmas[start:] if start < len(sigmas) - 1 else sigmas[:0]


def without_repeats(sigmas: Tensor) -> Tensor:
    """The levels without those that are the same as the one before, by whose distance some samplers divide.

    Schedules that take their levels from the table of the training repeat some where more are wanted than it has.
    """
    return torch.unique_consecutive(sigmas)


def _levels(discrete: DiscreteSchedule, schedule: Schedule, steps: int, sampler: Sampler | None) -> Tensor:
    if sampler is None or not sampler.skip_penultimate:
        return schedule(discrete, steps)
    sigmas = schedule(discrete, steps + 1)
    return sigmas[[*range(len(sigmas) - 2), len(sigmas) - 1]]
