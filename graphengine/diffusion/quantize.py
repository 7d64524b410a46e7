"""Reducing a picture to a palette."""

from typing import Literal

import torch
from PIL import Image
from torch import Tensor

from graphengine.diffusion.picture_files import from_pil, to_pil

Dither = Literal["none", "floyd-steinberg", "bayer-2", "bayer-4", "bayer-8", "bayer-16"]


def quantize(image: Tensor, colors: int, dither: Dither) -> Tensor:
    """Reduce a 3 x H x W picture to at most ``colors`` of its own colours (median cut, Heckbert 1982).

    Args:
        dither: ``bayer-N`` adds an N x N pattern of thresholds before the nearest colour is taken; its amplitude is
            twice the mean distance of ``colors`` levels.
    """
    pil = to_pil(image.movedim(0, -1))
    palette = pil.quantize(colors)
    if dither.startswith("bayer"):
        pattern = bayer(int(dither.removeprefix("bayer-"))) * (2 / colors)
        height, width = image.shape[-2:]
        tiled = pattern.repeat(height // len(pattern) + 1, width // len(pattern) + 1)[:height, :width]
        pil = to_pil((image + tiled.to(image)).movedim(0, -1))
    spread = Image.Dither.FLOYDSTEINBERG if dither == "floyd-steinberg" else Image.Dither.NONE
    reduced = pil.quantize(palette=palette, dither=spread)
    return from_pil(reduced.convert("RGB"))[0].movedim(-1, 0).to(image)


def bayer(order: int) -> Tensor:
    """The order x order threshold matrix of ordered dither (Bayer 1973), in -0.5..0.5; ``order`` a power of 2."""
    matrix = torch.zeros(1, 1)
    while len(matrix) < order:
        upper = torch.cat([4 * matrix, 4 * matrix + 2], 1)
        lower = torch.cat([4 * matrix + 3, 4 * matrix + 1], 1)
        matrix = torch.cat([upper, lower])
    return (matrix + 0.5) / order**2 - 0.5
