"""Pictures parted by brightness and colour: full-range YUV, as JPEG has it (ITU-R BT.601)."""

from typing import Annotated, NamedTuple

import torch

from graphengine.api import NodeError, Size, node
from graphengine.ports import Image

from .values import planes

LUMA = (0.299, 0.587, 0.114)  # weights of red, green and blue
BLUE, RED = 0.564, 0.713  # what scales the differences to 0..1


class Parted(NamedTuple):
    Y: Annotated[Image, Size("image")]
    U: Annotated[Image, Size("image")]
    V: Annotated[Image, Size("image")]


@node(category="image/batch")
def ImageRGBToYUV(image: Image) -> Parted:
    """Part pictures into brightness (Y) and two differences of colour, blue (U) and red (V), each a grey picture."""
    red, green, blue = planes(image)[:, :3].unbind(1)
    y = LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue
    parts = (y, (blue - y) * BLUE + 0.5, (red - y) * RED + 0.5)
    return Parted(*(part[..., None].expand(*part.shape, 3).clone() for part in parts))


@node(category="image/batch")
def ImageYUVToRGB(Y: Image, U: Image, V: Image) -> Annotated[Image, Size("Y")]:
    """Put pictures together that were parted into brightness and differences of colour.

    Args:
        Y: Brightness; of all three their mean colour counts.
        U: Blue less brightness.
        V: Red less brightness.
    """
    shapes = {planes(one, name).shape for one, name in ((Y, "Y"), (U, "U"), (V, "V"))}
    if len({(shape[0], *shape[2:]) for shape in shapes}) > 1:
        raise NodeError("Y, U and V are of different sizes.", "Link the three outputs of one ImageRGBToYUV.", input="U")
    y, u, v = (one[..., :3].mean(-1) for one in (Y, U, V))
    red, blue = y + (v - 0.5) / RED, y + (u - 0.5) / BLUE
    green = (y - LUMA[0] * red - LUMA[2] * blue) / LUMA[1]
    return torch.stack([red, green, blue], dim=-1).clamp(0, 1)
