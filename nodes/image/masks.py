"""Masks: made, shaped, combined, and between masks and pictures."""

from collections.abc import Callable, Mapping
from typing import Annotated, Literal

import torch
from torch import Tensor

from graphengine.api import NodeError, Range, Size, node
from graphengine.diffusion.masks import feather, grow
from graphengine.diffusion.paste import combine_at
from graphengine.ports import Image, Mask

from .values import masks, planes

Place = Annotated[int, Range(0, 16384)]
Length = Annotated[int, Range(1, 16384)]
Share = Annotated[float, Range(0.0, 1.0, 0.01)]
CHANNELS = ("red", "green", "blue", "alpha")


@node(category="mask")
def SolidMask(
    value: Share = 1.0, width: Length = 512, height: Length = 512
) -> Annotated[Mask, Size("width", "height")]:
    """A mask of one value.

    Args:
        value: 1 is what is to change.
        width, height: In pixels.
    """
    return torch.full((1, height, width), value)


@node(category="mask")
def InvertMask(mask: Mask) -> Annotated[Mask, Size("mask")]:
    """Exchange what is to change and what is to stay."""
    return 1 - masks(mask)


@node(category="mask")
def CropMask(
    mask: Mask, x: Place = 0, y: Place = 0, width: Length = 512, height: Length = 512
) -> Annotated[Mask, Size("min(width, mask.width - x)", "min(height, mask.height - y)")]:
    """Cut a rectangle out of a mask; what would lie outside is left away.

    Args:
        x: Of the rectangle's left edge.
        y: Of its upper edge.
        width, height: Of the rectangle, in pixels.
    """
    whole = masks(mask)
    old_height, old_width = whole.shape[-2:]
    if x >= old_width or y >= old_height:
        raise NodeError(
            f"The rectangle starts at ({x}, {y}), outside of the mask of {old_width} x {old_height}.",
            "Choose a smaller x and y.",
            input="x" if x >= old_width else "y",
        )
    return whole[:, y : y + height, x : x + width].clone()


def _bits(operation: Callable[[Tensor, Tensor], Tensor]) -> Callable[[Tensor, Tensor], Tensor]:
    return lambda a, b: operation(a.round().bool(), b.round().bool()).to(a)


OPERATIONS: Mapping[str, Callable[[Tensor, Tensor], Tensor]] = {
    "multiply": torch.mul,
    "add": torch.add,
    "subtract": torch.sub,
    "and": _bits(torch.logical_and),
    "or": _bits(torch.logical_or),
    "xor": _bits(torch.logical_xor),
}


@node(category="mask")
def MaskComposite(
    destination: Mask,
    source: Mask,
    x: Place = 0,
    y: Place = 0,
    operation: Literal["multiply", "add", "subtract", "and", "or", "xor"] = "multiply",
) -> Annotated[Mask, Size("destination")]:
    """Combine the part of a mask that lies under another one with it.

    Args:
        destination: The mask that is changed.
        source: Repeated when there are fewer.
        x: Of the source's left edge.
        y: Of its upper edge.
        operation: and, or and xor take values as 0 or 1.
    """
    below, above = masks(destination, "destination"), masks(source, "source")
    return combine_at(below, above, x, y, OPERATIONS[operation]).clamp(0, 1)


@node(category="mask")
def FeatherMask(
    mask: Mask, left: Place = 0, top: Place = 0, right: Place = 0, bottom: Place = 0
) -> Annotated[Mask, Size("mask")]:
    """Fade a mask out towards its edges.

    Args:
        left, top, right, bottom: Over how many pixels from that edge.
    """
    return feather(masks(mask), left, top, right, bottom)


@node(category="mask", title="Grow Mask")
def GrowMask(
    mask: Mask, expand: Annotated[int, Range(-16384, 16384)] = 0, tapered_corners: bool = True
) -> Annotated[Mask, Size("mask")]:
    """Grow a mask, or shrink it.

    Args:
        expand: By how many pixels; negative shrinks.
        tapered_corners: Grow to a diamond, not to a square.
    """
    whole = masks(mask)
    most = sum(whole.shape[-2:])
    return grow(whole, max(-most, min(expand, most)), tapered_corners)


@node(category="mask")
def ThresholdMask(mask: Mask, value: Share = 0.5) -> Annotated[Mask, Size("mask")]:
    """Make a mask 1 where it is above a value, and 0 elsewhere.

    Args:
        value: What has to be surpassed.
    """
    return (masks(mask) > value).float()


@node(category="mask", title="Convert Mask to Image")
def MaskToImage(mask: Mask) -> Annotated[Image, Size("mask")]:
    """Show a mask as a grey picture."""
    return masks(mask)[..., None].repeat(1, 1, 1, 3)


@node(category="mask", title="Convert Image to Mask")
def ImageToMask(
    image: Image, channel: Literal["red", "green", "blue", "alpha"] = "red"
) -> Annotated[Mask, Size("image")]:
    """Take one channel of pictures as a mask.

    Args:
        channel: Its values are taken as they are.
    """
    index = CHANNELS.index(channel)
    if index >= planes(image).shape[1]:
        raise NodeError("'image' has no transparency.", "Choose red, green or blue.", input="channel")
    return image[..., index].clone()


@node(category="mask")
def ImageColorToMask(image: Image, color: Annotated[int, Range(0, 0xFFFFFF)] = 0) -> Annotated[Mask, Size("image")]:
    """A mask that is 1 where pictures have exactly one colour.

    Args:
        color: Red, green and blue as one number: 0xRRGGBB.
    """
    red, green, blue = ((planes(image)[:, :3].clamp(0, 1) * 255).round().long()).unbind(1)
    return ((red << 16) + (green << 8) + blue == color).float()
