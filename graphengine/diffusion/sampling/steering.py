"""Changes of guidance, by how they work.

A guider takes the place of classifier-free guidance. What comes before it changes the passes that it gets, what comes
after it the estimate that it gives; of those there may be several. Where the negative pass is not made, ``positive``
and ``negative`` are one tensor, and there is nothing to steer.

Estimates are of the clean latents; ``x`` less one of them is the noise, times sigma.
"""

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from graphengine.diffusion.sampling.denoiser import per_image
from graphengine.diffusion.sampling.guidance import Guider, Passes

Before = Callable[[Passes], Passes]
After = Callable[[Passes, Tensor], Tensor]


def rescaled(share: float) -> Guider:
    """Guidance that keeps the deviation of the positive: Lin et al. 2023 (arXiv:2305.08891), section 3.4.

    Args:
        share: Of the rescaled estimate; the rest is the usual one.
    """

    def guide(passes: Passes) -> Tensor:
        sigma = per_image(passes.sigma, passes.x)
        unit = (sigma**2 + 1).sqrt()

        def velocity(denoised: Tensor) -> Tensor:
            return (passes.x / unit**2 - denoised) * (unit / sigma)

        positive, negative = velocity(passes.positive), velocity(passes.negative)
        guided = negative + (positive - negative) * passes.scale
        factor = share * _deviation(positive) / _deviation(guided) + (1 - share)
        return passes.x / unit**2 - guided * factor * (sigma / unit)

    return guide


def zero_star(passes: Passes, guided: Tensor) -> Tensor:
    """CFG-Zero*: Fan et al. 2025 (arXiv:2503.18886), the negative scaled by how much of the positive it explains.

    As in ComfyUI, the factor is that of the noise, and the estimate is what is scaled.
    """
    positive, negative = passes.x - passes.positive, passes.x - passes.negative
    factor = _product(positive, negative) / (_product(negative, negative) + 1e-8)
    return guided + passes.negative * ((factor - 1) * (1 - passes.scale))


def no_longer(strength: float) -> After:
    """Guided estimates no longer, over the channels of a place, than the positive one; then times ``strength``."""

    def limit(passes: Passes, guided: Tensor) -> Tensor:
        length = passes.positive.norm(dim=1, keepdim=True) / (guided.norm(dim=1, keepdim=True) + 1e-8)
        return guided * (strength * length.clamp(max=1))

    return limit


def less_noise(factor: float) -> After:
    """Epsilon scaling: Ning et al. 2023 (arXiv:2308.15321), the estimate of the noise divided by ``factor``."""
    return lambda passes, guided: passes.x - (passes.x - guided) / factor


class Unattended:
    """An attention hook: in the middle of the network tokens see nothing but themselves."""

    def context(self, layer: str, context: Tensor) -> tuple[Tensor, Tensor]:
        return context, context

    def output(self, layer: str, queries: Tensor, values: Tensor, attended: Tensor) -> Tensor:
        return values if layer.startswith("middle_block.") and layer.endswith(".attn1") else attended


def away_from_unattended(scale: float) -> After:
    """Perturbed-attention guidance: Ahn et al. 2024 (arXiv:2403.17377), away from a pass that sees no structure.

    Args:
        scale: 0 is off and saves the pass.
    """

    def guide(passes: Passes, guided: Tensor) -> Tensor:
        return guided + (passes.positive - passes.again([Unattended()])) * scale if scale else guided

    return guide


def damped(passes: Passes) -> Passes:
    """Tangential damping: Kwon et al. 2025 (arXiv:2503.18137).

    Of the negative noise only that stays which lies along the first singular vector of both.
    """
    noises = torch.stack([(passes.x - one).flatten(1).float() for one in (passes.positive, passes.negative)], dim=1)
    main = torch.linalg.svd(noises, full_matrices=False).Vh[:, 0]
    along = (noises[:, 1] * main).sum(1, keepdim=True) * main
    return replace(passes, negative=passes.x - along.view_as(passes.x).to(passes.x.dtype))


class Projected:
    """Adaptive projected guidance: Sadat et al. 2024 (arXiv:2410.02416), algorithm 1.

    For one sampling, over whose steps the momentum goes on. As in ComfyUI, guidance counts from the positive, where the
    paper takes one less.

    Args:
        parallel: Share of the guidance that stays of what lies along the positive (eta).
        longest: That the guidance may be, in all of a picture; 0 is any length.
        momentum: Of the guidance of the last steps; the paper's is negative.
    """

    def __init__(self, parallel: float, longest: float, momentum: float) -> None:
        self.parallel, self.longest, self.momentum = parallel, longest, momentum
        self.average: Tensor | float = 0.0

    def __call__(self, passes: Passes) -> Passes:
        if passes.scale == 0:
            return passes
        plain = passes.positive - passes.negative
        guidance = self.average = plain + self.momentum * self.average
        if self.longest > 0:
            guidance = guidance * (self.longest / _product(guidance, guidance).sqrt()).clamp(max=1)
        toward = passes.positive
        along = toward * (_product(guidance, toward) / _product(toward, toward))
        guidance = guidance + (self.parallel - 1) * along
        return replace(passes, positive=passes.negative + guidance + plain / passes.scale)


def _product(a: Tensor, b: Tensor) -> Tensor:
    """Of each picture, as B x 1 x 1 x 1."""
    return (a * b).sum(dim=(1, 2, 3), keepdim=True)


def _deviation(x: Tensor) -> Tensor:
    return x.std(dim=(1, 2, 3), keepdim=True)
