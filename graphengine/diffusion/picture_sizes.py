"""How large the pictures of a file are, from its header alone. Neither torch nor numpy is imported."""

from pathlib import Path

from PIL import Image

ORIENTATION = 0x0112  # EXIF tag; 5 to 8 are turned by a quarter
FORMATS_TURNED = ("TIFF",)  # that Pillow tells the upright size of
BROKEN = (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError, Image.DecompressionBombWarning)


def size_of(path: Path) -> tuple[int, int] | None:
    """Width and height of a picture file, upright as its EXIF says; None where it is no picture."""
    try:
        with Image.open(path) as picture:
            # the plain one: that of PNG decodes all pixels to look behind them
            turned = Image.Image.getexif(picture).get(ORIENTATION, 1) in (5, 6, 7, 8)
            quarter = turned and picture.format not in FORMATS_TURNED
            return (picture.height, picture.width) if quarter else picture.size
    except BROKEN:
        return None
