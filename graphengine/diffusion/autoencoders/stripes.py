"""Layers on feature maps too large to be held twice: in stripes of rows, which changes nothing but the peak of memory.

At 512 x 512 pixels the widest map of Stable Diffusion's decoder takes 134 MB in half precision, and a normed copy of it
as much again. B batch, C channels, h x w cells, G groups.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

LARGE = 2**26  # values in a map
ROWS = 32


def normed_conv(norm: nn.GroupNorm, conv: nn.Conv2d, x: Tensor) -> Tensor:
    """``conv(silu(norm(x)))`` for a convolution that sees one row up and down; lets go of ``x`` as early as it can."""
    if x.numel() < LARGE or torch.is_grad_enabled():
        x = F.silu(norm(x), inplace=True)
        return conv(x)
    scale, shift = _affine(norm, x)
    return in_stripes(lambda piece: conv(F.silu(torch.addcmul(shift, piece, scale), inplace=True).to(x.dtype)), x)


def upsampled_conv(conv: nn.Conv2d, x: Tensor) -> Tensor:
    """The same convolution at twice the resolution."""

    def layer(piece: Tensor) -> Tensor:
        return conv(F.interpolate(piece, scale_factor=2.0, mode="nearest"))

    return layer(x) if 4 * x.numel() < LARGE or torch.is_grad_enabled() else in_stripes(layer, x, growth=2)


def in_stripes(layer: Callable[[Tensor], Tensor], x: Tensor, growth: int = 1) -> Tensor:
    """Apply a layer that sees at most one row up and down to B x C x h x w.

    Args:
        layer: Pads what it sees with zeros, as at the map's edges.
        x: The map.
        growth: Rows and columns of the result to one of ``x``.
    """
    batch, _, height, width = x.shape
    result: Tensor | None = None
    for top in range(0, height, ROWS):
        bottom = min(top + ROWS, height)
        first = max(top - 1, 0)
        piece = layer(x[:, :, first : bottom + 1])
        if result is None:
            size = (batch, piece.shape[1], height * growth, width * growth)
            result = torch.empty(size, dtype=piece.dtype, device=piece.device, memory_format=_layout(piece))
        start = (top - first) * growth
        result[:, :, top * growth : bottom * growth] = piece[:, :, start : start + (bottom - top) * growth]
    return x if result is None else result


def _affine(norm: nn.GroupNorm, x: Tensor) -> tuple[Tensor, Tensor]:
    """What a group norm multiplies each channel with and adds to it: B x C x 1 x 1 each, float32.

    A few groups at a time, since torch computes their means only together with the normed map.
    """
    groups, per_group = norm.num_groups, x.shape[1] // norm.num_groups
    scales: list[Tensor] = []
    shifts: list[Tensor] = []
    for channels in torch.arange(x.shape[1]).split(max(1, groups // 4) * per_group):
        part = slice(int(channels[0]), int(channels[-1]) + 1)
        weight, bias = norm.weight[part].float(), norm.bias[part].float()
        values = x[:, part].contiguous(memory_format=_layout(x))
        size = (len(x), len(channels), x.shape[2] * x.shape[3], len(channels) // per_group)
        _, mean, rstd = torch.native_group_norm(values, weight, bias, *size, norm.eps)
        scale = rstd.repeat_interleave(per_group, dim=1) * weight
        scales.append(scale)
        shifts.append(bias - mean.repeat_interleave(per_group, dim=1) * scale)
    return torch.cat(scales, dim=1)[:, :, None, None], torch.cat(shifts, dim=1)[:, :, None, None]


def _layout(x: Tensor) -> torch.memory_format:
    last = x.is_contiguous(memory_format=torch.channels_last) and not x.is_contiguous()
    return torch.channels_last if last else torch.contiguous_format
