"""A folder of captioned pictures as a dataset: ``NAME.png`` with its caption in ``NAME.txt``."""

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from graphengine.diffusion.picture_files import read_picture
from graphengine.diffusion.resize import resize

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")


@dataclass(frozen=True)
class CaptionedFiles:
    """Pictures in files.

    Attributes:
        files: The pictures.
        captions: One for each.
        empty: Share of the captions that are left empty, which guidance needs.
        identity: Made of names, sizes, modification times and captions.
    """

    files: Sequence[Path]
    captions: Sequence[str]
    empty: float
    identity: str

    @property
    def length(self) -> int:
        return len(self.files)

    @property
    def words(self) -> Sequence[str]:
        return sorted({word for caption in self.captions for word in caption.split()})

    def pictures(self, numbers: Sequence[int], size: int) -> Tensor:
        """Scaled and cropped to squares."""
        frames = (read_picture(self.files[number]).image[:1].movedim(-1, 1) for number in numbers)
        return torch.cat([resize(frame, size, size, "lanczos", center_crop=True) for frame in frames])

    def text(self, number: int, rng: random.Random) -> str:
        return "" if rng.random() < self.empty else self.captions[number]

    def focus(self, number: int, rng: random.Random) -> tuple[float, float]:
        """Anywhere."""
        return rng.random(), rng.random()


def read_folder(folder: Path, *, caption: str = "", empty: float = 0.1) -> CaptionedFiles:
    """The pictures of a folder and of those below it, in the order of their names.

    Args:
        caption: Of pictures without a text file beside them.

    Raises:
        FileNotFoundError: There are none.
    """
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    if not files:
        raise FileNotFoundError(f"{folder} has no pictures in it ({', '.join(SUFFIXES)}).")
    texts = (path.with_suffix(".txt") for path in files)
    captions = [text.read_text().strip() if text.is_file() else caption for text in texts]
    states = [(str(path.relative_to(folder)), path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    identity = hashlib.sha256(repr((states, captions, empty)).encode()).hexdigest()
    return CaptionedFiles(files, captions, empty, identity)
