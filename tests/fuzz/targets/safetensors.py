"""Safetensors files: a header that its file gives the right length of, or a whole file if it begins as a small one."""

import tempfile
from pathlib import Path

from graphengine.diffusion.weights.errors import WeightsError
from graphengine.diffusion.weights.header import read_header
from tests.fuzz import seeds as good

ERRORS = (WeightsError,)
DATA = bytes(64)
WHOLE = (b"\0", b"\2")  # first bytes of a length, that no header begins with


def seeds():
    return good.safetensors()


def take(data):
    if not data.startswith(WHOLE):
        data = len(data).to_bytes(8, "little") + data + DATA
    with tempfile.NamedTemporaryFile(prefix="fuzz-", suffix=".safetensors") as file:
        file.write(data)
        file.flush()
        header = read_header(Path(file.name))
    assert all(8 <= entry.start <= entry.stop <= len(data) for entry in header.tensors.values())
