"""Laying one picture (or latents, or a mask) over another at a place, cut off at the edges."""

from collections.abc import Callable

from torch import Tensor

from graphengine.diffusion.resize import fit_batch

Combine = Callable[[Tensor, Tensor], Tensor]


def combine_at(destination: Tensor, source: Tensor, x: int, y: int, combine: Combine) -> Tensor:
    """A copy of ``destination`` in which the part under ``source`` is ``combine(part, source)``.

    Args:
        destination: B x ... x H x W.
        source: B' x ... x H' x W'; its batch goes round when it is shorter.
        x, y: Of the source's left upper corner; what lies outside is cut off.
    """
    height, width = destination.shape[-2:]
    source = fit_batch(source, len(destination))
    top, left = max(y, 0), max(x, 0)
    bottom, right = min(y + source.shape[-2], height), min(x + source.shape[-1], width)
    result = destination.clone()
    if bottom > top and right > left:
        part = source[..., top - y : bottom - y, left - x : right - x].to(destination)
        result[..., top:bottom, left:right] = combine(destination[..., top:bottom, left:right], part)
    return result


def paste(destination: Tensor, source: Tensor, mask: Tensor, x: int, y: int) -> Tensor:
    """Lay ``source`` over ``destination`` where ``mask`` is 1.

    Args:
        destination: B x C x H x W.
        source: B' x C x H' x W'.
        mask: B'' x 1 x H' x W' in 0..1, or a size that broadcasts to it.
        x, y: Of the source's left upper corner.
    """
    opacity = mask.to(source).expand(-1, 1, *source.shape[-2:])
    covered = combine_at(opacity.new_zeros(len(destination), 1, *destination.shape[-2:]), opacity, x, y, _take)
    laid = combine_at(destination, source, x, y, _take)
    return laid * covered + destination * (1 - covered)


def _take(_: Tensor, source: Tensor) -> Tensor:
    return source
