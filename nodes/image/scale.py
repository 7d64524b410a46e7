"""Pictures at other sizes."""

import math
from typing import Annotated, Literal

from graphengine.api import NodeError, Range, Size, node
from graphengine.diffusion.resize import resize
from graphengine.ports import Image

from .values import picture, planes

Method = Literal["nearest-exact", "bilinear", "area", "bicubic", "lanczos"]
Crop = Literal["disabled", "center"]
Side = Annotated[int, Range(0, 16384)]
Scaled = Annotated[
    Image,
    Size(
        "image.width if width == height == 0 else width or max(1, round(image.width * height / image.height))",
        "image.height if width == height == 0 else height or max(1, round(image.height * width / image.width))",
    ),
]
ScaledToPixels = Annotated[
    Image,
    Size(
        "resolution_steps"
        " * round(image.width * sqrt(megapixels * 1024 * 1024 / (image.width * image.height)) / resolution_steps)",
        "resolution_steps"
        " * round(image.height * sqrt(megapixels * 1024 * 1024 / (image.width * image.height)) / resolution_steps)",
    ),
]
ScaledToSide = Annotated[
    Image,
    Size(
        "round(image.width * (largest_size / max(image.width, image.height)))",
        "round(image.height * (largest_size / max(image.width, image.height)))",
    ),
]


KONTEXT = (
    (672, 1568), (688, 1504), (720, 1456), (752, 1392), (800, 1328), (832, 1248), (880, 1184), (944, 1104),
    (1024, 1024), (1104, 944), (1184, 880), (1248, 832), (1328, 800), (1392, 752), (1456, 720), (1504, 688),
    (1568, 672),
)  # fmt: skip
"""Widths and heights that Flux Kontext was trained with, as its authors give them."""


@node(category="advanced/conditioning/flux")
def FluxKontextImageScale(image: Image) -> Image:
    """Scale and crop pictures to the size closest in proportions of those that Flux Kontext was trained with."""
    height, width = planes(image).shape[-2:]
    width, height = min(KONTEXT, key=lambda size: abs(width / height - size[0] / size[1]))
    return picture(resize(planes(image), width, height, "lanczos", center_crop=True))


@node(category="image/upscaling", title="Upscale Image")
def ImageScale(
    image: Image,
    upscale_method: Method = "nearest-exact",
    width: Side = 512,
    height: Side = 512,
    crop: Crop = "disabled",
) -> Scaled:
    """Scale pictures to a width and height.

    Args:
        upscale_method: How new pixels come from old ones; lanczos is the sharpest, area the best for shrinking.
        width: In pixels; 0 follows from the height.
        height: In pixels; 0 follows from the width. When both are 0 the pictures stay as they are.
        crop: Stretch to the new proportions (disabled), or cut the sides off (center).
    """
    old_height, old_width = planes(image).shape[-2:]
    if width == height == 0:
        return image
    width = width or max(1, round(old_width * height / old_height))
    height = height or max(1, round(old_height * width / old_width))
    return picture(resize(planes(image), width, height, upscale_method, crop == "center"))


@node(category="image/upscaling", title="Upscale Image By")
def ImageScaleBy(
    image: Image,
    upscale_method: Method = "nearest-exact",
    scale_by: Annotated[float, Range(0.01, 8.0, 0.01)] = 1.0,
) -> Annotated[Image, Size("round(image.width * scale_by)", "round(image.height * scale_by)")]:
    """Scale pictures by a factor.

    Args:
        upscale_method: How new pixels come from old ones.
        scale_by: Factor of width and height.
    """
    height, width = planes(image).shape[-2:]
    return _scaled(image, round(width * scale_by), round(height * scale_by), upscale_method, "scale_by")


@node(category="image/upscaling", title="Scale Image to Total Pixels")
def ImageScaleToTotalPixels(
    image: Image,
    upscale_method: Method = "nearest-exact",
    megapixels: Annotated[float, Range(0.01, 16.0, 0.01)] = 1.0,
    resolution_steps: Annotated[int, Range(1, 256)] = 1,
) -> ScaledToPixels:
    """Scale pictures, in their proportions, to a number of pixels.

    Args:
        upscale_method: How new pixels come from old ones.
        megapixels: Of 1024 x 1024 pixels each.
        resolution_steps: Width and height become the nearest multiples of so many pixels.
    """
    height, width = planes(image).shape[-2:]
    factor = math.sqrt(megapixels * 1024 * 1024 / (width * height))
    height, width = (round(side * factor / resolution_steps) * resolution_steps for side in (height, width))
    return _scaled(image, width, height, upscale_method, "megapixels")


@node(category="image/upscaling", title="Scale Image to Max Dimension")
def ImageScaleToMaxDimension(
    image: Image,
    upscale_method: Literal["area", "lanczos", "bilinear", "nearest-exact", "bicubic"] = "area",
    largest_size: Annotated[int, Range(1, 16384)] = 512,
) -> ScaledToSide:
    """Scale pictures, in their proportions, so that the longer side gets a length.

    Args:
        upscale_method: How new pixels come from old ones.
        largest_size: Of the longer side, in pixels.
    """
    height, width = planes(image).shape[-2:]
    factor = largest_size / max(width, height)
    return _scaled(image, round(width * factor), round(height * factor), upscale_method, "largest_size")


def _scaled(image: Image, width: int, height: int, method: Method, input: str) -> Image:
    if width < 1 or height < 1:
        old_height, old_width = image.shape[1:3]
        raise NodeError(
            f"A picture of {old_width} x {old_height} would become {width} x {height}.", "Choose a larger size.", input
        )
    return picture(resize(planes(image), width, height, method))
