"""Noise levels: spacings that know nothing of a model, what is cut out of them, and what is put between."""

import math
import re
from itertools import pairwise
from typing import Annotated, Literal, NamedTuple

import torch

from graphengine.api import NodeError, Range, node
from graphengine.diffusion.sampling import schedules
from graphengine.ports import Sigmas

Steps = Annotated[int, Range(1, 10000)]
Level = Annotated[float, Range(0.0, 5000.0, 0.01)]
Power = Annotated[float, Range(0.0, 100.0, 0.01)]
NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[-+]?[0-9]+)?", re.IGNORECASE)
SIGMA_MAX, SIGMA_MIN = 14.614642, 0.0291675  # of Stable Diffusion 1


@node(category="sampling/custom_sampling/schedulers")
def KarrasScheduler(
    steps: Steps = 20, sigma_max: Level = SIGMA_MAX, sigma_min: Level = SIGMA_MIN, rho: Power = 7.0
) -> Sigmas:
    """Noise levels even in the rho-th root (Karras et al. 2022).

    Args:
        steps: How many.
        sigma_max: The first level.
        sigma_min: The last level above 0.
        rho: Higher puts more steps at the clean end.
    """
    _check_range(sigma_max, sigma_min)
    if rho == 0:
        raise NodeError("rho is 0.", "Choose a value above 0, such as 7.", input="rho")
    return schedules.karras(steps, sigma_min, sigma_max, rho)


@node(category="sampling/custom_sampling/schedulers")
def ExponentialScheduler(steps: Steps = 20, sigma_max: Level = SIGMA_MAX, sigma_min: Level = SIGMA_MIN) -> Sigmas:
    """Noise levels even in the logarithm.

    Args:
        steps: How many.
        sigma_max: The first level.
        sigma_min: The last level above 0.
    """
    _check_range(sigma_max, sigma_min)
    return schedules.exponential(steps, sigma_min, sigma_max)


@node(category="sampling/custom_sampling/schedulers")
def AlignYourStepsScheduler(
    model_type: Literal["SD1", "SDXL"] = "SD1",
    steps: Steps = 10,
    denoise: Annotated[float, Range(0.0, 1.0, 0.01)] = 1.0,
) -> Sigmas:
    """Noise levels that were optimised for a family of models (Sabour et al. 2024).

    Args:
        model_type: The family.
        steps: How many; 10 is what they were optimised for.
        denoise: Below 1, start that far down: the last steps of all.
    """
    return schedules.align_your_steps(model_type, steps)[steps - round(steps * denoise) :]


@node(category="sampling/custom_sampling/schedulers")
def LaplaceScheduler(
    steps: Steps = 20,
    sigma_max: Level = SIGMA_MAX,
    sigma_min: Level = SIGMA_MIN,
    mu: Annotated[float, Range(-10.0, 10.0, 0.1)] = 0.0,
    beta: Annotated[float, Range(0.0, 10.0, 0.1)] = 0.5,
) -> Sigmas:
    """Noise levels with most steps in the middle (Hang & Gu 2024). They end at sigma_min, not at 0.

    Args:
        steps: How many levels.
        sigma_max: The highest.
        sigma_min: The lowest.
        mu: Logarithm of the level that most steps are around.
        beta: Higher spreads them wider.
    """
    _check_range(sigma_max, sigma_min)
    return schedules.laplace(steps, sigma_min, sigma_max, mu, beta)


@node(category="sampling/custom_sampling/schedulers")
def PolyexponentialScheduler(
    steps: Steps = 20, sigma_max: Level = SIGMA_MAX, sigma_min: Level = SIGMA_MIN, rho: Power = 1.0
) -> Sigmas:
    """Noise levels along a power of the logarithm.

    Args:
        steps: How many.
        sigma_max: The first level.
        sigma_min: The last level above 0.
        rho: 1 is even in the logarithm; higher puts more steps at the clean end.
    """
    _check_range(sigma_max, sigma_min)
    return schedules.polyexponential(steps, sigma_min, sigma_max, rho)


@node(category="sampling/custom_sampling/schedulers")
def VPScheduler(
    steps: Steps = 20,
    beta_d: Level = 19.9,
    beta_min: Level = 0.1,
    eps_s: Annotated[float, Range(0.0, 1.0, 0.0001)] = 0.001,
) -> Sigmas:
    """Noise levels of the continuous variance-preserving process (Song et al. 2021).

    Args:
        steps: How many.
        beta_d: Slope of the noise rate.
        beta_min: Noise rate at the clean end.
        eps_s: Time of the last level above 0.
    """
    return schedules.vp(steps, beta_d, beta_min, eps_s)


@node(category="_for_testing/custom_sampling")
def ManualSigmas(sigmas: str = "1, 0.5") -> Sigmas:
    """Noise levels as they are written.

    Args:
        sigmas: Numbers, with commas or spaces between them.
    """
    written = [part for part in re.split(r"[\s,;\[\]()]+", sigmas) if part]
    strange = [part for part in written if not NUMBER.fullmatch(part)]
    if strange:
        raise NodeError(f"{strange[0]!r} is no number.", "Write noise levels such as 14.6, 3, 0.5, 0.", input="sigmas")
    return torch.tensor([float(part) for part in written])


class Split(NamedTuple):
    high_sigmas: Sigmas
    low_sigmas: Sigmas


@node(category="sampling/custom_sampling/sigmas")
def SplitSigmas(sigmas: Sigmas, step: Annotated[int, Range(0, 10000)] = 0) -> Split:
    """Part noise levels in two, to sample with something else from a step on.

    Args:
        step: The level there ends the first part and starts the second.
    """
    return Split(sigmas[: step + 1].clone(), sigmas[step:].clone())


@node(category="sampling/custom_sampling/sigmas")
def SplitSigmasDenoise(sigmas: Sigmas, denoise: Annotated[float, Range(0.0, 1.0, 0.01)] = 1.0) -> Split:
    """Part noise levels in two, by the share of steps in the second part.

    Args:
        denoise: 1 puts all steps into the second part.
    """
    steps = max(len(sigmas) - 1, 0)
    first = steps - round(steps * denoise)
    return Split(sigmas[: first + 1].clone(), sigmas[first:].clone())


@node(category="sampling/custom_sampling/sigmas")
def FlipSigmas(sigmas: Sigmas) -> Sigmas:
    """Noise levels upwards, to turn a picture into the noise it comes from; a first level of 0 becomes 0.0001."""
    flipped = sigmas.flip(0)
    if len(flipped):
        flipped[0] = flipped[0].clamp(min=0.0001)
    return flipped


@node(category="sampling/custom_sampling/sigmas")
def SetFirstSigma(sigmas: Sigmas, sigma: Annotated[float, Range(0.0, 20000.0, 0.001)] = 136.0) -> Sigmas:
    """Change the first noise level.

    Args:
        sigma: The new one.
    """
    return torch.cat([sigmas.new_tensor([sigma]), sigmas[1:]])


@node(category="sampling/custom_sampling/sigmas")
def ExtendIntermediateSigmas(
    sigmas: Sigmas,
    steps: Annotated[int, Range(1, 100)] = 2,
    start_at_sigma: Annotated[float, Range(-1.0, 20000.0, 0.01)] = -1.0,
    end_at_sigma: Annotated[float, Range(0.0, 20000.0, 0.01)] = 12.0,
    spacing: Literal["linear", "cosine", "sine"] = "linear",
) -> Sigmas:
    """Make several steps of each step that starts within a range of noise levels.

    Args:
        steps: How many.
        start_at_sigma: Upper end of the range; below 0 there is none.
        end_at_sigma: Lower end of the range.
        spacing: How they are spread: evenly, smaller toward the end (cosine), or toward the start (sine).
    """
    high = start_at_sigma if start_at_sigma >= 0 else math.inf
    place = torch.arange(steps) / steps
    angle = place * (math.pi / 2)
    part = {"linear": place, "cosine": angle.sin(), "sine": 1 - angle.cos()}[spacing]
    levels = [
        start + (end - start) * part if end_at_sigma <= start <= high else start[None]
        for start, end in pairwise(sigmas)
    ]
    return torch.cat([*levels, sigmas[-1:]])


def _check_range(sigma_max: float, sigma_min: float) -> None:
    if not 0 < sigma_min <= sigma_max:
        raise NodeError(
            f"Noise levels from {sigma_max} down to {sigma_min} are not possible.",
            "Choose a sigma_min above 0 and not above sigma_max.",
            input="sigma_min",
        )
