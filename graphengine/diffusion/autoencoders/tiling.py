"""Tiled encoding and decoding: a large picture in overlapping pieces, so that memory holds one of them at a time.

The pieces are blended with weights that rise linearly over the overlap; where the picture fits into one tile, the
result is what the network gives, exactly. Group norms see a tile instead of the picture, so that otherwise the result
differs a little. B batch, H x W the sides of the input, S the factor between output and input sides.
"""

from collections.abc import Callable
from fractions import Fraction
from itertools import chain

import torch
from torch import Tensor

Network = Callable[[Tensor], Tensor]


def decode_tiled(decode: Network, latents: Tensor, tile: int = 64, overlap: int = 16) -> Tensor:
    """Latents B x Z x h x w to pictures; ``tile`` and ``overlap`` are in latent cells. See ``tiled``."""
    return tiled(decode, latents, tile, overlap)


def encode_tiled(encode: Network, pictures: Tensor, tile: int = 512, overlap: int = 64) -> Tensor:
    """Pictures B x 3 x H x W to latents (or moments); ``tile`` and ``overlap`` are in pixels, multiples of what a cell
    spans. See ``tiled``."""
    return tiled(encode, pictures, tile, overlap)


def tiled(network: Network, x: Tensor, tile: int, overlap: int) -> Tensor:
    """Apply a network that changes both sides by the same factor S, tile by tile.

    Args:
        x: ... x H x W.
        tile: Side of the tiles; the last of a row or column is moved back so that it is full.
        overlap: By how much neighbours overlap at least.

    Raises:
        ValueError: The overlap is negative or leaves nothing of a tile, or a tile starts inside an output cell.
    """
    if not 0 <= overlap < tile:
        raise ValueError(f"tiles of {tile} with an overlap of {overlap}; the overlap must be from 0 to {tile - 1}")
    height, width = x.shape[-2:]
    if height <= tile and width <= tile:
        return network(x)
    corners = [(top, left) for top in _starts(height, tile, overlap) for left in _starts(width, tile, overlap)]
    pieces = (x[..., top : top + tile, left : left + tile] for top, left in corners)
    first = network(next(pieces))
    scale = Fraction(first.shape[-1], min(width, tile))
    feather = _feather(first, _whole(overlap * scale))
    weights = torch.zeros(_whole(height * scale), _whole(width * scale), device=first.device)
    total = first.new_zeros((*first.shape[:-2], *weights.shape), dtype=torch.float32)
    for (top, left), result in zip(corners, chain([first], map(network, pieces)), strict=True):
        rows = slice(start := _whole(top * scale), start + result.shape[-2])
        columns = slice(start := _whole(left * scale), start + result.shape[-1])
        total[..., rows, columns] += result * feather
        weights[rows, columns] += feather
    return (total / weights).to(first.dtype)


def _starts(size: int, tile: int, overlap: int) -> list[int]:
    """Where the tiles along one side begin."""
    return [min(start, max(size - tile, 0)) for start in range(0, max(size - overlap, 1), tile - overlap)]


def _feather(tile: Tensor, overlap: int) -> Tensor:
    """Weights of a tile's cells, falling towards its edges over the overlap and never 0."""

    def ramp(length: int) -> Tensor:
        steps = torch.arange(1, length + 1, dtype=torch.float32, device=tile.device)
        return torch.minimum(steps, steps.flip(0)).clamp(max=overlap + 1)

    return ramp(tile.shape[-2])[:, None] * ramp(tile.shape[-1])


def _whole(position: Fraction) -> int:
    if position.denominator != 1:
        raise ValueError(
            f"a tile would begin or end at {float(position)} output cells; choose a size, tile and overlap that are "
            "multiples of what an output cell spans"
        )
    return int(position)
