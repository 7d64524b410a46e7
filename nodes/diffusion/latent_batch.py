"""Latents made, and batches of them joined and taken apart."""

from dataclasses import replace
from typing import Annotated, Literal

import torch

from graphengine.api import Many, NodeError, Range, Size, node
from graphengine.diffusion import latents as ops
from graphengine.diffusion import types
from graphengine.ports import Latents

from .values import CELL, filled, same_channels

Length = Annotated[int, Range(16, 16384, 8)]
Batch = Annotated[int, Range(1, 4096)]
Empty = Annotated[Latents, Size("width // 8 * 8", "height // 8 * 8")]


@node(category="latent", title="Empty Latent Image")
def EmptyLatentImage(width: Length = 512, height: Length = 512, batch_size: Batch = 1) -> Empty:
    """Latents to be filled from pure noise.

    Args:
        width, height: Of the picture, in pixels; cut down to a multiple of 8.
        batch_size: How many pictures.
    """
    return _empty(4, width, height, batch_size)


@node(category="latent/sd3")
def EmptySD3LatentImage(width: Length = 1024, height: Length = 1024, batch_size: Batch = 1) -> Empty:
    """Latents of 16 channels, as SD3 and Flux use them, to be filled from pure noise.

    Args:
        width, height: Of the picture, in pixels; cut down to a multiple of 8.
        batch_size: How many pictures.
    """
    return _empty(16, width, height, batch_size)


@node(category="latent/batch", title="Latent From Batch")
def LatentFromBatch(
    samples: Latents, batch_index: Annotated[int, Range(0, 4095)] = 0, length: Batch = 1
) -> Annotated[Latents, Size("samples")]:
    """Take some latents out of a batch; each keeps the noise it would have had among all.

    Where width and height are both odd multiples of 8 pixels, only nearly all of it is the same, as in ComfyUI.

    Args:
        batch_index: Of the first, counted from 0.
        length: How many; fewer when the batch ends.
    """
    batch = len(filled(samples).samples)
    if batch_index >= batch:
        raise NodeError(
            f"There are no latents {batch_index} in a batch of {batch}.",
            f"Choose a batch_index up to {batch - 1}.",
            input="batch_index",
        )
    return ops.select(samples, batch_index, length)


@node(category="latent/batch", title="Repeat Latent Batch")
def RepeatLatentBatch(samples: Latents, amount: Batch = 1) -> Annotated[Latents, Size("samples")]:
    """Repeat a batch; every repetition gets noise of its own.

    Args:
        amount: How many times.
    """
    return ops.repeat(filled(samples), amount)


@node(category="latent/batch", title="Latent Batch")
def LatentBatch(samples1: Latents, samples2: Latents) -> Annotated[Latents, Size("samples1")]:
    """Put two batches into one; the second is scaled and cropped to the size of the first."""
    same_channels(samples1, samples2, ("samples1", "samples2"))
    return ops.join(samples1, samples2)


@node(category="latent/advanced")
def LatentBatchSeedBehavior(
    samples: Latents, seed_behavior: Literal["random", "fixed"] = "fixed"
) -> Annotated[Latents, Size("samples")]:
    """Choose whether the pictures of a batch get different noise.

    Args:
        seed_behavior: fixed gives all of them the noise of the first.
    """
    batch = len(filled(samples).samples)
    return replace(samples, batch_index=(ops.batch_index(samples)[0],) * batch if seed_behavior == "fixed" else None)


def _empty(channels: int, width: int, height: int, batch: int) -> Latents:
    return types.Latents(torch.zeros(batch, channels, height // CELL, width // CELL))


@node(category="latent/batch", title="Rebatch Latents")
def RebatchLatents(latents: Many[Latents], batch_size: Batch = 1) -> Annotated[Many[Latents], Size("latents")]:
    """Make batches of one size out of batches, or of a list of them; each keeps the noise it would have had.

    Args:
        batch_size: Latents in each; the last may have fewer.
    """
    singles = [ops.select(one, i, 1) for one in latents for i in range(len(filled(one, "latents").samples))]
    if len({single.samples.shape for single in singles}) > 1:
        raise NodeError("The latents are of several sizes.", "Scale them to one size first.", input="latents")
    starts = range(0, len(singles), batch_size)
    return [ops.together(singles[start : start + batch_size]) for start in starts]
