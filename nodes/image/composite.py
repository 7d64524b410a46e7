"""Pictures laid over each other, and their transparency."""

from typing import Annotated, NamedTuple

import torch

from graphengine.api import Range, Size, node
from graphengine.diffusion.paste import paste
from graphengine.diffusion.resize import fit_batch, resize, resize_mask
from graphengine.ports import Image, Mask

from .values import masks, picture, planes, with_channels

Place = Annotated[int, Range(0, 16384)]


@node(category="image", title="Image Composite Masked")
def ImageCompositeMasked(
    destination: Image,
    source: Image,
    x: Place = 0,
    y: Place = 0,
    resize_source: bool = False,
    mask: Mask | None = None,
) -> Annotated[Image, Size("destination")]:
    """Lay pictures over others.

    Args:
        destination: Below.
        source: On top; repeated when there are fewer. Of its transparency nothing is seen.
        x: Of the source's left edge.
        y: Of the source's upper edge.
        resize_source: Stretch the source to the size of the destination first.
        mask: Where the source covers; everywhere when not linked. Stretched to the size of the source.
    """
    below, above = planes(destination, "destination"), planes(source, "source")
    above = with_channels(above, below.shape[1])
    if resize_source:
        above = resize(above, below.shape[-1], below.shape[-2], "bilinear")
    covers = above.new_ones(1, *above.shape[-2:]) if mask is None else masks(mask)
    covers = resize_mask(covers, above.shape[-1], above.shape[-2])
    return picture(paste(below, above, covers[:, None], x, y))


class Split(NamedTuple):
    image: Annotated[Image, Size("image")]
    mask: Annotated[Mask, Size("image")]


@node(category="mask/compositing", title="Split Image with Alpha")
def SplitImageWithAlpha(image: Image) -> Split:
    """Part pictures into their colours and a mask, which is 1 where they are transparent."""
    planes(image)
    alpha = image[..., 3] if image.shape[-1] == 4 else torch.ones(image.shape[:3])
    return Split(image[..., :3].clone(), 1 - alpha)


@node(category="mask/compositing", title="Join Image with Alpha")
def JoinImageWithAlpha(image: Image, alpha: Mask) -> Annotated[Image, Size("image")]:
    """Make pictures transparent where a mask is 1.

    Args:
        alpha: Stretched to the size of the pictures; repeated when there are fewer.
    """
    colors = planes(image)[:, :3]
    mask = fit_batch(resize_mask(masks(alpha, "alpha"), colors.shape[-1], colors.shape[-2]), len(colors))
    return picture(torch.cat([colors, 1 - mask[:, None]], dim=1))
