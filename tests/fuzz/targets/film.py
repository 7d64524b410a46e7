"""Workflows in films: MP4, MOV, WebM and Matroska."""

from pathlib import Path

from graphengine import formats
from graphengine.compat.comfyui.videos import EBML, is_video, video_texts
from graphengine.graph.errors import DocumentError
from tests.compat.comfyui.kinds import SPECS

ERRORS = (DocumentError,)
FILMS = Path(__file__).parents[2] / "data/films"
STARTS = (EBML, b"\0\0\0\x08ftyp")


def seeds():
    return [path.read_bytes() for path in sorted(FILMS.iterdir()) if path.stem != "none"]


def take(data):
    if not is_video(data):
        data = STARTS[len(data) % len(STARTS)] + data
    held = video_texts(data)
    assert sum(map(len, held.values())) <= 20 * len(
        data
    )  # a text of escapes may be six times longer, and lies there twice
    formats.read(data, SPECS)
