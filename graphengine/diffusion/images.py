"""Filters and mixtures of pictures: B x 3 x H x W in 0..1."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor
from torch.nn import functional as F

LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601


def luminance(images: Tensor) -> Tensor:
    """Grey values by BT.601: B x 1 x H x W."""
    return (images[:, :3] * images.new_tensor(LUMA)[:, None, None]).sum(1, keepdim=True)


def gaussian_kernel(radius: int, sigma: float, like: Tensor) -> Tensor:
    """A Gaussian's values at -radius..radius, of sum 1; ``sigma`` in pixels."""
    distance = torch.arange(-radius, radius + 1, device=like.device, dtype=like.dtype)
    weights = torch.exp(-(distance**2) / (2 * sigma**2))
    return weights / weights.sum()


def filter_image(images: Tensor, kernel: Tensor) -> Tensor:
    """Convolve with a kernel along both axes; pictures go on as mirrored at the edges.

    Raises:
        ValueError: The kernel reaches further than the picture.
    """
    radius = len(kernel) // 2
    height, width = images.shape[-2:]
    if radius >= min(height, width):
        raise ValueError(f"A radius of {radius} is too much for a picture of {width} x {height}.")
    padded = F.pad(images, (radius,) * 4, mode="reflect")
    flat = padded.flatten(0, 1)[:, None]
    flat = F.conv2d(F.conv2d(flat, kernel[None, None, None]), kernel[None, None, :, None])
    return flat.view_as(images)


def blur(images: Tensor, radius: int, sigma: float) -> Tensor:
    """Gaussian blur over ``2 * radius + 1`` pixels; ``sigma`` in radii."""
    return filter_image(images, gaussian_kernel(radius, sigma * radius, images))


def sharpen(images: Tensor, radius: int, sigma: float, amount: float) -> Tensor:
    """Unsharp mask: add ``amount`` times what a blur takes away, and clamp."""
    return (images + amount * (images - blur(images, radius, sigma))).clamp(0, 1)


def _overlay(base: Tensor, top: Tensor) -> Tensor:
    return torch.where(base <= 0.5, 2 * base * top, 1 - 2 * (1 - base) * (1 - top))


def _soft_light(base: Tensor, top: Tensor) -> Tensor:
    """W3C, Compositing and Blending Level 1, section 9.1.11."""
    lifted = torch.where(base <= 0.25, ((16 * base - 12) * base + 4) * base, base.clamp(min=0).sqrt())
    darker = base - (1 - 2 * top) * base * (1 - base)
    return torch.where(top <= 0.5, darker, base + (2 * top - 1) * (lifted - base))


BLENDS: Mapping[str, Callable[[Tensor, Tensor], Tensor]] = {
    "normal": lambda base, top: top,
    "multiply": lambda base, top: base * top,
    "screen": lambda base, top: 1 - (1 - base) * (1 - top),
    "overlay": _overlay,
    "soft_light": _soft_light,
    "difference": lambda base, top: base - top,
}


def blend(base: Tensor, top: Tensor, factor: float, mode: str) -> Tensor:
    """Mix ``top`` into ``base`` by a mode of ``BLENDS``; ``factor`` 0 keeps the base, 1 is the blend alone."""
    return torch.lerp(base, BLENDS[mode](base, top), factor).clamp(0, 1)
