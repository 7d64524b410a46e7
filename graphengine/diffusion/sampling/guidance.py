"""Guidance: make one estimate of what the positive and the negative conditions say.

A guider is a function of what the passes gave; ``classifier_free`` is the usual one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import Tensor

from graphengine.diffusion.sampling.conditioning import Conditioned, Prepared
from graphengine.diffusion.types import AttentionHook, Middle


@dataclass(frozen=True, eq=False)
class Passes:
    """What a guider combines.

    Attributes:
        x: Noisy latents, B x C x h x w.
        sigma: B noise levels.
        positive, negative: Estimates of the clean latents; the same tensor where the negative pass was not made.
        scale: The guidance scale.
        again: Makes the positive pass once more, with further attention hooks.
    """

    x: Tensor
    sigma: Tensor
    positive: Tensor
    negative: Tensor
    scale: float
    again: Callable[[Sequence[AttentionHook]], Tensor]


Guider = Callable[[Passes], Tensor]


def classifier_free(passes: Passes) -> Tensor:
    """Ho & Salimans 2022 (arXiv:2207.12598): away from the negative, ``scale`` times the way to the positive."""
    if passes.positive is passes.negative:
        return passes.positive
    return passes.negative + (passes.positive - passes.negative) * passes.scale


class Guided:
    """A guided denoiser, ``(x, sigma) -> denoised``.

    At scale 1, or without negative conditions, the negative pass is not made, unless ``always_negative``. Conditions
    in the middle add a pass of their own (Brooks et al. 2022, arXiv:2211.09800, equation 3).

    Attributes:
        negative_estimate: What the pass that guidance leads the positive one away from gave in the last call: the
            negative one, with a nested middle that one (the positive one where there was none).
    """

    negative_estimate: Tensor

    def __init__(
        self,
        conditioned: Conditioned,
        positive: Sequence[Prepared],
        negative: Sequence[Prepared],
        scale: float,
        *,
        guider: Guider = classifier_free,
        middle: Middle | None = None,
        always_negative: bool = False,
    ) -> None:
        self.conditioned, self.positive, self.negative = conditioned, positive, negative
        self.scale, self.guider, self.middle = scale, guider, middle
        self.between = conditioned.prepare(middle.conditioning) if middle else ()
        self.two_passes = bool(negative) and (scale != 1 or always_negative)

    def __call__(self, x: Tensor, sigma: Tensor) -> Tensor:
        if self.middle is not None:
            positive, middle, negative = self.conditioned(x, sigma, self.positive, self.between, self.negative)
        elif self.two_passes:
            positive, negative = self.conditioned(x, sigma, self.positive, self.negative)
        else:
            (positive,) = self.conditioned(x, sigma, self.positive)
            negative = positive
        self.negative_estimate = middle if self.middle is not None and self.middle.nested else negative

        def again(hooks: Sequence[AttentionHook]) -> Tensor:
            return self.conditioned(x, sigma, self.positive, hooks=hooks)[0]

        def guide(toward: Tensor, away: Tensor, scale: float) -> Tensor:
            return self.guider(Passes(x, sigma, toward, away, scale, again))

        if self.middle is None:
            return guide(positive, negative, self.scale)
        if self.middle.nested:
            return guide(guide(positive, middle, self.scale), negative, self.middle.scale)
        return guide(middle, negative, self.middle.scale) + (positive - middle) * self.scale
