"""Thumbnails: made once for a file, a size and a state of the file, kept below the cache."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from graphengine.file_writing import write_aside
from graphengine.server.answers import no_such_file
from graphengine.server.pictures import Pictures, shrunk

EDGES = (128, 256, 512, 1024)
Source = Path | BinaryIO


def itself(file: Path) -> Source:
    """The picture of a file that is one."""
    return file


class Thumbnails:
    """The thumbnails of one home.

    Args:
        folder: Where they are kept; everything in it may be deleted at any time.
        pictures: Does the work.
    """

    def __init__(self, folder: Path, pictures: Pictures) -> None:
        self._folder = folder
        self._pictures = pictures

    async def get(self, file: Path, edge: int = 256, picture_in: Callable[[Path], Source] = itself) -> Path:
        """The thumbnail (WebP) of a picture, made if it is not there.

        Args:
            edge: The longest edge asked for; it becomes the next larger of a few, so that nobody can fill the disk.
            picture_in: Finds the picture in a file that is none.

        Raises:
            Refusal: It is not there, is no picture, or has too many pixels.
        """
        edge = next((known for known in EDGES if known >= edge), EDGES[-1])
        try:
            stat = file.stat()
        except OSError:
            raise no_such_file(file.name) from None
        state = f"{file}\n{stat.st_size}\n{stat.st_mtime_ns}\n{edge}"
        name = hashlib.sha256(state.encode(errors="surrogateescape")).hexdigest()
        path = self._folder / name[:2] / f"{name[2:]}.webp"
        if not path.exists():
            await self._pictures.run(_make, file, picture_in, edge, self._pictures.pixels, path)
        return path


def _make(file: Path, picture_in: Callable[[Path], Source], edge: int, pixels: int, path: Path) -> None:
    data = shrunk(picture_in(file), edge, pixels)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_aside(path, data)
