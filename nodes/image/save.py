"""Pictures into files, with the workflow that made them."""

import io
import secrets
import string
from datetime import datetime
from typing import Annotated, Literal

from PIL import Image as Pil
from PIL.PngImagePlugin import PngInfo

from graphengine.api import Files, Provenance, Range, Results, node, write_aside
from graphengine.diffusion.picture_files import to_pil
from graphengine.ports import Image, Mask

from .filenames import fill
from .values import masks, planes

MAKE, MODEL = 0x010F, 0x0110  # EXIF tags that carry texts in WebP, as ComfyUI writes them


@node(category="image", title="Save Image", output=True, resource="io")
def SaveImage(
    images: Image, filename_prefix: str = "ComfyUI", *, files: Files, results: Results, provenance: Provenance
) -> None:
    """Save pictures as PNG into the output folder, the workflow inside.

    Args:
        filename_prefix: Start of the names, which may hold folders and %year%, %month%, %day%, %hour%, %minute%,
            %second%, %width%, %height%, %batch_num% or %date:yyyy-MM-dd%.
    """
    _save(images, filename_prefix, "output", files, results, provenance)


@node(category="image", title="Preview Image", output=True, resource="io")
def PreviewImage(images: Image, *, files: Files, results: Results, provenance: Provenance) -> None:
    """Show pictures without keeping them."""
    _save(images, _temporary(), "temp", files, results, provenance)


@node(category="image", output=True, resource="io", volatile=True)
def SaveImageWebsocket(images: Image, *, files: Files, results: Results, provenance: Provenance) -> None:
    """Send pictures as PNG to the program that asked for the run, over ComfyUI's websocket; nothing is kept."""
    _save(images, _temporary(), "temp", files, results, provenance)


@node(category="mask", title="Preview Mask", output=True, resource="io")
def MaskPreview(mask: Mask, *, files: Files, results: Results, provenance: Provenance) -> None:
    """Show masks as grey pictures without keeping them."""
    _save(masks(mask)[..., None].expand(-1, -1, -1, 3), _temporary(), "temp", files, results, provenance)


@node(category="image/animation", output=True, resource="io")
def SaveAnimatedWEBP(
    images: Image,
    filename_prefix: str = "ComfyUI",
    fps: Annotated[float, Range(0.01, 1000.0, 0.01)] = 6.0,
    lossless: bool = True,
    quality: Annotated[int, Range(0, 100)] = 80,
    method: Literal["default", "fastest", "slowest"] = "default",
    *,
    files: Files,
    results: Results,
    provenance: Provenance,
) -> None:
    """Save a batch as the frames of one animated WebP.

    Args:
        filename_prefix: Start of the name; as in SaveImage.
        fps: Frames a second.
        lossless: Keep every pixel; larger files.
        quality: Of lossy pictures; of lossless ones, the effort.
        method: Effort of compression.
    """
    exif = Pil.Exif()
    others = [key for key in provenance.texts if key != "prompt"]
    others.sort(key=lambda key: key == "graphengine")  # readers look for the page's graph under the first tag
    tags = {"prompt": MODEL, **{key: MAKE - offset for offset, key in enumerate(others)}}
    for key, text in provenance.texts.items():
        exif[tags[key]] = f"{key}:{text}"
    effort = {"default": 4, "fastest": 0, "slowest": 6}[method]
    options = {"lossless": lossless, "quality": quality, "method": effort, "exif": exif}
    _save_animation(images, filename_prefix, "WEBP", 1000 / fps, options, files, results)


@node(category="image/animation", output=True, resource="io")
def SaveAnimatedPNG(
    images: Image,
    filename_prefix: str = "ComfyUI",
    fps: Annotated[float, Range(0.01, 1000.0, 0.01)] = 6.0,
    compress_level: Annotated[int, Range(0, 9)] = 4,
    *,
    files: Files,
    results: Results,
    provenance: Provenance,
) -> None:
    """Save a batch as the frames of one animated PNG.

    Args:
        filename_prefix: Start of the name; as in SaveImage.
        fps: Frames a second.
        compress_level: 0 is fast and large, 9 slow and small.
    """
    options = {"compress_level": compress_level, "pnginfo": _texts(provenance)}
    _save_animation(images, filename_prefix, "PNG", 1000 / fps, options, files, results)


def _save(images: Image, prefix: str, type: str, files: Files, results: Results, provenance: Provenance) -> None:
    height, width = planes(images, "images").shape[-2:]
    now = datetime.now()
    for number, image in enumerate(images):
        data = io.BytesIO()
        to_pil(image).save(data, "PNG", compress_level=4, pnginfo=_texts(provenance))
        [(path, ref)] = files.reserve(fill(prefix, now, width, height, number), ".png", type=type)
        write_aside(path, data.getvalue())
        results.add("images", ref)


def _save_animation(
    images: Image, prefix: str, format: str, duration: float, options: dict[str, object], files: Files, results: Results
) -> None:
    height, width = planes(images, "images").shape[-2:]
    first, *others = (to_pil(image) for image in images)
    data = io.BytesIO()
    first.save(data, format, save_all=True, append_images=others, duration=round(duration), loop=0, **options)
    [(path, ref)] = files.reserve(fill(prefix, datetime.now(), width, height), f".{format.lower()}")
    write_aside(path, data.getvalue())
    results.add("images", ref)
    results.add("animated", len(images) > 1)


def _texts(provenance: Provenance) -> PngInfo:
    info = PngInfo()
    for key, text in provenance.texts.items():
        info.add_text(key, text)
    return info


def _temporary() -> str:
    """A prefix that browsers have not seen yet."""
    return "ComfyUI_temp_" + "".join(secrets.choice(string.ascii_lowercase) for _ in range(5))
