"""Pictures and masks as nodes get them: checked, and between channels last (ports) and channels first (maths)."""

import torch
from torch import Tensor

from graphengine.api import NodeError


def planes(image: Tensor, name: str = "image") -> Tensor:
    """The B x C x H x W view of pictures, C 3 or 4.

    Raises:
        NodeError: It is no batch of pictures, or is empty.
    """
    if image.ndim != 4 or image.shape[-1] not in (3, 4):
        raise NodeError(
            f"'{name}' has the shape {tuple(image.shape)}; pictures are batch x height x width x 3 (or 4).",
            "Link an output of the type IMAGE.",
            input=name,
        )
    if 0 in image.shape:
        raise NodeError(f"'{name}' is empty: {_size(image)}.", "Link at least one picture of at least 1 x 1.", name)
    return image.movedim(-1, 1)


def picture(planes: Tensor) -> Tensor:
    """The IMAGE of B x C x H x W values."""
    return planes.movedim(1, -1).contiguous()


def masks(mask: Tensor, name: str = "mask") -> Tensor:
    """The B x H x W of a mask, which may come without a batch.

    Raises:
        NodeError: It is no mask, or is empty.
    """
    batch = mask[None] if mask.ndim == 2 else mask
    if batch.ndim != 3 or 0 in batch.shape:
        raise NodeError(
            f"'{name}' has the shape {tuple(mask.shape)}; masks are batch x height x width, at least 1 x 1 x 1.",
            "Link an output of the type MASK.",
            input=name,
        )
    return batch


def with_channels(planes: Tensor, channels: int) -> Tensor:
    """Pictures B x C x H x W with 3 channels, their transparency dropped, or with 4, opaque if they had 3."""
    if channels <= planes.shape[1]:
        return planes[:, :channels]
    return torch.cat([planes, torch.ones_like(planes[:, :1])], dim=1)


def _size(image: Tensor) -> str:
    batch, height, width = image.shape[:3]
    return f"{batch} pictures of {width} x {height}"
