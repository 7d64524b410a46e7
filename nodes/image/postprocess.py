"""Filters on pictures."""

from typing import Annotated, Literal

import torch

from graphengine.api import NodeError, Range, Size, node
from graphengine.diffusion import images
from graphengine.diffusion.edges import canny
from graphengine.diffusion.quantize import Dither, quantize
from graphengine.diffusion.resize import fit_second, resize
from graphengine.ports import Image

from .values import picture, planes, with_channels

Radius = Annotated[int, Range(1, 31)]
Sigma = Annotated[float, Range(0.1, 10.0, 0.01)]


@node(category="image", title="Invert Image")
def ImageInvert(image: Image) -> Annotated[Image, Size("image")]:
    """The negative of pictures."""
    planes(image)
    return 1 - image


@node(category="image/postprocessing", title="Image Blend")
def ImageBlend(
    image1: Image,
    image2: Image,
    blend_factor: Annotated[float, Range(0.0, 1.0, 0.01)] = 0.5,
    blend_mode: Literal["normal", "multiply", "screen", "overlay", "soft_light", "difference"] = "normal",
) -> Annotated[Image, Size("image1")]:
    """Blend the second picture into the first; it is scaled and cropped to its size, and one first with each second.

    Args:
        blend_factor: 0 is the first picture, 1 the blend alone.
        blend_mode: What a full blend is; difference is the first less the second, never below black.
    """
    base, top = planes(image1, "image1"), planes(image2, "image2")
    top = resize(with_channels(top, base.shape[1]), base.shape[-1], base.shape[-2], "bicubic", center_crop=True)
    base, top = fit_second(base, top)
    return picture(images.blend(base, top, blend_factor, blend_mode))


@node(category="image/postprocessing", title="Image Blur")
def ImageBlur(image: Image, blur_radius: Radius = 1, sigma: Sigma = 1.0) -> Annotated[Image, Size("image")]:
    """Blur pictures with a Gaussian.

    Args:
        blur_radius: How far it reaches, in pixels.
        sigma: Its width as a multiple of the radius; small is sharp.
    """
    _check_radius(image, blur_radius, "blur_radius")
    return picture(images.blur(planes(image), blur_radius, sigma))


@node(category="image/postprocessing", title="Image Sharpen")
def ImageSharpen(
    image: Image,
    sharpen_radius: Radius = 1,
    sigma: Sigma = 1.0,
    alpha: Annotated[float, Range(0.0, 5.0, 0.01)] = 1.0,
) -> Annotated[Image, Size("image")]:
    """Sharpen pictures by adding what a blur takes away.

    Args:
        sharpen_radius: Of the blur, in pixels.
        sigma: Width of the blur as a multiple of the radius.
        alpha: Strength; 1 adds the difference ten times.
    """
    _check_radius(image, sharpen_radius, "sharpen_radius")
    return picture(images.sharpen(planes(image), sharpen_radius, sigma, 10 * alpha))


@node(category="image/postprocessing", title="Image Quantize")
def ImageQuantize(
    image: Image, colors: Annotated[int, Range(1, 256)] = 256, dither: Dither = "none"
) -> Annotated[Image, Size("image")]:
    """Reduce pictures to a palette of their own colours.

    Args:
        colors: Most colours of a picture.
        dither: How in-between colours are mixed from palette colours; bayer is a regular pattern of that size.
    """
    if planes(image).shape[1] != 3:
        raise NodeError("'image' has transparency.", "Drop it with SplitImageWithAlpha.", input="image")
    return picture(torch.stack([quantize(one, colors, dither) for one in planes(image)]))


@node(category="image/preprocessors")
def Canny(
    image: Image,
    low_threshold: Annotated[float, Range(0.01, 0.99, 0.01)] = 0.4,
    high_threshold: Annotated[float, Range(0.01, 0.99, 0.01)] = 0.8,
) -> Annotated[Image, Size("image")]:
    """Edges as thin white lines on black, the hint of Canny ControlNets.

    Args:
        low_threshold: Weaker edges count as far as they hang together with a strong one.
        high_threshold: Edges as strong as this count.
    """
    if low_threshold > high_threshold:
        raise NodeError(
            f"low_threshold {low_threshold} is above high_threshold {high_threshold}.",
            "Exchange them.",
            input="low_threshold",
        )
    _check_radius(image, 2, "image")
    return picture(canny(planes(image), low_threshold, high_threshold).expand(-1, 3, -1, -1))


def _check_radius(image: Image, radius: int, input: str) -> None:
    height, width = planes(image).shape[-2:]
    if radius >= min(height, width):
        raise NodeError(
            f"A radius of {radius} is too much for a picture of {width} x {height}.",
            "Choose a smaller radius or a larger picture.",
            input=input,
        )
