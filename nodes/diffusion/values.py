"""Latents and conditioning as nodes get them, checked."""

from graphengine.api import NodeError
from graphengine.diffusion.types import Condition
from graphengine.ports import Conditioning, Image, Latents, Mask, Sigmas

CELL = 8  # pixels along a side of a latent cell, as widths and places are given in pixels


def filled(latents: Latents, name: str = "samples") -> Latents:
    """Latents that hold something.

    Raises:
        NodeError: They are empty, or are no pictures.
    """
    if latents.samples.ndim != 4 or 0 in latents.samples.shape:
        raise NodeError(
            f"'{name}' has the shape {tuple(latents.samples.shape)}; latents are batch x channels x height x width, "
            "each at least 1.",
            "Link latents that hold at least one picture.",
            input=name,
        )
    return latents


def same_channels(first: Latents, second: Latents, names: tuple[str, str]) -> None:
    """Check that two latents have equally many channels.

    Raises:
        NodeError: They have not.
    """
    if filled(first, names[0]).samples.shape[1] != filled(second, names[1]).samples.shape[1]:
        raise NodeError(
            f"'{names[0]}' has {first.samples.shape[1]} channels, '{names[1]}' has {second.samples.shape[1]}.",
            "Use latents of one model family.",
            input=names[1],
        )


def first_condition(conditioning: Conditioning, name: str) -> Condition:
    """The first of the conditions.

    Raises:
        NodeError: There is none.
    """
    if not conditioning:
        raise NodeError(f"'{name}' holds no conditions.", "Link an encoded text.", input=name)
    return conditioning[0]


def pictures(image: Image, name: str) -> Image:
    """Pictures without their transparency.

    Raises:
        NodeError: It is no batch of pictures, or is empty.
    """
    if image.ndim != 4 or image.shape[-1] not in (3, 4) or 0 in image.shape:
        raise NodeError(
            f"'{name}' has the shape {tuple(image.shape)}; pictures are batch x height x width x 3, each at least 1.",
            "Link an output of the type IMAGE.",
            input=name,
        )
    return image[..., :3]


def masks(mask: Mask, name: str = "mask") -> Mask:
    """The B x H x W of a mask, which may come without a batch.

    Raises:
        NodeError: It is no mask, or is empty.
    """
    batch = mask[None] if mask.ndim == 2 else mask
    if batch.ndim != 3 or 0 in batch.shape:
        raise NodeError(
            f"'{name}' has the shape {tuple(mask.shape)}; masks are batch x height x width, each at least 1.",
            "Link an output of the type MASK.",
            input=name,
        )
    return batch


def some_sigmas(sigmas: Sigmas) -> Sigmas:
    """Noise levels that can be sampled over; there may be none.

    Raises:
        NodeError: They are no list, or not all are finite and at least 0.
    """
    if sigmas.ndim != 1 or not (sigmas.isfinite() & (sigmas >= 0)).all():
        raise NodeError(
            f"'sigmas' of the shape {tuple(sigmas.shape)} are no list of noise levels, finite and at least 0.",
            "Link an output of a scheduler.",
            input="sigmas",
        )
    return sigmas
