"""Resizing pictures, masks and latents.

Everything takes and gives B x C x H x W. Pixels are areas, not points (``align_corners=False``), as in PIL and in
``torch.nn.functional.interpolate``.
"""

import math
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

Method = Literal["nearest-exact", "bilinear", "area", "bicubic", "lanczos", "bislerp"]


def resize(x: Tensor, width: int, height: int, method: Method, center_crop: bool = False) -> Tensor:
    """Resize to ``width`` x ``height``.

    Args:
        x: B x C x H x W.
        method: ``lanczos`` for pictures of values 0..1 (three lobes, widened when shrinking); ``bislerp`` for latents
            (bilinear, but along arcs of the channel vectors); the others as ``torch.nn.functional.interpolate`` does
            them.
        center_crop: Keep the proportions and cut off what is too much on two sides; otherwise stretch.

    Raises:
        ValueError: A size is below 1.
    """
    if width < 1 or height < 1:
        raise ValueError(f"A size of {width} x {height} is below 1 x 1.")
    if center_crop:
        x = crop_to_aspect(x, width / height)
    if x.shape[-2:] == (height, width):
        return x
    if method == "lanczos":
        across, down = _lanczos(x.shape[-1], width, x), _lanczos(x.shape[-2], height, x)
        return (down @ (x @ across.mT).clamp(0, 1)).clamp(0, 1)  # it shoots over; PIL keeps 8 bits of each pass
    if method == "bislerp":
        return bislerp(x, width, height)
    return F.interpolate(x, size=(height, width), mode=method)


def crop_to_aspect(x: Tensor, aspect: float) -> Tensor:
    """Cut equal margins off two sides so that width : height becomes ``aspect``."""
    height, width = x.shape[-2:]
    ratio = width / height / aspect
    left = min(round((width - width / ratio) / 2), (width - 1) // 2) if ratio > 1 else 0  # something is left
    top = min(round((height - height * ratio) / 2), (height - 1) // 2) if ratio < 1 else 0
    return x[..., top : height - top, left : width - left]


def fit_batch(x: Tensor, size: int) -> Tensor:
    """The first ``size`` items, going round when there are fewer."""
    if len(x) == size:
        return x
    return x.repeat(math.ceil(size / len(x)), *[1] * (x.ndim - 1))[:size]


def fit_second(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    """Two batches of one size: a first of one goes with each of the second, else the second as in ``fit_batch``."""
    return (first.expand_as(second), second) if len(first) == 1 else (first, fit_batch(second, len(first)))


def resize_mask(mask: Tensor, width: int, height: int) -> Tensor:
    """Resize a B x H x W mask bilinearly."""
    return resize(mask[:, None], width, height, "bilinear")[:, 0]


def bislerp(x: Tensor, width: int, height: int) -> Tensor:
    """Bilinear resizing in which channel vectors turn along arcs (Shoemake 1985, slerp) and their lengths run linearly.

    Averaging unlike latents shortens them, which decodes as grey; this keeps their length.
    """
    along_width = _slerp_last(x.float(), width)
    return _slerp_last(along_width.mT, height).mT.to(x.dtype)


def _slerp_last(x: Tensor, size: int) -> Tensor:
    old = x.shape[-1]
    position = ((torch.arange(size, device=x.device) + 0.5) * (old / size) - 0.5).clamp(0, old - 1)
    low = position.long()
    return slerp(x[..., low], x[..., (low + 1).clamp(max=old - 1)], position - low)


def slerp(a: Tensor, b: Tensor, ratio: Tensor) -> Tensor:
    """From the channel vectors of ``a`` to those of ``b`` along arcs: B x C x ..., ``ratio`` 0..1 broadcasts.

    Vectors that point the same way, or opposite ways (no arc is shortest), or are zero, are mixed linearly.
    """
    norm_a, norm_b = (v.norm(dim=1, keepdim=True) for v in (a, b))
    unit_a, unit_b = (torch.nan_to_num(v / n, posinf=0, neginf=0) for v, n in ((a, norm_a), (b, norm_b)))
    cosine = (unit_a * unit_b).sum(1, keepdim=True)
    angle = cosine.clamp(-1, 1).acos()
    arc = (((1 - ratio) * angle).sin() * unit_a + (ratio * angle).sin() * unit_b) / angle.sin()
    straight = (cosine.abs() > 1 - 1e-5) | (norm_a == 0) | (norm_b == 0)
    return torch.where(straight, torch.lerp(a, b, ratio), arc * torch.lerp(norm_a, norm_b, ratio))


def _lanczos(old: int, new: int, like: Tensor) -> Tensor:
    """The new x old matrix of a three-lobed Lanczos filter (Duchon 1979) over one axis."""
    stretch = max(1.0, old / new)  # shrinking averages over all that falls into a new pixel
    centers = (torch.arange(new, device=like.device, dtype=torch.float64) + 0.5) * (old / new)
    pixels = torch.arange(old, device=like.device, dtype=torch.float64) + 0.5
    distance = (pixels[None] - centers[:, None]) / stretch
    weights = torch.where(distance.abs() < 3, torch.sinc(distance) * torch.sinc(distance / 3), 0.0)
    return (weights / weights.sum(1, keepdim=True)).to(like.dtype)
