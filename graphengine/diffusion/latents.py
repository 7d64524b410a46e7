"""Changes of ``Latents`` that keep samples, mask and batch index in step.

B batch, C channels, h x w latent cells.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from graphengine.diffusion.masks import ramp
from graphengine.diffusion.paste import paste
from graphengine.diffusion.resize import fit_batch, resize, resize_mask
from graphengine.diffusion.types import Latents


def batch_index(latents: Latents) -> tuple[int, ...]:
    """For each image, which draw of the seed's noise it takes."""
    return tuple(range(len(latents.samples))) if latents.batch_index is None else latents.batch_index


def spatially(latents: Latents, change: Callable[[Tensor], Tensor]) -> Latents:
    """Apply a flip or a turn of the last two axes to samples and mask alike."""
    mask = None if latents.mask is None else change(latents.mask)
    return replace(latents, samples=change(latents.samples), mask=mask)


def crop(latents: Latents, width: int, height: int, x: int, y: int) -> Latents:
    """Cut a rectangle, in cells, out of samples and mask; what would lie outside is left away."""

    def cut(values: Tensor) -> Tensor:
        return values[..., y : y + height, x : x + width].clone()

    if latents.mask is None:
        return replace(latents, samples=cut(latents.samples))
    mask = resize_mask(latents.mask, latents.samples.shape[-1], latents.samples.shape[-2])
    return replace(latents, samples=cut(latents.samples), mask=cut(mask))


def select(latents: Latents, start: int, length: int) -> Latents:
    """Some images of a batch, each with the noise it would have had among all."""
    samples = latents.samples[start : start + length].clone()
    index = batch_index(latents)[start : start + length]
    mask = latents.mask
    if mask is not None and len(mask) > 1:
        mask = fit_batch(mask, len(latents.samples))[start : start + length].clone()
    return Latents(samples, mask, index)


def repeat(latents: Latents, amount: int) -> Latents:
    """Repeat a batch; each repetition takes draws of noise of its own."""
    samples = latents.samples.repeat(amount, 1, 1, 1)
    mask = latents.mask
    if mask is not None and len(mask) > 1:
        mask = fit_batch(mask, len(latents.samples)).repeat(amount, 1, 1)
    if latents.batch_index is None:
        return Latents(samples, mask)
    stride = max(latents.batch_index) - min(latents.batch_index) + 1
    index = tuple(i + n * stride for n in range(amount) for i in latents.batch_index)
    return Latents(samples, mask, index)


def join(first: Latents, second: Latents) -> Latents:
    """Two batches as one; the second is scaled and cropped to the size of the first, which gives the mask."""
    height, width = first.samples.shape[-2:]
    samples = torch.cat([first.samples, resize(second.samples, width, height, "bilinear", center_crop=True)])
    return Latents(samples, first.mask, batch_index(first) + batch_index(second))


def together(parts: Sequence[Latents]) -> Latents:
    """Batches of equal sizes as one; where only some have a mask, the others change everywhere."""
    samples = torch.cat([part.samples for part in parts])
    index = tuple(number for part in parts for number in batch_index(part))
    first = next((part.mask for part in parts if part.mask is not None), None)
    if first is None:
        return Latents(samples, None, index)
    height, width = first.shape[-2:]
    masks = [first.new_ones(1, height, width) if part.mask is None else part.mask for part in parts]
    fitting = [fit_batch(resize_mask(m, width, height), len(p.samples)) for m, p in zip(masks, parts, strict=True)]
    return Latents(samples, torch.cat(fitting), index)


def matched(other: Latents, to: Latents) -> Tensor:
    """The samples of ``other`` at the size and batch of ``to``."""
    height, width = to.samples.shape[-2:]
    resized = resize(other.samples, width, height, "bilinear", center_crop=True)
    return fit_batch(resized, len(to.samples)).to(to.samples)


def interpolate(first: Tensor, second: Tensor, ratio: float) -> Tensor:
    """Mix direction and length of channel vectors apart: ``ratio`` 1 gives the first, 0 the second."""
    length_first, length_second = (x.norm(dim=1, keepdim=True) for x in (first, second))
    direction = torch.lerp(_unit(second), _unit(first), ratio)
    return _unit(direction) * torch.lerp(length_second, length_first, ratio)


def _unit(x: Tensor) -> Tensor:
    """Of length 1 along the channels; zero stays zero."""
    length = x.norm(dim=1, keepdim=True)
    return torch.where(length > 0, x / length, 0.0)


def composite(below: Tensor, above: Tensor, x: int, y: int, feather: int) -> Tensor:
    """Lay latents over others; sides that are not at the edge of the picture fade over ``feather`` cells.

    Args:
        below: B x C x h x w.
        above: B' x C x h' x w'; cut off at the edges.
        x, y: Of its left upper corner, in cells.
    """
    above = above[..., : max(0, below.shape[-2] - y), : max(0, below.shape[-1] - x)]
    height, width = above.shape[-2:]
    opacity = above.new_ones(1, 1, height, width)
    if feather > 0 and min(width, height) > 0:
        across, down = ramp(feather, width, above), ramp(feather, height, above)
        sides = (
            (x > 0, across),
            (x + width < below.shape[-1], across.flip(0)),
            (y > 0, down[:, None]),
            (y + height < below.shape[-2], down.flip(0)[:, None]),
        )
        for inside, fade in sides:
            opacity = opacity * fade if inside else opacity
    return paste(below, above, opacity, x, y)
