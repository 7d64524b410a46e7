"""What a sampler sees of a model: a function from noisy latents and their noise level to the clean estimate.

B batch, C channels, h x w latent cells. A noisy latent is ``clean + sigma * noise``, whatever the network was trained
on; ``Predictor`` translates between that and the network's own scaling, timesteps and kind of output.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from graphengine.diffusion.sampling.discrete import DiscreteSchedule
from graphengine.diffusion.types import AttentionHook, Network, Prediction, Residuals

Denoise = Callable[[Tensor, Tensor], Tensor]
"""(x: B x C x h x w, sigma: B, float32) -> the estimate of the clean latents, like x."""

DenoiseBoth = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
"""As ``Denoise``, but returns the guided estimate and that of the negative pass alone."""

OnStep = Callable[[int, Tensor, Tensor], None]
"""(step, x before the step, its clean estimate), called once a step; what it raises ends the sampling."""


def ignore_step(step: int, x: Tensor, denoised: Tensor) -> None:
    """The default ``OnStep``."""


def per_image(values: Tensor, x: Tensor) -> Tensor:
    """B values as B x 1 x 1 ..., on the device of ``x``, to multiply ``x`` with."""
    return values.to(x.device).view(-1, *[1] * (x.dim() - 1))


def to_denoised(prediction: Prediction, output: Tensor, x: Tensor, sigma: Tensor) -> Tensor:
    """Clean latents from a network's output.

    Args:
        prediction: What ``output`` is; v as in Salimans & Ho 2022 (arXiv:2202.00512).
        output: B x C x h x w, for the input ``x / sqrt(sigma^2 + 1)``.
        x: Noisy latents, B x C x h x w.
        sigma: Noise levels that broadcast against ``x``.
    """
    if prediction is Prediction.EPS:
        return x - output * sigma
    if prediction is Prediction.V:
        return x / (sigma**2 + 1) - output * (sigma / (sigma**2 + 1).sqrt())
    return output


@dataclass(frozen=True)
class Predictor:
    """A network, and how to ask it for clean latents.

    Attributes:
        network: The live network.
        prediction: What it outputs.
        schedule: The noise levels of its training.
        quantize: Ask at the nearest training step rather than between two of them.
        dtype: What the network computes in; None is the type of ``x``.
    """

    network: Network
    prediction: Prediction
    schedule: DiscreteSchedule
    quantize: bool = False
    dtype: torch.dtype | None = None

    def timestep(self, sigma: Tensor) -> Tensor:
        """The training step of each noise level, fractional unless ``quantize``."""
        return self.schedule.sigma_to_t(sigma, quantize=self.quantize)

    def scaled(self, x: Tensor, sigma: Tensor) -> Tensor:
        """``x`` (B x C x h x w, of noise level B) at unit variance, as the network was trained on it."""
        return x / (per_image(sigma, x) ** 2 + 1).sqrt().to(x.dtype)

    def __call__(
        self,
        x: Tensor,
        sigma: Tensor,
        context: Tensor,
        *,
        vector: Tensor | None = None,
        residuals: Residuals | None = None,
        concat: Tensor | None = None,
        hooks: Sequence[AttentionHook] = (),
    ) -> Tensor:
        """Clean latents like ``x``, for B noise levels, B x T x D tokens and B x C' x h x w extra channels."""
        dtype = self.dtype or x.dtype
        scaled = self.scaled(x, sigma).to(dtype)
        if concat is not None:
            scaled = torch.cat([scaled, concat.to(scaled)], dim=1)
        output = self.network(
            scaled,
            self.timestep(sigma).to(x.device),
            context.to(x.device, dtype),
            vector=None if vector is None else vector.to(x.device, dtype),
            residuals=residuals,
            hooks=hooks,
        )
        return to_denoised(self.prediction, output.to(x.dtype), x, per_image(sigma, x).to(x.dtype))
