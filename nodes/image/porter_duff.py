"""Pictures with transparency over each other: Porter & Duff 1984, "Compositing digital images"."""

from collections.abc import Callable
from typing import Annotated, Literal, NamedTuple

import torch
from torch import Tensor

from graphengine.api import Size, node
from graphengine.diffusion.resize import resize
from graphengine.ports import Image, Mask

from .values import masks, picture, planes

Mode = Literal[
    "ADD", "CLEAR", "DARKEN", "DST", "DST_ATOP", "DST_IN", "DST_OUT", "DST_OVER", "LIGHTEN", "MULTIPLY", "OVERLAY",
    "SCREEN", "SRC", "SRC_ATOP", "SRC_IN", "SRC_OUT", "SRC_OVER", "XOR",
]  # fmt: skip
_Blend = Callable[[Tensor, Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]
_LEAST = 1e-5  # of an alpha that colours are still divided by


def _union(a: Tensor, b: Tensor) -> Tensor:
    return a + b - a * b


def _overlay(s: Tensor, d: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """As ComfyUI has it: in the light half each colour is taken from the other's alpha."""
    return torch.where(2 * d < b, 2 * s * d, a * b - 2 * (b - s) * (a - d))


# (source, destination, alpha of the source, of the destination) -> colour and alpha; colours are times their alphas
BLENDS: dict[str, _Blend] = {
    "ADD": lambda s, d, a, b: ((s + d).clamp(0, 1), (a + b).clamp(0, 1)),
    "CLEAR": lambda s, d, a, b: (torch.zeros_like(s), torch.zeros_like(a)),
    "DARKEN": lambda s, d, a, b: ((1 - b) * s + (1 - a) * d + torch.minimum(s, d), _union(a, b)),
    "DST": lambda s, d, a, b: (d, b),
    "DST_ATOP": lambda s, d, a, b: (a * d + (1 - b) * s, a),
    "DST_IN": lambda s, d, a, b: (d * a, a * b),
    "DST_OUT": lambda s, d, a, b: ((1 - a) * d, (1 - a) * b),
    "DST_OVER": lambda s, d, a, b: (d + (1 - b) * s, b + (1 - b) * a),
    "LIGHTEN": lambda s, d, a, b: ((1 - b) * s + (1 - a) * d + torch.maximum(s, d), _union(a, b)),
    "MULTIPLY": lambda s, d, a, b: (s * d, a * b),
    "OVERLAY": lambda s, d, a, b: (_overlay(s, d, a, b), _union(a, b)),
    "SCREEN": lambda s, d, a, b: (s + d - s * d, _union(a, b)),
    "SRC": lambda s, d, a, b: (s, a),
    "SRC_ATOP": lambda s, d, a, b: (b * s + (1 - a) * d, b),
    "SRC_IN": lambda s, d, a, b: (s * b, a * b),
    "SRC_OUT": lambda s, d, a, b: ((1 - b) * s, (1 - b) * a),
    "SRC_OVER": lambda s, d, a, b: (s + (1 - a) * d, a + (1 - a) * b),
    "XOR": lambda s, d, a, b: ((1 - b) * s + (1 - a) * d, (1 - b) * a + (1 - a) * b),
}


class Composed(NamedTuple):
    image: Annotated[Image, Size("destination")]
    mask: Annotated[Mask, Size("destination")]


@node(category="mask/compositing", title="Porter-Duff Image Composite")
def PorterDuffImageComposite(
    source: Image, source_alpha: Mask, destination: Image, destination_alpha: Mask, mode: Mode = "DST"
) -> Composed:
    """Lay pictures with transparency over each other.

    Args:
        source: On top; cropped and scaled to the size of the destination.
        source_alpha: 1 where the source is transparent.
        destination: Below.
        destination_alpha: 1 where the destination is transparent.
        mode: Which of both is kept where (SRC_OVER lays the source over the destination), or how colours are mixed.
    """
    below, above = planes(destination, "destination")[:, :3], planes(source, "source")[:, :3]
    height, width = below.shape[-2:]
    hidden = [masks(source_alpha, "source_alpha"), masks(destination_alpha, "destination_alpha")]
    count = min(len(below), len(above), *map(len, hidden))
    above = resize(above, width, height, "bicubic", center_crop=True)
    a, b = (1 - resize(one[:, None], width, height, "bicubic", center_crop=True)[:count] for one in hidden)
    color, alpha = BLENDS[mode](above[:count] * a, below[:count] * b, a, b)
    color = torch.where(alpha > _LEAST, color / alpha.clamp(min=_LEAST), 0.0).clamp(0, 1)
    return Composed(picture(color), 1 - alpha[:, 0])
