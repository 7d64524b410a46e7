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


def perpendicular(passes: Passes, empty: Tensor, away: float) -> Tensor:
    """Perp-Neg: Armandpour et al. 2023 (arXiv:2304.04968), algorithm 1.

    Args:
        empty: The estimate under no text, from which guidance leads.
        away: How much of the negative that stands at right angles to the positive is left behind.
    """
    positive, negative = passes.positive - empty, passes.negative - empty
    along = (positive * negative).sum((1, 2, 3), keepdim=True) / (positive**2).sum((1, 2, 3), keepdim=True)
    return empty + passes.scale * (positive - away * (negative - along * positive))


class Guided:
    """A guided denoiser, ``(x, sigma) -> denoised``.

    At scale 1, or without negative conditions, the negative pass is not made, unless ``always_negative``. Conditions
    in the middle add a pass of their own (Brooks et al. 2022, arXiv:2211.09800, equation 3). What comes ``before`` the
    guider changes what it gets, where there are two passes; what comes ``after`` it changes the estimate in the end.

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
        before: Sequence[Callable[[Passes], Passes]] = (),
        after: Sequence[Callable[[Passes, Tensor], Tensor]] = (),
    ) -> None:
        self.conditioned, self.positive, self.negative = conditioned, positive, negative
        self.scale, self.guider, self.middle = scale, guider, middle
        self.between = conditioned.prepare(middle.conditioning) if middle else ()
        self.two_passes = bool(negative) and (scale != 1 or always_negative)
        self.before, self.after = before, after

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

        def guide(toward: Tensor, away: Tensor, scale: float) -> tuple[Passes, Tensor]:
            passes = Passes(x, sigma, toward, away, scale, again)
            for change in self.before if toward is not away else ():
                passes = change(passes)
            return passes, self.guider(passes)

        if self.middle is None:
            passes, guided = guide(positive, negative, self.scale)
        elif self.middle.perpendicular:
            passes = Passes(x, sigma, positive, negative, self.scale, again)
            guided = perpendicular(passes, middle, self.middle.scale)
        elif self.middle.nested:
            _, led = guide(positive, middle, self.scale)
            passes, guided = guide(led, negative, self.middle.scale)
        else:
            passes, led = guide(middle, negative, self.middle.scale)
            guided = led + (positive - middle) * self.scale
        for finish in self.after:
            guided = finish(passes, guided)
        return guided
