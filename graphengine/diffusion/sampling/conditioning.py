"""Evaluate a network under many conditions at once: areas, masks, parts of the schedule, controls.

Each condition's estimate counts with its weight at each place, and the sum is divided by the sum of the weights.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from graphengine.diffusion.sampling.controls import BindControl, BoundControl, bind_controls, summed
from graphengine.diffusion.sampling.denoiser import Predictor
from graphengine.diffusion.sampling.regions import Region, fit_batch, fit_dims, region_of, weight_of
from graphengine.diffusion.types import AttentionHook, Condition, Conditioning, Residuals

MakeVector = Callable[[Condition, int, int], Tensor | None]
"""(condition, h, w of the latents) -> B or 1 x P, what a family adds to its timestep embedding."""

Batched = bool | Callable[[int, int, int], bool]
"""May this many rows of h x w cells be evaluated at once?"""

_Task = tuple[int, "Prepared"]  # a condition, and the group it counts in

_NO_WEIGHT = 1e-37  # keeps places that nothing weighs on at zero rather than NaN
_MAX_REPEATS = 4  # a context is not repeated more often than this to match another's length


def pooled_vector(condition: Condition, height: int, width: int) -> Tensor | None:
    """The default ``MakeVector``: the pooled text as it is."""
    return condition.pooled


@dataclass(frozen=True, eq=False)
class Prepared:
    """A condition made ready for one sampling.

    Attributes:
        condition: What it was made from.
        region: Where the network is evaluated.
        weight: B x 1 x region.
        context: B x T x D.
        vector: B x P or None.
        concat: B x C' x region, or None.
        controls: Bound control networks.
        sigma_start, sigma_end: The noise levels it holds between, both included.
    """

    condition: Condition
    region: Region
    weight: Tensor
    context: Tensor
    vector: Tensor | None
    concat: Tensor | None
    controls: tuple[BoundControl, ...]
    sigma_start: float
    sigma_end: float

    def active(self, sigma: float) -> bool:
        return self.sigma_end <= sigma <= self.sigma_start


class Conditioned:
    """A network under conditions. One instance serves one sampling, of latents of one shape.

    Args:
        predictor: The network.
        like: Latents of the shape and device to come, B x C x h x w.
        bind: Makes controls callable; needed where conditions have any.
        hooks: Changes of attention.
        batched: Whether conditions may be evaluated together; the result is the same but for rounding.
        make_vector: What the family makes of pooled text.
    """

    def __init__(
        self,
        predictor: Predictor,
        like: Tensor,
        *,
        bind: BindControl | None = None,
        hooks: Sequence[AttentionHook] = (),
        batched: Batched = True,
        make_vector: MakeVector = pooled_vector,
    ) -> None:
        self.predictor, self.like, self.bind = predictor, like, bind
        self.hooks, self.batched, self.make_vector = tuple(hooks), batched, make_vector

    def prepare(self, conditioning: Conditioning) -> tuple[Prepared, ...]:
        """Resolve areas, masks, percentages and controls."""
        return tuple(self._prepared(condition) for condition in conditioning)

    def __call__(
        self, x: Tensor, sigma: Tensor, *groups: Sequence[Prepared], hooks: Sequence[AttentionHook] = ()
    ) -> tuple[Tensor, ...]:
        """The estimate of the clean latents under each group of conditions.

        Args:
            x: Noisy latents, B x C x h x w.
            sigma: B equal noise levels.
            groups: For instance the positive and the negative conditions.
            hooks: Changes of attention in this call, after the instance's own.
        """
        level = float(sigma[0])
        tasks: list[_Task] = [(place, one) for place, group in enumerate(groups) for one in group if one.active(level)]
        sums = [torch.zeros_like(x) for _ in groups]
        weights = [torch.full_like(x[:, :1], _NO_WEIGHT) for _ in groups]
        for batch in self._batches(tasks, len(x)):
            estimates = self._evaluate([one for _, one in batch], x, sigma, (*self.hooks, *hooks))
            for (place, one), estimate in zip(batch, estimates, strict=True):
                one.region.crop(sums[place]).add_(estimate * one.weight)
                one.region.crop(weights[place]).add_(one.weight)
        return tuple(total / weight for total, weight in zip(sums, weights, strict=True))

    def _prepared(self, condition: Condition) -> Prepared:
        rows, (height, width) = len(self.like), self.like.shape[-2:]
        region = region_of(condition, height, width)
        vector = self.make_vector(condition, height, width)
        schedule = self.predictor.schedule
        return Prepared(
            condition=condition,
            region=region,
            weight=fit_batch(fit_dims(weight_of(condition, region, height, width), self.like), rows).to(self.like),
            context=fit_batch(condition.context, rows).to(self.like.device),
            vector=None if vector is None else fit_batch(vector, rows).to(self.like.device),
            concat=None if condition.concat is None else self._concat(condition.concat, region),
            controls=bind_controls(condition.controls, self.bind, schedule),
            sigma_start=schedule.percent_to_sigma(condition.start),
            sigma_end=schedule.percent_to_sigma(condition.end),
        )

    def _concat(self, concat: Tensor, region: Region) -> Tensor:
        if concat.shape[-2:] != self.like.shape[-2:]:
            raise ValueError(
                f"a condition appends channels of {tuple(concat.shape[-2:])} cells to latents of "
                f"{tuple(self.like.shape[-2:])}; make its image as large as the picture"
            )
        return region.crop(fit_batch(concat, len(self.like))).to(self.like.device)

    def _batches(self, tasks: Sequence[_Task], rows: int) -> list[list[_Task]]:
        """Put together what may be evaluated together."""
        batches: list[list[_Task]] = []
        for task in tasks:
            for batch in batches:
                region = task[1].region
                if _alike([one for _, one in batch], task[1]) and self._may_batch(rows * (len(batch) + 1), region):
                    batch.append(task)
                    break
            else:
                batches.append([task])
        return batches

    def _may_batch(self, rows: int, region: Region) -> bool:
        return self.batched if isinstance(self.batched, bool) else self.batched(rows, region.height, region.width)

    def _evaluate(
        self, batch: Sequence[Prepared], x: Tensor, sigma: Tensor, hooks: Sequence[AttentionHook]
    ) -> Sequence[Tensor]:
        """The estimates for a batch, each of its condition's region."""
        crops = torch.cat([one.region.crop(x) for one in batch])
        sigmas = sigma.repeat(len(batch))
        context = _joined([one.context for one in batch])
        vector, concat = _cat([one.vector for one in batch]), _cat([one.concat for one in batch])
        residuals = self._residuals(batch[0].controls, crops, sigmas, context, vector)
        estimates = self.predictor(
            crops, sigmas, context, vector=vector, residuals=residuals, concat=concat, hooks=hooks
        )
        return estimates.split(len(x))

    def _residuals(
        self, controls: Sequence[BoundControl], x: Tensor, sigma: Tensor, context: Tensor, vector: Tensor | None
    ) -> Residuals | None:
        working = [control for control in controls if control.active(float(sigma[0]))]
        if not working:
            return None
        scaled, timestep = self.predictor.scaled(x, sigma), self.predictor.timestep(sigma).to(x.device)
        return summed([control.residuals(scaled, timestep, context, vector) for control in working])


def _alike(batch: Sequence[Prepared], one: Prepared) -> bool:
    """Whether a condition fits into a batch: same sizes, the same controls, lengths with a small common multiple."""
    first = batch[0]
    lengths = [other.context.shape[1] for other in (*batch, one)]
    return (
        (first.region.height, first.region.width) == (one.region.height, one.region.width)
        and first.context.shape[2] == one.context.shape[2]
        and math.lcm(*lengths) // min(lengths) <= _MAX_REPEATS
        and _shape(first.vector) == _shape(one.vector)
        and _shape(first.concat) == _shape(one.concat)
        and [bound.control for bound in first.controls] == [bound.control for bound in one.controls]
    )


def _shape(tensor: Tensor | None) -> tuple[int, ...] | None:
    return None if tensor is None else tuple(tensor.shape)


def _cat(tensors: Sequence[Tensor | None]) -> Tensor | None:
    present = [tensor for tensor in tensors if tensor is not None]
    return torch.cat(present) if present else None


def _joined(contexts: Sequence[Tensor]) -> Tensor:
    """Contexts of several lengths in one batch: attention to a whole number of copies is the same attention."""
    length = math.lcm(*(context.shape[1] for context in contexts))
    return torch.cat([context.repeat(1, length // context.shape[1], 1) for context in contexts])
