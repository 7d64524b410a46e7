"""Keep a part of the picture while the rest is sampled."""

from collections.abc import Callable

import torch
from torch import Tensor

from graphengine.diffusion.sampling.denoiser import Denoise, per_image
from graphengine.diffusion.sampling.discrete import DiscreteSchedule
from graphengine.diffusion.sampling.regions import fit_batch, fit_dims, fit_mask

MaskRule = Callable[[Tensor, float], Tensor]
"""(the mask, the part of the sampling that is left: 1 at its start, 0 at its end) -> the mask to take now."""


def progressive(strength: float) -> MaskRule:
    """Differential diffusion: Levin & Fried 2023 (arXiv:2306.00950). The larger its mask, the earlier a place changes.

    Args:
        strength: 0 mixes with the original by the mask as it is, all the time.
    """

    def rule(mask: Tensor, left: float) -> Tensor:
        return torch.lerp(mask, (mask >= left).to(mask), strength)

    return rule


def part_left(discrete: DiscreteSchedule, sigmas: Tensor) -> Callable[[Tensor], float]:
    """How much of a sampling is left at a noise level, counted in training steps."""

    def step(sigma: Tensor) -> float:
        return float(discrete.sigma_to_t(sigma)) if sigma > 0 else 0.0

    first, last = step(sigmas[0]), step(sigmas[-1])
    return lambda sigma: (step(sigma) - last) / (first - last) if first != last else 0.0


def keep_outside(
    denoise: Denoise,
    mask: Tensor,
    clean: Tensor,
    noise: Tensor,
    rule: MaskRule | None = None,
    left: Callable[[Tensor], float] = lambda sigma: 1.0,
) -> Denoise:
    """A denoiser that sees, and answers with, the original where ``mask`` is 0.

    Before the network the kept part is the original at the same noise level, after it the original itself; between 0
    and 1 both are mixed.

    Args:
        denoise: The denoiser inside.
        mask: B or 1 x H x W at any size, 1 where the picture is to change.
        clean: The original, scaled as ``denoise`` expects it, B x C x h x w.
        noise: Like ``clean``, of unit variance.
        rule: Makes the mask of a step; it is the same in all without one.
        left: How much of the sampling is left at a noise level.
    """
    whole = fit_batch(fit_dims(fit_mask(mask, *clean.shape[-2:]), clean), len(clean)).to(clean)

    def masked(x: Tensor, sigma: Tensor) -> Tensor:
        change = rule(whole, left(sigma[0])) if rule else whole
        keep = 1 - change
        original = clean + noise * per_image(sigma, x).to(x.dtype)
        return denoise(x * change + original * keep, sigma) * change + clean * keep

    return masked
