"""How large the pictures of a file are, from its header alone. Neither torch nor numpy is imported."""

import struct
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from PIL import Image

ORIENTATION = 0x0112  # EXIF tag; 5 to 8 are turned by a quarter
FORMATS_TURNED = ("TIFF",)  # that Pillow tells the upright size of
BROKEN = (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError, Image.DecompressionBombWarning)

PNG, PIXELS, ANIMATED = b"\x89PNG\r\n\x1a\n", b"IDAT", b"acTL"
TURNING = (b"eXIf", b"tEXt", b"zTXt", b"iTXt")  # chunks that may say how a PNG is turned, also behind its pixels


def size_of(path: Path) -> tuple[int, int] | None:
    """Width and height of a picture file, upright as its EXIF says; None where it is no picture."""
    try:
        with path.open("rb") as file, Image.open(_told_first(file)) as picture:
            # the plain one: that of PNG decodes all pixels to look behind them
            turned = Image.Image.getexif(picture).get(ORIENTATION, 1) in (5, 6, 7, 8)
            quarter = turned and picture.format not in FORMATS_TURNED
            return (picture.height, picture.width) if quarter else picture.size
    except BROKEN:
        return None


def _told_first(file: BinaryIO) -> BinaryIO:
    """The file; of a PNG its chunks without the pixels, which are passed over, so that what is behind them is read."""
    start = file.read(len(PNG))
    kept, behind = BytesIO(), False
    kept.write(start)
    while start == PNG and len(head := file.read(8)) == 8:
        length, kind = struct.unpack(">I4s", head)
        if kind == ANIMATED:  # what is behind its frames is read after the first of them, which is taken
            break
        behind = behind or kind == PIXELS
        if not behind or kind in TURNING:
            kept.write(head + file.read(length + 4))
        else:
            file.seek(length + 4, 1)
    if not behind:
        file.seek(0)
        return file
    kept.write(struct.pack(">I4sI", 0, PIXELS, 0x35AF061E))  # none, with their checksum: what is told ends there
    kept.seek(0)
    return kept
