"""UniPC: Zhao et al. 2023 (arXiv:2302.04867), a predictor with a corrector that costs no evaluation of its own."""

import math
from collections import deque
from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor

from graphengine.diffusion.sampling.denoiser import Denoise, OnStep, ignore_step
from graphengine.diffusion.sampling.noise import NoiseSource
from graphengine.diffusion.sampling.samplers.exponential import psi

Variant = Literal["bh1", "bh2"]


@torch.no_grad()
def uni_pc(
    denoise: Denoise,
    x: Tensor,
    sigmas: Tensor,
    *,
    noise: NoiseSource,
    on_step: OnStep = ignore_step,
    order: int = 3,
    variant: Variant = "bh1",
) -> Tensor:
    """Multistep UniPC on estimates of the clean latents: algorithms 5 to 8 of the paper.

    Args:
        order: At most; the first and the last steps have lower ones.
        variant: The paper's B(h): ``bh1`` is h, ``bh2`` is e^h - 1; the latter suits few steps.
    """
    last = len(sigmas) - 1
    if last < 1:
        return x
    estimates, times = deque(maxlen=order), deque(maxlen=order)  # type: deque[Tensor], deque[Tensor]
    denoised = denoise(x, sigmas[0].expand(len(x)))
    for step in range(last):
        on_step(step, x, denoised)
        if sigmas[step + 1] == 0:
            return denoised
        estimates.appendleft(denoised)
        times.appendleft(-sigmas[step].log())
        update = _Update(x, estimates, times, -sigmas[step + 1].log(), min(order, step + 1, last - step), variant)
        x = update.predict()
        if step + 1 < last:
            denoised = denoise(x, sigmas[step + 1].expand(len(x)))
            x = update.correct(denoised)
    return x


class _Update:
    """One step of order p: the polynomial through the last p estimates, and then also through the new one."""

    def __init__(
        self,
        x: Tensor,
        estimates: Sequence[Tensor],
        times: Sequence[Tensor],
        time: Tensor,
        order: int,
        variant: Variant,
    ) -> None:
        h = (time - times[0]).double()
        self.order, self.z = order, -h
        self.scale = -h if variant == "bh1" else torch.expm1(-h)
        self.newest = estimates[0]
        self.reaches = [(times[k] - times[0]).double() / h for k in range(1, order)]
        self.slopes = [(estimates[k] - self.newest) / self.reaches[k - 1] for k in range(1, order)]
        self.first_order = torch.exp(-h) * x - torch.expm1(-h) * self.newest

    def predict(self) -> Tensor:
        """The latents at the new time from the estimates so far."""
        if self.order == 2:  # the paper fixes the single weight at 1/2
            return self._advanced(self.slopes, [0.5])
        return self._advanced(self.slopes, self._weights(self.reaches))

    def correct(self, denoised: Tensor) -> Tensor:
        """The same, once the estimate at what was predicted is known."""
        slopes = [*self.slopes, denoised - self.newest]
        if self.order == 1:
            return self._advanced(slopes, [0.5])
        return self._advanced(slopes, self._weights([*self.reaches, torch.ones_like(self.z)]))

    def _advanced(self, slopes: Sequence[Tensor], weights: Sequence[float]) -> Tensor:
        x = self.first_order
        for weight, slope in zip(weights, slopes, strict=True):
            x = x - self.scale * weight * slope
        return x

    def _weights(self, reaches: Sequence[Tensor]) -> list[float]:
        """Weights of the slopes that cancel the first orders of the error: equation 8 of the paper."""
        if not reaches:
            return []
        orders = range(1, len(reaches) + 1)
        powers = torch.stack([torch.stack(list(reaches)) ** (i - 1) for i in orders])
        wanted = torch.stack([psi(i + 1, self.z) * math.factorial(i) / self.scale for i in orders])
        return list(torch.linalg.solve(powers, wanted).tolist())
