"""Many pictures as one, with their labels."""

import textwrap
from typing import Annotated

import torch
from PIL import Image as Pil
from PIL import ImageDraw, ImageFont

from graphengine.api import Many, NodeError, Range, node
from graphengine.diffusion.picture_files import from_pil, to_pil
from graphengine.ports import Image

PAPER, INK = "#ffffff", "#30343b"
GAP, LINE, CHARACTER = 10, 14, 6.3  # pixels: between cells, a line's height, a letter's usual width
LINES = 4


@node(category="image/batch", title="Contact Sheet")
def ContactSheet(
    image: Many[Image],
    label: Many[str] | None = None,
    columns: Annotated[int, Range(1, 100)] = 6,
    cell: Annotated[int, Range(16, 2048, 8)] = 176,
    limit: Annotated[int, Range(1, 10_000)] = 24,
) -> Image:
    """Put pictures into rows, each with its label below.

    Args:
        image: A list of pictures, or batches of them.
        label: One text for each picture.
        columns: Pictures in a row.
        cell: Pixels a side that each picture gets.
        limit: Leave out what comes after so many.
    """
    pictures = [picture for batch in image for picture in batch][:limit]
    if not pictures:
        raise NodeError("There are no pictures.", "Link at least one.", input="image")
    labels = [*(label or ()), *[""] * len(pictures)][: len(pictures)]
    below = LINES * LINE + 6 if any(labels) else 0
    rows = -(-len(pictures) // columns)
    wide = min(columns, len(pictures))
    sheet = Pil.new("RGB", (GAP + wide * (cell + GAP), GAP + rows * (cell + below + GAP)), PAPER)
    for index, (picture, text) in enumerate(zip(pictures, labels, strict=True)):
        left, top = GAP + index % columns * (cell + GAP), GAP + index // columns * (cell + below + GAP)
        _place(sheet, picture, text, left, top, cell)
    return from_pil(sheet).image[None]


def _place(sheet: Pil.Image, picture: torch.Tensor, text: str, left: int, top: int, cell: int) -> None:
    thumbnail = to_pil(picture[..., :3])
    scale = cell / max(thumbnail.size)
    size = (max(1, round(thumbnail.width * scale)), max(1, round(thumbnail.height * scale)))
    sheet.paste(thumbnail.resize(size, Pil.Resampling.LANCZOS), (left + (cell - size[0]) // 2, top))
    font = ImageFont.load_default(12)
    lines = textwrap.wrap(text, max(8, int(cell / CHARACTER)), max_lines=LINES, placeholder=" ...")
    for row, line in enumerate(lines):
        ImageDraw.Draw(sheet).text((left, top + cell + 4 + row * LINE), line, INK, font)
