"""Workflows in pictures: PNG, WebP and JPEG."""

from graphengine import formats
from graphengine.compat.picture_texts import JPEG, PNG, is_picture, picture_texts
from graphengine.graph.errors import DocumentError
from tests.compat.comfyui.kinds import SPECS
from tests.fuzz import seeds as good

ERRORS = (DocumentError,)
STARTS = (PNG, JPEG, b"RIFF\0\0\0\0WEBP")


def seeds():
    return good.pictures_with_workflows()


def take(data):
    if not is_picture(data):
        data = STARTS[len(data) % len(STARTS)] + data
    held = sum(map(len, picture_texts(data).values()))
    assert held <= 2000 * len(data)  # what deflate can do, of each part at most once
    formats.read(data, SPECS)
