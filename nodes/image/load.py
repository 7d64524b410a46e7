"""Pictures and masks from files of the input folder, and from those that were saved."""

from typing import Annotated, Literal, NamedTuple

import torch

from graphengine.api import Choices, Files, NodeError, Size, Widget, node
from graphengine.diffusion.picture_files import Picture, PictureError, read_picture
from graphengine.ports import Image, Mask

InputFile = Annotated[str, Choices("input"), Widget("paint_mask")]


class Loaded(NamedTuple):
    image: Annotated[Image, Size("image")]
    mask: Annotated[Mask, Size("image")]


@node(category="image", title="Load Image", resource="io")
def LoadImage(image: InputFile, *, files: Files) -> Loaded:
    """Load a picture, or all frames of an animation as a batch.

    The mask is 1 where the file is transparent; without transparency it is 0 everywhere.

    Args:
        image: File of the input folder.
    """
    loaded = _read(files, image)
    mask = torch.zeros(loaded.image.shape[:3]) if loaded.alpha is None else 1 - loaded.alpha
    return Loaded(loaded.image, mask)


@node(category="image", title="Load Image (from Outputs)", resource="io")
def LoadImageOutput(image: Annotated[str, Choices("output")], *, files: Files) -> Loaded:
    """Load a picture that was saved here, as ``LoadImage`` loads one of the input folder.

    Args:
        image: File of the output folder.
    """
    return LoadImage(image, files=files)


@node(category="mask", title="Load Image (as Mask)", resource="io")
def LoadImageMask(
    image: InputFile, channel: Literal["alpha", "red", "green", "blue"] = "alpha", *, files: Files
) -> Annotated[Mask, Size("image")]:
    """Load one channel of a picture as a mask.

    Args:
        image: File of the input folder.
        channel: A colour as it is, or the transparency (1 where the file is transparent).
    """
    loaded = _read(files, image)
    if channel == "alpha":
        return torch.zeros(loaded.image.shape[:3]) if loaded.alpha is None else 1 - loaded.alpha
    return loaded.image[..., ("red", "green", "blue").index(channel)].clone()


def _read(files: Files, name: str) -> Picture:
    try:
        return read_picture(files.input(name))
    except PictureError as error:
        raise NodeError(str(error), "Choose a PNG, JPEG, WebP, GIF or TIFF file that opens.", input="image") from error
