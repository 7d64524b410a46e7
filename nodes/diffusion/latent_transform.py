"""Latents scaled, cut, turned and flipped. Lengths are in pixels, 8 to a latent cell; masks go along."""

from dataclasses import replace
from typing import Annotated, Literal

import torch

from graphengine.api import NodeError, Range, Size, node
from graphengine.diffusion import latents as ops
from graphengine.diffusion.resize import resize
from graphengine.ports import Latents

from .values import CELL, filled

Method = Literal["nearest-exact", "bilinear", "area", "bicubic", "bislerp"]
Length = Annotated[int, Range(64, 16384, 8)]
Place = Annotated[int, Range(0, 16384, 8)]
LEAST = 64  # pixels: smaller pictures are beyond any model
Upscaled = Annotated[
    Latents,
    Size(
        "samples.width if width == height == 0 "
        "else max(64, width or round(samples.width * max(64, height) / samples.height)) // 8 * 8",
        "samples.height if width == height == 0 "
        "else max(64, height or round(samples.height * max(64, width) / samples.width)) // 8 * 8",
    ),
]
Scaled = Annotated[
    Latents, Size("round(samples.width // 8 * scale_by) * 8", "round(samples.height // 8 * scale_by) * 8")
]
Cropped = Annotated[
    Latents,
    Size(
        "min(width // 8, samples.width // 8 - x // 8) * 8",
        "min(height // 8, samples.height // 8 - y // 8) * 8",
    ),
]
Turned = Annotated[
    Latents,
    Size(
        "samples.height if rotation in ('90 degrees', '270 degrees') else samples.width",
        "samples.width if rotation in ('90 degrees', '270 degrees') else samples.height",
    ),
]


@node(category="latent", title="Upscale Latent")
def LatentUpscale(
    samples: Latents,
    upscale_method: Method = "nearest-exact",
    width: Annotated[int, Range(0, 16384, 8)] = 512,
    height: Annotated[int, Range(0, 16384, 8)] = 512,
    crop: Literal["disabled", "center"] = "disabled",
) -> Upscaled:
    """Scale latents to the width and height of a picture.

    Args:
        upscale_method: How new cells come from old ones; bislerp keeps the length of latents.
        width: In pixels, at least 64; 0 follows from the height.
        height: In pixels, at least 64; 0 follows from the width. When both are 0 the latents stay as they are.
        crop: Stretch to the new proportions (disabled), or cut the sides off (center).
    """
    old_height, old_width = filled(samples).samples.shape[-2:]
    if width == height == 0:
        return samples
    width = max(LEAST, width or round(old_width * max(LEAST, height) / old_height))
    height = max(LEAST, height or round(old_height * width / old_width))
    return replace(
        samples, samples=resize(samples.samples, width // CELL, height // CELL, upscale_method, crop == "center")
    )


@node(category="latent", title="Upscale Latent By")
def LatentUpscaleBy(
    samples: Latents,
    upscale_method: Method = "nearest-exact",
    scale_by: Annotated[float, Range(0.01, 8.0, 0.01)] = 1.5,
) -> Scaled:
    """Scale latents by a factor.

    Args:
        upscale_method: How new cells come from old ones; bislerp keeps the length of latents.
        scale_by: Factor of width and height.
    """
    old_height, old_width = filled(samples).samples.shape[-2:]
    width, height = round(old_width * scale_by), round(old_height * scale_by)
    if min(width, height) < 1:
        raise NodeError(
            f"Latents of {old_width} x {old_height} cells would become {width} x {height}.",
            "Choose a larger factor.",
            input="scale_by",
        )
    return replace(samples, samples=resize(samples.samples, width, height, upscale_method))


@node(category="latent/transform", title="Crop Latent")
def LatentCrop(samples: Latents, width: Length = 512, height: Length = 512, x: Place = 0, y: Place = 0) -> Cropped:
    """Cut a rectangle out of latents; what would lie outside is left away.

    Args:
        width, height: Of the rectangle, in pixels.
        x: Of its left edge.
        y: Of its upper edge.
    """
    old_height, old_width = filled(samples).samples.shape[-2:]
    if x // CELL >= old_width or y // CELL >= old_height:
        raise NodeError(
            f"The rectangle starts at ({x}, {y}), outside of the picture of {old_width * CELL} x {old_height * CELL}.",
            "Choose a smaller x and y.",
            input="x" if x // CELL >= old_width else "y",
        )
    return ops.crop(samples, width // CELL, height // CELL, x // CELL, y // CELL)


@node(category="latent/transform", title="Rotate Latent")
def LatentRotate(
    samples: Latents, rotation: Literal["none", "90 degrees", "180 degrees", "270 degrees"] = "none"
) -> Turned:
    """Turn latents clockwise.

    Args:
        rotation: Clockwise.
    """
    quarters = 0 if rotation == "none" else int(rotation.split()[0]) // 90
    return ops.spatially(filled(samples), lambda x: torch.rot90(x, quarters, dims=(-1, -2)))


@node(category="latent/transform", title="Flip Latent")
def LatentFlip(
    samples: Latents, flip_method: Literal["x-axis: vertically", "y-axis: horizontally"] = "x-axis: vertically"
) -> Annotated[Latents, Size("samples")]:
    """Mirror latents.

    Args:
        flip_method: Upside down (vertically) or left to right (horizontally).
    """
    axis = -2 if flip_method.startswith("x") else -1
    return ops.spatially(filled(samples), lambda x: x.flip(axis))
