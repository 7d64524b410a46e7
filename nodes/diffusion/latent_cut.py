"""Latents put beside each other, and cut into strips."""

from dataclasses import replace
from typing import Annotated, Literal

import torch

from graphengine.api import NodeError, Range, Size, node
from graphengine.diffusion.resize import fit_batch
from graphengine.diffusion.types import Latents as Batch
from graphengine.ports import Latents

from .values import filled

AXES = {"x": -1, "y": -2, "t": -3}  # the third is time in films, channels in pictures
Amount = Annotated[int, Range(1, 16384)]


def _cut(side: str, dim: str) -> str:
    """The formula of a side of what ``LatentCut`` gives."""
    cells = f"samples.{side} // 8"
    start = f"min(max(index + {cells} if index < 0 else index, 0), {cells} - 1)"
    return f"min(amount, {cells} - {start}) * 8 if dim == '{dim}' else samples.{side}"


def _strip(side: str, dim: str) -> str:
    return f"min(slice_size, samples.{side} // 8) * 8 if dim == '{dim}' else samples.{side}"


Joined = Annotated[
    Latents,
    Size(
        "samples1.width + samples2.width if dim in ('x', '-x') else samples1.width",
        "samples1.height + samples2.height if dim in ('y', '-y') else samples1.height",
    ),
]
Cut = Annotated[Latents, Size(_cut("width", "x"), _cut("height", "y"))]
Strips = Annotated[Latents, Size(_strip("width", "x"), _strip("height", "y"))]


@node(category="latent/advanced")
def LatentConcat(samples1: Latents, samples2: Latents, dim: Literal["x", "-x", "y", "-y", "t", "-t"] = "x") -> Joined:
    """Put latents beside others; of the second, as many as there are of the first.

    Args:
        dim: To the right (x) or left (-x), below (y) or above (-y); t puts channels of pictures together.
    """
    first = filled(samples1, "samples1").samples
    second = fit_batch(filled(samples2, "samples2").samples, len(first))
    axis = AXES[dim[-1]]
    if any(first.shape[other] != second.shape[other] for other in AXES.values() if other != axis):
        raise NodeError(
            f"Latents of {tuple(first.shape[1:])} and {tuple(second.shape[1:])} do not fit together along {dim}.",
            "Use latents that are equal in the other directions.",
            input="samples2",
        )
    parts = [second, first] if dim.startswith("-") else [first, second]
    return replace(samples1, samples=torch.cat(parts, dim=axis))


@node(category="latent/advanced")
def LatentCut(
    samples: Latents,
    dim: Literal["x", "y", "t"] = "x",
    index: Annotated[int, Range(-16384, 16384)] = 0,
    amount: Amount = 1,
) -> Cut:
    """Take a strip out of latents.

    Args:
        dim: Columns (x), rows (y), or channels of pictures (t).
        index: Of the first, counted from 0; below 0 from the end.
        amount: How many; fewer where the latents end.
    """
    axis = AXES[dim]
    size = filled(samples).samples.shape[axis]
    start = min(max(index + size if index < 0 else index, 0), size - 1)
    return replace(samples, samples=samples.samples.narrow(axis, start, min(amount, size - start)).clone())


@node(category="latent/advanced")
def LatentCutToBatch(samples: Latents, dim: Literal["t", "x", "y"] = "t", slice_size: Amount = 1) -> Strips:
    """Cut latents into strips of one size, as a batch; what is left over at the end is left away.

    Args:
        dim: Strips of columns (x) or of rows (y); with t pictures stay as they are.
        slice_size: Columns or rows of a strip; all, if it is larger.
    """
    whole = filled(samples).samples
    if dim == "t":
        return samples
    axis = AXES[dim]
    size = min(slice_size, whole.shape[axis])
    count = whole.shape[axis] // size
    strips = whole.narrow(axis, 0, count * size).unflatten(axis, (count, size)).movedim(axis - 1, 1)
    return Batch(strips.flatten(0, 1).clone())
