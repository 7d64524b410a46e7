"""Control networks at work while sampling.

How a control network comes onto a device is not known here: a binder makes a ``ControlCall`` of a ``Control``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from torch import Tensor

from graphengine.diffusion.sampling.discrete import DiscreteSchedule
from graphengine.diffusion.types import Control, Residuals

ControlCall = Callable[[Tensor, Tensor, Tensor, Tensor | None], Residuals]
"""(x: B x C x h x w at unit variance, timestep: B, context: B x T x D, vector: B x P or None) -> residuals.

They come in the sampling's floating type; casting to the control network's is the binder's business, and so is to
resize the hint to the x given (of an area, x is a crop and the whole hint is shown in it). B may be several times the
latents' batch, pass after pass; a hint of several rows is repeated in turn.
"""

BindControl = Callable[[Control], ControlCall]


@dataclass(frozen=True, eq=False)
class BoundControl:
    """A control ready to be called.

    Attributes:
        control: What it was bound from.
        call: Its network.
        sigma_start, sigma_end: The noise levels it works between, both included.
    """

    control: Control
    call: ControlCall
    sigma_start: float
    sigma_end: float

    def active(self, sigma: float) -> bool:
        return self.sigma_end <= sigma <= self.sigma_start

    def residuals(self, x: Tensor, timestep: Tensor, context: Tensor, vector: Tensor | None) -> Residuals:
        """What it adds, times its strength, and averaged over space where its model wants that."""
        made = self.call(x, timestep, context, vector)
        return Residuals(
            skips=[self._weighted(one) for one in made.skips],
            middle=self._weighted(made.middle),
            inputs=[self._weighted(one) for one in made.inputs],
        )

    def _weighted(self, residual: Tensor | None) -> Tensor | None:
        if residual is None:
            return None
        residual = residual * self.control.strength
        return residual.mean(dim=(-2, -1), keepdim=True).expand_as(residual) if self.control.model.average else residual


def bind_controls(
    controls: Sequence[Control], bind: BindControl | None, schedule: DiscreteSchedule
) -> tuple[BoundControl, ...]:
    """Bind all controls that do anything; those of strength 0 are left out, so that they change no bit."""
    working = [control for control in controls if control.strength != 0]
    if working and bind is None:
        raise ValueError(f"{working[0].model.part.name} is to control the picture, but no bind_control was given")
    return tuple(
        BoundControl(
            control, bind(control), schedule.percent_to_sigma(control.start), schedule.percent_to_sigma(control.end)
        )
        for control in working
        if bind is not None
    )


def summed(parts: Sequence[Residuals]) -> Residuals | None:
    """The sum of what several controls add; None of none."""
    if not parts:
        return None
    total = parts[0]
    for part in parts[1:]:
        total = Residuals(
            skips=_sum_lists(total.skips, part.skips),
            middle=_sum(total.middle, part.middle),
            inputs=_sum_lists(total.inputs, part.inputs),
        )
    return total


def _sum_lists(a: Sequence[Tensor | None], b: Sequence[Tensor | None]) -> list[Tensor | None]:
    return [_sum(one, other) for one, other in zip_longest(a, b)]


def _sum(a: Tensor | None, b: Tensor | None) -> Tensor | None:
    if a is None or b is None:
        return b if a is None else a
    return a + b
