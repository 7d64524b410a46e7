"""Pictures cut, turned, flipped and padded."""

from typing import Annotated, Literal, NamedTuple

import torch
from torch.nn import functional as F

from graphengine.api import NodeError, Range, Size, node
from graphengine.diffusion.masks import outpaint_mask
from graphengine.ports import Image, Mask

from .values import picture, planes

Place = Annotated[int, Range(0, 16384)]
Length = Annotated[int, Range(1, 16384)]
Border = Annotated[int, Range(0, 16384, 8)]
Turned = Annotated[
    Image,
    Size(
        "image.height if rotation in ('90 degrees', '270 degrees') else image.width",
        "image.width if rotation in ('90 degrees', '270 degrees') else image.height",
    ),
]
WITH_BORDERS = Size("image.width + left + right", "image.height + top + bottom")


@node(category="image/transform", title="Image Crop")
def ImageCrop(
    image: Image, width: Length = 512, height: Length = 512, x: Place = 0, y: Place = 0
) -> Annotated[Image, Size("min(width, image.width - x)", "min(height, image.height - y)")]:
    """Cut a rectangle out of pictures; what would lie outside is left away.

    Args:
        width, height: Of the rectangle, in pixels.
        x: Of its left edge.
        y: Of its upper edge.
    """
    old_height, old_width = planes(image).shape[-2:]
    if x >= old_width or y >= old_height:
        raise NodeError(
            f"The rectangle starts at ({x}, {y}), outside of the picture of {old_width} x {old_height}.",
            "Choose a smaller x and y.",
            input="x" if x >= old_width else "y",
        )
    return image[:, y : y + height, x : x + width].clone()


@node(category="image/transform", title="Image Flip")
def ImageFlip(
    image: Image, flip_method: Literal["x-axis: vertically", "y-axis: horizontally"] = "x-axis: vertically"
) -> Annotated[Image, Size("image")]:
    """Mirror pictures.

    Args:
        flip_method: Upside down (vertically) or left to right (horizontally).
    """
    planes(image)
    return image.flip(1 if flip_method.startswith("x") else 2)


@node(category="image/transform", title="Image Rotate")
def ImageRotate(image: Image, rotation: Literal["none", "90 degrees", "180 degrees", "270 degrees"] = "none") -> Turned:
    """Turn pictures clockwise.

    Args:
        rotation: Clockwise.
    """
    quarters = 0 if rotation == "none" else int(rotation.split()[0]) // 90
    return picture(torch.rot90(planes(image), quarters, dims=(3, 2)))


class Padded(NamedTuple):
    image: Annotated[Image, WITH_BORDERS]
    mask: Annotated[Mask, WITH_BORDERS]


@node(category="image", title="Pad Image for Outpainting")
def ImagePadForOutpaint(
    image: Image,
    left: Border = 0,
    top: Border = 0,
    right: Border = 0,
    bottom: Border = 0,
    feathering: Annotated[int, Range(0, 16384)] = 40,
) -> Padded:
    """Add grey borders to pictures, and make the mask of what is to be painted.

    Args:
        left, top, right, bottom: Width of the border there, in pixels.
        feathering: How far the mask reaches into the picture, fading, so that no seam shows.
    """
    height, width = planes(image).shape[-2:]
    padded = F.pad(planes(image), (left, right, top, bottom), value=0.5)
    return Padded(picture(padded), outpaint_mask(width, height, left, top, right, bottom, feathering))
