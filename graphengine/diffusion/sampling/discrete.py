"""The discrete noise schedules that Stable Diffusion's networks were trained with.

N training steps, 0 the cleanest. Step t has ``alphas_cumprod[t]`` (Ho et al. 2020, arXiv:2006.11239, "a bar") and the
noise level ``sigma = sqrt((1 - a) / a)``; between steps, log sigma is interpolated linearly.
"""

import math
from functools import cached_property
from typing import Literal

import torch
from torch import Tensor

BetaSchedule = Literal["linear", "sqrt_linear", "cosine", "sqrt"]


def make_betas(
    kind: BetaSchedule, steps: int = 1000, start: float = 0.00085, end: float = 0.012, cosine_shift: float = 0.008
) -> Tensor:
    """The betas of N training steps, float64, by the names that model configurations use.

    Args:
        kind: ``linear`` is linear in the square root of beta, ``sqrt_linear`` in beta itself; ``cosine`` is
            Nichol & Dhariwal 2021 (arXiv:2102.09672, section 3.2) and uses neither ``start`` nor ``end``.
        steps: N.
        start, end: The first and last beta (for ``sqrt``, their squares).
        cosine_shift: The s of the cosine schedule.

    Raises:
        ValueError: Of another kind.
    """
    if kind == "linear":
        return torch.linspace(start**0.5, end**0.5, steps, dtype=torch.float64) ** 2
    if kind == "sqrt_linear":
        return torch.linspace(start, end, steps, dtype=torch.float64)
    if kind == "sqrt":
        return torch.linspace(start, end, steps, dtype=torch.float64) ** 0.5
    if kind == "cosine":
        time = torch.arange(steps + 1, dtype=torch.float64) / steps
        alphas = torch.cos((time + cosine_shift) / (1 + cosine_shift) * math.pi / 2) ** 2
        return (1 - alphas[1:] / alphas[:-1]).clamp(0, 0.999)
    raise ValueError(f"unknown beta schedule {kind!r}: it is one of linear, sqrt_linear, cosine, sqrt")


def alphas_cumprod_of(betas: Tensor) -> Tensor:
    """Running product of ``1 - beta``, in the type of ``betas`` (the originals use float64, then store float32)."""
    return torch.cumprod(1 - betas, dim=0)


class DiscreteSchedule:
    """The noise levels of a training schedule.

    Attributes:
        alphas_cumprod: N values, descending, float32.
        sigmas: N noise levels, ascending, float32.
    """

    def __init__(self, alphas_cumprod: Tensor) -> None:
        if alphas_cumprod.dim() != 1 or len(alphas_cumprod) < 2:
            raise ValueError(f"alphas_cumprod has shape {tuple(alphas_cumprod.shape)}; it must be one value a step")
        self.alphas_cumprod = alphas_cumprod.detach().float().cpu()
        self.sigmas = ((1 - self.alphas_cumprod) / self.alphas_cumprod).sqrt()

    def __len__(self) -> int:
        return len(self.sigmas)

    @cached_property
    def log_sigmas(self) -> Tensor:
        return self.sigmas.log()

    @property
    def sigma_min(self) -> float:
        return float(self.sigmas[0])

    @property
    def sigma_max(self) -> float:
        return float(self.sigmas[-1])

    def sigma_to_t(self, sigma: Tensor, *, quantize: bool = False) -> Tensor:
        """The (fractional) training step of each noise level, float32; levels outside the table give its ends.

        Args:
            sigma: Noise levels above 0, of any shape.
            quantize: The nearest step in log sigma instead.
        """
        log_sigma = sigma.detach().float().cpu().log()
        if quantize:
            return (log_sigma[..., None] - self.log_sigmas).abs().argmin(dim=-1).float()
        high = torch.searchsorted(self.log_sigmas, log_sigma).clamp(1, len(self) - 1)
        below, above = self.log_sigmas[high - 1], self.log_sigmas[high]
        return high - 1 + ((log_sigma - below) / (above - below)).clamp(0, 1)

    def t_to_sigma(self, t: Tensor) -> Tensor:
        """The noise level of each (fractional) training step, float32; steps outside the table give its ends."""
        t = t.detach().float().cpu().clamp(0, len(self) - 1)
        low = t.floor().long()
        high = (low + 1).clamp(max=len(self) - 1)
        return torch.lerp(self.log_sigmas[low], self.log_sigmas[high], t - low).exp()

    def percent_to_sigma(self, percent: float) -> float:
        """The noise level at a part of the schedule: 0 (the noisiest) is infinite, 1 is 0."""
        if percent <= 0:
            return math.inf
        if percent >= 1:
            return 0.0
        return float(self.t_to_sigma(torch.tensor((1 - percent) * (len(self) - 1))))
