"""Pictures opened with care, and made anew: other formats, single channels, thumbnails, masks put onto them.

Everything here decodes, so it is called in threads, a few at a time (``Pictures``). Pillow is imported when a picture
is first looked into, which keeps it out of the start.
"""

import asyncio
import io
import struct
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, ParamSpec, TypeVar

from graphengine.server.answers import Refusal
from graphengine.server.media import KINDS, Kind

if TYPE_CHECKING:
    from PIL.Image import Image

P = ParamSpec("P")
T = TypeVar("T")
Format = Literal["webp", "jpeg", "png"]
# pillow reads many formats, some by starting other programs; these are read by itself
_FORMATS = tuple(kind.pillow for kind in KINDS if kind.pillow)
# what its readers raise at what is no picture
BROKEN = (OSError, ValueError, SyntaxError, EOFError, RuntimeError, IndexError, TypeError, struct.error)
FRAMES = 10_000  # of an animation; together they may have as many pixels as one picture
_AT_A_TIME = 2  # a picture of the largest size takes 256 MB while it is decoded


class Pictures:
    """Runs work on pictures in threads, a few at a time.

    Args:
        pixels: The most that a picture may have.
    """

    def __init__(self, pixels: int) -> None:
        self.pixels = pixels
        self._turn = asyncio.Semaphore(_AT_A_TIME)

    async def run(self, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        """What ``work`` returns, done in a thread."""
        async with self._turn:
            return await asyncio.to_thread(work, *args, **named)


def open_picture(source: Path | BinaryIO, pixels: int, kind: Kind | None = None) -> "Image":
    """A picture, its pixels not decoded yet.

    Args:
        pixels: The most that it may have: a few kilobytes can claim gigabytes.
        kind: What it must be; any kind of picture when None.

    Raises:
        Refusal: It is no such picture, or has too many pixels.
    """
    from PIL import Image

    formats = (kind.pillow,) if kind and kind.pillow else _FORMATS
    try:
        picture = Image.open(source, formats=[name for name in formats if name])
    except Image.DecompressionBombError:
        raise _too_many_pixels(pixels) from None
    except Image.DecompressionBombWarning:  # where warnings are errors
        raise _too_many_pixels(pixels) from None
    except BROKEN as error:
        raise _no_picture(error) from None
    if picture.width * picture.height > pixels:
        picture.close()
        raise _too_many_pixels(pixels)
    return picture


def verify(path: Path, kind: Kind, pixels: int) -> None:
    """Refuse a file that is not a picture of its kind, or has too many pixels."""
    with open_picture(path, pixels, kind) as picture:
        try:
            picture.verify()
        except BROKEN as error:
            raise _no_picture(error) from None


def encoded(path: Path, format: Format, quality: int, pixels: int, alpha: bool = True) -> bytes:
    """A picture in another format, without what it carries besides its pixels.

    Args:
        quality: From 1 to 100.
        alpha: Whether to keep it, where the format can.
    """
    with open_picture(path, pixels) as picture:
        clear = alpha and format != "jpeg" and picture.has_transparency_data
        return _saved(_decoded(picture).convert("RGBA" if clear else "RGB"), format, quality)


def channel(path: Path, name: Literal["rgb", "a"], pixels: int, format: Format = "png", quality: int = 90) -> bytes:
    """``rgb``: the picture, upright, without its alpha. ``a``: only its alpha, opaque when it has none."""
    from PIL import Image

    with open_picture(path, pixels) as picture:
        whole = _upright(picture)
        if name == "rgb":
            return _saved(whole.convert("RGB"), format, quality)
        only = Image.new("RGBA", whole.size)
        only.putalpha(whole.convert("RGBA").getchannel("A"))
        return _saved(only, format, quality)


def shrunk(source: Path | BinaryIO, edge: int, pixels: int) -> bytes:
    """A picture as WebP with no edge longer than ``edge``, turned upright."""
    from PIL import ImageOps

    with open_picture(source, pixels) as picture:
        picture.draft("RGB", (2 * edge, 2 * edge))  # lets JPEG decode to a fraction at once
        upright = ImageOps.exif_transpose(_decoded(picture))
        small = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
        small.thumbnail((edge, edge))
        return _saved(small, "webp", 80)


def masked(original: Path, mask: Path, pixels: int) -> bytes:
    """The original, upright, as PNG with the alpha of another picture, and the texts that it carries (its workflow).

    Of an animation all frames get that alpha, or each its own if the mask has as many.

    Raises:
        Refusal: One is no picture, or they differ in size.
    """
    from PIL.PngImagePlugin import PngInfo

    with open_picture(original, pixels) as under, open_picture(mask, pixels) as over:
        frames = [frame.convert("RGBA") for frame in _frames(under, pixels)]
        alphas = [frame.convert("RGBA").getchannel("A") for frame in _frames(over, pixels)]
        if frames[0].size != alphas[0].size or len(alphas) not in (1, len(frames)):
            raise _mask_differs(alphas, frames)
        texts = PngInfo()
        for key, value in getattr(under, "text", {}).items():
            texts.add_itxt(key, value) if not value.isascii() else texts.add_text(key, value)
        for frame, alpha in zip(frames, cycle(alphas), strict=False):
            frame.putalpha(alpha)
        file = io.BytesIO()
        frames[0].save(file, "PNG", pnginfo=texts, compress_level=4, **_animation(frames))
        return file.getvalue()


def _frames(picture: "Image", pixels: int) -> "list[Image]":
    """All frames of a picture that have its size, upright; of a photo with other pictures inside (MPO) the first alone.

    Raises:
        Refusal: They have more pixels than a picture may have, or one cannot be decoded.
    """
    frames: list[Image] = []
    left = pixels
    while not frames or (picture.format != "MPO" and _seek_next(picture, pixels)):
        left -= picture.width * picture.height  # a frame may be larger than those before
        if left < 0 or len(frames) == FRAMES:
            raise _too_many_pixels(pixels)
        frames.append(_upright(picture))
    return [frame for frame in frames if frame.size == frames[0].size]


def _seek_next(picture: "Image", pixels: int) -> bool:
    """Whether there is another frame, to which it then goes."""
    from PIL import Image

    try:
        picture.seek(picture.tell() + 1)
    except EOFError:
        return False
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels(pixels) from None
    except BROKEN as error:
        raise _no_picture(error) from None
    return True


def _animation(frames: "list[Image]") -> dict[str, Any]:
    """What saves frames as an animation that is as quick as theirs, and as often; nothing for a single one."""
    if len(frames) == 1:
        return {}
    durations = [frame.info.get("duration", 0) for frame in frames]
    return {
        "save_all": True,
        "append_images": frames[1:],
        "duration": durations,
        "loop": frames[0].info.get("loop", 1),
    }


def _upright(picture: "Image") -> "Image":
    """A picture's pixels as its EXIF turns them, in 8 bits."""
    from PIL import ImageOps

    turned = ImageOps.exif_transpose(_decoded(picture))
    return turned.point(lambda value: value / 256).convert("L") if turned.mode.startswith("I;16") else turned


def _decoded(picture: "Image") -> "Image":
    try:
        picture.load()
    except BROKEN as error:
        raise _no_picture(error) from None
    return picture


def _saved(picture: "Image", format: Format, quality: int) -> bytes:
    file = io.BytesIO()
    options = {"quality": quality} if format != "png" else {"compress_level": 4}
    picture.save(file, format.upper(), **options)
    return file.getvalue()


def _too_many_pixels(most: int) -> Refusal:
    return Refusal(413, "too_many_pixels", f"The picture has more than {most / 1e6:.1f} million pixels.", "Shrink it.")


def _mask_differs(alphas: "list[Image]", frames: "list[Image]") -> Refusal:
    mask, picture = (
        f"{images[0].width} x {images[0].height}" + (f" in {len(images)} frames" if len(frames) > 1 else "")
        for images in (alphas, frames)
    )
    message, cure = f"The mask is {mask} on a picture of {picture}.", "Draw the mask at the picture's size."
    return Refusal(400, "sizes_differ", message, cure)


def _no_picture(error: Exception) -> Refusal:
    return Refusal(415, "no_picture", f"The file is no picture of its kind ({type(error).__name__}).", "Save it again.")
