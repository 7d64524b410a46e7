"""Masks: B x H x W in 0..1, 1 where the picture is to change."""

import torch
from torch import Tensor
from torch.nn import functional as F


def grow(mask: Tensor, pixels: int, tapered: bool = True) -> Tensor:
    """Grow the bright parts, or shrink them when ``pixels`` is negative; beyond the edge is nothing.

    Args:
        tapered: Grow like a diamond (only straight neighbours); otherwise like a square.
    """
    if pixels < 0:
        return -grow(-mask, -pixels, tapered)
    for _ in range(pixels):
        rows = F.max_pool2d(mask, (1, 3), stride=1, padding=(0, 1))
        if tapered:
            mask = torch.maximum(rows, F.max_pool2d(mask, (3, 1), stride=1, padding=(1, 0)))
        else:
            mask = F.max_pool2d(rows, (3, 1), stride=1, padding=(1, 0))
    return mask


def ramp(length: int, size: int, like: Tensor) -> Tensor:
    """``size`` weights that rise to 1 over the first ``length``: 1/length, 2/length, ..."""
    return ((torch.arange(size, device=like.device, dtype=like.dtype) + 1) / max(length, 1)).clamp(max=1)


def feather(mask: Tensor, left: int, top: int, right: int, bottom: int) -> Tensor:
    """Fade out towards the edges, each over its own number of pixels (0 leaves that edge)."""
    height, width = mask.shape[-2:]
    across = ramp(min(left, width), width, mask) * ramp(min(right, width), width, mask).flip(0)
    down = ramp(min(top, height), height, mask) * ramp(min(bottom, height), height, mask).flip(0)
    return mask * across * down[:, None]


def outpaint_mask(width: int, height: int, left: int, top: int, right: int, bottom: int, feathering: int) -> Tensor:
    """The mask of a ``width`` x ``height`` picture with borders to be painted: 1 x H x W.

    Inside the picture it falls from 1 at a border, with the square of the distance, to 0 after ``feathering`` pixels;
    a picture smaller than two such distances is not feathered.
    """
    inside = torch.zeros(height, width)
    if 0 < 2 * feathering < min(height, width):
        across = _distance(width, bool(left), bool(right))
        down = _distance(height, bool(top), bool(bottom))
        distance = torch.minimum(across[None], down[:, None])
        inside = ((feathering - distance) / feathering).clamp(min=0) ** 2
    return F.pad(inside, (left, right, top, bottom), value=1.0)[None]


def _distance(size: int, at_start: bool, at_end: bool) -> Tensor:
    index = torch.arange(size, dtype=torch.float32)
    never = torch.full_like(index, torch.inf)
    return torch.minimum(index if at_start else never, size - index if at_end else never)
