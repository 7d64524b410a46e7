"""Pictures between files (through PIL) and tensors.

H x W x C float32 in 0..1; the alpha channel is kept apart.
"""

import struct
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError
from torch import Tensor

# what PIL's readers raise at what is no picture
BROKEN = (
    OSError, SyntaxError, ValueError, IndexError, TypeError, struct.error, Image.DecompressionBombError,
)  # fmt: skip


class Picture(NamedTuple):
    """The frames of a picture file.

    Attributes:
        image: B x H x W x 3.
        alpha: B x H x W, or None when the file has no transparency.
    """

    image: Tensor
    alpha: Tensor | None


class PictureError(ValueError):
    """A file is no picture that can be read."""


def read_picture(path: Path) -> Picture:
    """All frames of a picture file, upright as its EXIF says, in 8 or (grey) 16 bits of precision.

    Frames of another size than the first (thumbnails in some formats) are left out; of a multi-picture photo (MPO)
    only the first counts.

    Raises:
        PictureError: The file cannot be decoded.
    """
    try:
        with Image.open(path) as file:
            frames = [_upright(frame) for frame in ImageSequence.Iterator(file)][: 1 if file.format == "MPO" else None]
            decoded = [from_pil(frame) for frame in frames if frame.size == frames[0].size]
    except BROKEN as error:
        said = "its format is unknown" if isinstance(error, UnidentifiedImageError) else error
        raise PictureError(f"{path.name} cannot be read as a picture: {said}") from error
    image = torch.stack([frame.image for frame in decoded])
    alphas = [frame.alpha for frame in decoded]
    if all(alpha is None for alpha in alphas):
        return Picture(image, None)
    return Picture(image, torch.stack([torch.ones(image.shape[1:3]) if alpha is None else alpha for alpha in alphas]))


def _upright(frame: Image.Image) -> Image.Image:
    return ImageOps.exif_transpose(frame.copy())


def from_pil(image: Image.Image) -> Picture:
    """One decoded picture: H x W x 3, and H x W of alpha if it has one."""
    if image.mode.startswith("I"):  # grey, 16 bits in whatever container
        grey = torch.from_numpy(np.asarray(image).astype(np.float32)) / 65535
        return Picture(grey.clamp(0, 1)[..., None].repeat(1, 1, 3), None)
    if image.mode == "F":
        grey = torch.from_numpy(np.array(image))
        return Picture(grey.clamp(0, 1)[..., None].repeat(1, 1, 3), None)
    if image.has_transparency_data:
        rgba = _bytes(image.convert("RGBA"))
        return Picture(rgba[..., :3].contiguous(), rgba[..., 3].contiguous())
    return Picture(_bytes(image.convert("RGB")), None)


def to_pil(image: Tensor) -> Image.Image:
    """An H x W x 3 or 4 picture in 0..1 as 8-bit RGB or RGBA, rounded; NaN becomes black."""
    values = (image.detach().float().nan_to_num().clamp(0, 1) * 255).round().to(torch.uint8)
    return Image.fromarray(values.cpu().numpy())


def _bytes(image: Image.Image) -> Tensor:
    return torch.from_numpy(np.array(image)).float() / 255
