"""Latents calculated with, laid over each other, and masked. Places are in pixels, 8 to a latent cell."""

from dataclasses import replace
from typing import Annotated

from graphengine.api import Range, Size, node
from graphengine.diffusion import latents as ops
from graphengine.diffusion.paste import paste
from graphengine.diffusion.resize import fit_second, resize, resize_mask
from graphengine.ports import Latents, Mask

from .values import CELL, filled, masks, same_channels

Place = Annotated[int, Range(0, 16384, 8)]
Share = Annotated[float, Range(0.0, 1.0, 0.01)]
LikeFirst = Annotated[Latents, Size("samples1")]


@node(category="latent", title="Latent Composite")
def LatentComposite(
    samples_to: Latents, samples_from: Latents, x: Place = 0, y: Place = 0, feather: Place = 0
) -> Annotated[Latents, Size("samples_to")]:
    """Lay latents over others.

    Args:
        samples_to: Below.
        samples_from: On top; cut off at the edges.
        x: Of its left edge.
        y: Of its upper edge.
        feather: Over how many pixels its sides fade; sides at the edge of the picture do not.
    """
    same_channels(samples_to, samples_from, ("samples_to", "samples_from"))
    laid = ops.composite(samples_to.samples, samples_from.samples, x // CELL, y // CELL, feather // CELL)
    return replace(samples_to, samples=laid)


@node(category="latent")
def LatentCompositeMasked(
    destination: Latents,
    source: Latents,
    x: Place = 0,
    y: Place = 0,
    resize_source: bool = False,
    mask: Mask | None = None,
) -> Annotated[Latents, Size("destination")]:
    """Lay latents over others where a mask says so.

    Args:
        destination: Below.
        source: On top; repeated when there are fewer.
        x: Of the source's left edge.
        y: Of its upper edge.
        resize_source: Stretch the source to the size of the destination first.
        mask: Where the source covers; everywhere when not linked. Stretched to the size of the source.
    """
    same_channels(destination, source, ("destination", "source"))
    below, above = destination.samples, source.samples
    if resize_source:
        above = resize(above, below.shape[-1], below.shape[-2], "bilinear")
    covers = above.new_ones(1, *above.shape[-2:]) if mask is None else masks(mask)
    covers = resize_mask(covers, above.shape[-1], above.shape[-2])
    return replace(destination, samples=paste(below, above, covers[:, None], x // CELL, y // CELL))


@node(category="latent/advanced")
def LatentAdd(samples1: Latents, samples2: Latents) -> LikeFirst:
    """The sum of latents; the second are scaled and repeated to fit the first."""
    same_channels(samples1, samples2, ("samples1", "samples2"))
    return replace(samples1, samples=samples1.samples + ops.matched(samples2, samples1))


@node(category="latent/advanced")
def LatentSubtract(samples1: Latents, samples2: Latents) -> LikeFirst:
    """The first latents less the second, which are scaled and repeated to fit the first."""
    same_channels(samples1, samples2, ("samples1", "samples2"))
    return replace(samples1, samples=samples1.samples - ops.matched(samples2, samples1))


@node(category="latent/advanced")
def LatentMultiply(
    samples: Latents, multiplier: Annotated[float, Range(-10.0, 10.0, 0.01)] = 1.0
) -> Annotated[Latents, Size("samples")]:
    """Latents times a number.

    Args:
        multiplier: The number.
    """
    return replace(samples, samples=filled(samples).samples * multiplier)


@node(category="latent/advanced")
def LatentInterpolate(samples1: Latents, samples2: Latents, ratio: Share = 1.0) -> LikeFirst:
    """Between two latents, their directions and lengths mixed apart.

    Args:
        ratio: 1 gives the first, 0 the second.
    """
    same_channels(samples1, samples2, ("samples1", "samples2"))
    return replace(samples1, samples=ops.interpolate(samples1.samples, ops.matched(samples2, samples1), ratio))


@node(category="latent/advanced")
def LatentBlend(samples1: Latents, samples2: Latents, blend_factor: Share = 0.5) -> LikeFirst:
    """A weighted sum of two latents; the second are scaled to fit the first, of which one goes with each second.

    Args:
        blend_factor: Share of the first.
    """
    same_channels(samples1, samples2, ("samples1", "samples2"))
    height, width = samples1.samples.shape[-2:]
    first, second = fit_second(samples1.samples, resize(samples2.samples, width, height, "bicubic", center_crop=True))
    index = samples1.batch_index if len(first) == len(samples1.samples) else None
    return replace(samples1, samples=first * blend_factor + second * (1 - blend_factor), batch_index=index)


@node(category="latent/inpaint", title="Set Latent Noise Mask")
def SetLatentNoiseMask(samples: Latents, mask: Mask) -> Annotated[Latents, Size("samples")]:
    """Say which part of the picture is to change; the rest stays as it is.

    ``dpm_fast`` and ``dpm_adaptive`` end a little before there is no noise left, so with them it stays nearly as it is.

    Args:
        mask: 1 where it is to change; of any size.
    """
    return replace(filled(samples), mask=masks(mask))
