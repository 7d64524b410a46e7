"""Light parts of pictures grown and shrunk (mathematical morphology), and noise on them."""

from typing import Annotated, Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from graphengine.api import Range, Seed, Size, node
from graphengine.ports import Image

from .values import picture, planes

Operation = Literal["erode", "dilate", "open", "close", "gradient", "bottom_hat", "top_hat"]


@node(category="image/postprocessing", title="ImageMorphology")
def Morphology(
    image: Image, operation: Operation = "erode", kernel_size: Annotated[int, Range(3, 999)] = 3
) -> Annotated[Image, Size("image")]:
    """Change pictures by the darkest and lightest values around each pixel.

    Args:
        operation: The darkest (erode), the lightest (dilate), one after the other (open, close), what lies between
            both (gradient), or what close and open changed (bottom_hat, top_hat).
        kernel_size: Side of the square that is looked at, in pixels.
    """
    x = planes(image)

    def dilated(x: Tensor) -> Tensor:
        return -_darkest(-x, kernel_size, after=kernel_size // 2)  # mirrored: an even square has no middle

    def eroded(x: Tensor) -> Tensor:
        return _darkest(x, kernel_size, after=(kernel_size - 1) // 2)

    change = {
        "erode": lambda: eroded(x),
        "dilate": lambda: dilated(x),
        "open": lambda: dilated(eroded(x)),
        "close": lambda: eroded(dilated(x)),
        "gradient": lambda: dilated(x) - eroded(x),
        "bottom_hat": lambda: eroded(dilated(x)) - x,
        "top_hat": lambda: x - dilated(eroded(x)),
    }
    return picture(change[operation]())


@node(category="image")
def ImageAddNoise(
    image: Image, seed: Seed = 0, strength: Annotated[float, Range(0.0, 1.0, 0.01)] = 0.5
) -> Annotated[Image, Size("image")]:
    """Add noise of a normal distribution to pictures.

    Args:
        seed: Of the noise.
        strength: Its standard deviation.
    """
    planes(image)
    noise = torch.randn(image.shape, generator=torch.Generator().manual_seed(seed))
    return (image + strength * noise).clamp(0, 1)


def _darkest(x: Tensor, size: int, after: int) -> Tensor:
    """The least value of a square that reaches ``after`` pixels beyond each; there is nothing outside the picture."""
    before = size - 1 - after
    for sides in ((before, after, 0, 0), (0, 0, before, after)):  # the least of the rows' least: much less to compare
        window = (1, size) if sides[0] or sides[1] else (size, 1)
        x = -F.max_pool2d(F.pad(-x, sides, value=float("-inf")), window, stride=1)
    return x
