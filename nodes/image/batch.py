"""Batches of pictures: made, joined, taken apart."""

from typing import Annotated, NamedTuple

import torch

from graphengine.api import Many, NodeError, Range, Same, Size, node
from graphengine.diffusion.resize import resize
from graphengine.ports import Image

from .values import picture, planes, with_channels

Length = Annotated[int, Range(1, 16384)]
Amount = Annotated[int, Range(1, 4096)]


@node(category="image")
def EmptyImage(
    width: Length = 512,
    height: Length = 512,
    batch_size: Amount = 1,
    color: Annotated[int, Range(0, 0xFFFFFF)] = 0,
) -> Annotated[Image, Size("width", "height")]:
    """Pictures of one colour.

    Args:
        width, height: In pixels.
        batch_size: How many.
        color: Red, green and blue as one number: 0xRRGGBB.
    """
    rgb = torch.tensor([color >> 16 & 0xFF, color >> 8 & 0xFF, color & 0xFF]) / 255
    return rgb.expand(batch_size, height, width, 3).clone()


@node(category="image", title="Batch Images")
def ImageBatch(image1: Image, image2: Image) -> Annotated[Image, Size("image1")]:
    """Put two batches into one; pictures of the second are scaled and cropped to the size of the first.

    Where only one batch has transparency, the pictures of the other are opaque.
    """
    first, second = planes(image1, "image1"), planes(image2, "image2")
    channels = max(first.shape[1], second.shape[1])
    height, width = first.shape[-2:]
    fitting = resize(second, width, height, "bilinear", center_crop=True)
    return picture(torch.cat([with_channels(each, channels) for each in (first, fitting)]))


@node(category="image/batch", title="Get Image from Batch")
def ImageFromBatch(
    image: Image, batch_index: Annotated[int, Range(0, 4095)] = 0, length: Amount = 1
) -> Annotated[Image, Size("image")]:
    """Take some pictures out of a batch.

    Args:
        batch_index: Of the first, counted from 0.
        length: How many; fewer when the batch ends.
    """
    planes(image)
    if batch_index >= len(image):
        raise NodeError(
            f"There is no picture {batch_index} in a batch of {len(image)}.",
            f"Choose a batch_index up to {len(image) - 1}.",
            input="batch_index",
        )
    return image[batch_index : batch_index + length].clone()


@node(category="image/batch", title="Repeat Image Batch")
def RepeatImageBatch(image: Image, amount: Amount = 1) -> Annotated[Image, Size("image")]:
    """Repeat a whole batch.

    Args:
        amount: How many times.
    """
    planes(image)
    return image.repeat(amount, 1, 1, 1)


class ImageSize(NamedTuple):
    width: Annotated[int, Same("image.width")]
    height: Annotated[int, Same("image.height")]
    batch_size: int


@node(category="image", title="Get Image Size")
def GetImageSize(image: Image) -> ImageSize:
    """Width and height of pictures in pixels, and how many there are."""
    batch, _, height, width = planes(image).shape
    return ImageSize(width, height, batch)


@node(category="image/batch", title="Rebatch Images")
def RebatchImages(images: Many[Image], batch_size: Amount = 1) -> Annotated[Many[Image], Size("images")]:
    """Make batches of one size out of batches, or of a list of them.

    Args:
        batch_size: Pictures in each; the last may have fewer.
    """
    shapes = {tuple(planes(batch, "images").shape[1:]) for batch in images}
    if len(shapes) > 1:
        raise NodeError("The pictures are of several sizes.", "Scale them to one size first.", input="images")
    return list(torch.cat(images).split(batch_size))
