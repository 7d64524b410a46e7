"""Pictures put beside each other, and into frames."""

from typing import Annotated, Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from graphengine.api import Range, Size, node
from graphengine.diffusion.resize import resize
from graphengine.ports import Image

from .scale import Method
from .values import picture, planes, with_channels

Direction = Literal["right", "down", "left", "up"]
COLORS = {
    "white": (1.0, 1.0, 1.0), "black": (0.0, 0.0, 0.0), "red": (1.0, 0.0, 0.0), "green": (0.0, 1.0, 0.0),
    "blue": (0.0, 0.0, 1.0),
}  # fmt: skip


@node(category="image/transform", title="Image Stitch")
def ImageStitch(
    image1: Image,
    direction: Direction = "right",
    match_image_size: bool = True,
    spacing_width: Annotated[int, Range(0, 1024, 2)] = 0,
    spacing_color: Literal["white", "black", "red", "green", "blue"] = "white",
    image2: Image | None = None,
) -> Image:
    """Put pictures beside others. Of two batches the last picture of the smaller one is repeated.

    Args:
        direction: The side of the first that the second comes to.
        match_image_size: Scale the second to the side where they meet; otherwise the smaller one gets borders, white
            with white spacing, else black.
        spacing_width: Of what lies between them, in pixels.
        spacing_color: Of what lies between them.
        image2: Without it the first stays as it is.
    """
    first = planes(image1, "image1")
    if image2 is None:
        return image1
    second = planes(image2, "image2")
    axis = -1 if direction in ("right", "left") else -2  # they are joined along it, and meet across it
    across = -3 - axis
    if match_image_size:
        second = _scaled_across(second, across, first.shape[across])
    meet, batch = max(first.shape[across], second.shape[across]), max(len(first), len(second))
    channels = max(first.shape[1], second.shape[1])
    border = float(spacing_color == "white")
    parts = [with_channels(_grown(one, across, meet, batch, border), channels) for one in (first, second)]
    if direction in ("left", "up"):
        parts.reverse()
    if spacing_width:
        size = list(parts[0].shape)
        size[axis] = spacing_width
        color = torch.tensor([*COLORS[spacing_color], 1.0][:channels])
        parts.insert(1, color.view(1, -1, 1, 1).expand(size))
    return picture(torch.cat(parts, dim=axis))


@node(category="image/transform")
def ResizeAndPadImage(
    image: Image,
    target_width: Annotated[int, Range(1, 16384)] = 512,
    target_height: Annotated[int, Range(1, 16384)] = 512,
    padding_color: Literal["white", "black"] = "white",
    interpolation: Method = "area",
) -> Annotated[Image, Size("target_width", "target_height")]:
    """Scale pictures so that they fit into a frame, and fill the rest of it.

    Args:
        target_width, target_height: Of the frame, in pixels.
        padding_color: What it is filled with.
        interpolation: How new pixels come from old ones.
    """
    old = planes(image)
    height, width = old.shape[-2:]
    scale = min(target_width / width, target_height / height)
    new_width, new_height = max(int(width * scale), 1), max(int(height * scale), 1)
    left, top = (target_width - new_width) // 2, (target_height - new_height) // 2
    borders = (left, target_width - new_width - left, top, target_height - new_height - top)
    scaled = resize(old, new_width, new_height, interpolation)
    return picture(F.pad(scaled, borders, value=float(padding_color == "white")))


def _scaled_across(x: Tensor, across: int, size: int) -> Tensor:
    """Scaled to a size of one side, the other in proportion."""
    along = max(int(size * x.shape[-3 - across] / x.shape[across]), 1)
    width, height = (along, size) if across == -2 else (size, along)
    return resize(x, width, height, "lanczos")


def _grown(x: Tensor, across: int, size: int, batch: int, border: float) -> Tensor:
    """With borders on both sides, and the last picture repeated."""
    missing = size - x.shape[across]
    sides = (missing // 2, missing - missing // 2)
    x = F.pad(x, (*sides, 0, 0) if across == -1 else (0, 0, *sides), value=border)
    return torch.cat([x, x[-1:].expand(batch - len(x), -1, -1, -1)])
