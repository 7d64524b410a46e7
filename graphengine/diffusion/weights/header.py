"""Read the header of a safetensors file: names, types, shapes and places of its tensors, none of their values.

The format (huggingface/safetensors, "Format"): 8 bytes with the header's length, little-endian; the header, a JSON
object ``{name: {"dtype", "shape", "data_offsets": [start, stop]}, "__metadata__": {text: text}}``; the data. Offsets
count from the end of the header. Nothing here is believed before it is checked, so a header may come from anyone.
Torch is not imported: listing a folder of models costs no start-up.
"""

import json
import math
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from reprlib import repr as short
from typing import Any, NoReturn

from graphengine.diffusion.weights.errors import WeightsError

MAX_HEADER_BYTES = 100_000_000  # the reference implementation's own limit
MAX_DIMENSIONS = 64  # of a tensor, torch's own limit
ITEM_BYTES: Mapping[str, int] = {
    "BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1,
    "I16": 2, "U16": 2, "F16": 2, "BF16": 2,
    "I32": 4, "U32": 4, "F32": 4,
    "I64": 8, "U64": 8, "F64": 8,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """One tensor of a file.

    Attributes:
        dtype: As safetensors names it: F32, F16, BF16, I64, ...
        shape: Empty for a scalar.
        start, stop: Where its bytes lie, counted from the beginning of the file.
    """

    dtype: str
    shape: tuple[int, ...]
    start: int
    stop: int


@dataclass(frozen=True)
class Header:
    """What a safetensors file says about itself.

    Attributes:
        path: Of the file.
        tensors: Every tensor by name.
        metadata: Free text by name; empty when the file has none.
    """

    path: Path
    tensors: Mapping[str, Entry]
    metadata: Mapping[str, str]

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of every tensor by name."""
        return {name: entry.shape for name, entry in self.tensors.items()}


def is_safetensors(path: Path) -> bool:
    """Whether the file begins like a safetensors file; its suffix is not looked at."""
    with path.open("rb") as file:
        start = file.read(9)
    return len(start) == 9 and start[8:] == b"{" and int.from_bytes(start[:8], "little") <= MAX_HEADER_BYTES


def read_header(path: str | os.PathLike[str]) -> Header:
    """Read and check the header of a safetensors file.

    Raises:
        WeightsError: The file is not safetensors, is cut short, or its header contradicts itself.
    """
    path = Path(path)
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if size < 10 or length > MAX_HEADER_BYTES:
            _refuse(path, f"its first 8 bytes give no possible header length ({length} in a file of {size} bytes)")
        if 8 + length > size:
            _refuse(path, f"its header of {length} bytes is cut short in a file of {size} bytes")
        fields = _parse(path, file.read(length))
    metadata = _metadata(path, fields.pop("__metadata__", None))
    tensors = {name: _entry(path, name, field, 8 + length) for name, field in fields.items()}
    _check_places(path, tensors, size)
    return Header(path, tensors, metadata)


def _refuse(path: Path, reason: str) -> NoReturn:
    raise WeightsError(
        f"{path} cannot be read as safetensors: {reason}. "
        "Download or export it again; a .ckpt or .pt under a wrong name must keep its own suffix."
    )


def _parse(path: Path, header: bytes) -> dict[str, Any]:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        fields = dict(pairs)
        if len(fields) < len(pairs):
            _refuse(path, "its header names a tensor twice")
        return fields

    try:
        fields = json.loads(header.decode("utf-8"), object_pairs_hook=unique)
    except WeightsError:
        raise
    except (ValueError, RecursionError) as error:  # also what int() says to a number of 5,000 digits
        raise WeightsError(f"{path} cannot be read as safetensors: its header is not JSON ({error}).") from error
    if not isinstance(fields, dict):
        _refuse(path, f"its header is a JSON {type(fields).__name__}, not an object")
    return fields


def _metadata(path: Path, field: Any) -> dict[str, str]:
    if field is None:
        return {}
    if not isinstance(field, dict) or not all(isinstance(value, str) for value in field.values()):
        _refuse(path, "its __metadata__ is not an object of texts")
    return field


def _entry(path: Path, name: str, field: Any, data: int) -> Entry:
    """Check one tensor's entry; ``data`` is where the data begin in the file."""
    if not isinstance(field, dict) or not {"dtype", "shape", "data_offsets"} <= field.keys():
        _refuse(path, f"the entry of {name[:200]!r} lacks dtype, shape or data_offsets")
    dtype, shape, offsets = field["dtype"], field["shape"], field["data_offsets"]
    if not isinstance(dtype, str) or dtype not in ITEM_BYTES:
        known = ", ".join(ITEM_BYTES)
        raise WeightsError(
            f"{path}: {name[:200]!r} has the type {short(dtype)}; known are {known}. Save it again in one of these."
        )
    if not _naturals(shape) or not _naturals(offsets) or len(offsets) != 2:
        _refuse(path, f"{name[:200]!r} has the shape {short(shape)} and the offsets {short(offsets)}")
    start, stop = offsets
    needed = math.prod(shape) * ITEM_BYTES[dtype]
    if stop - start != needed:
        _refuse(
            path,
            f"{name[:200]!r}, {dtype} {shape}, takes {needed} bytes, but its offsets {offsets} hold {stop - start}",
        )
    return Entry(dtype, tuple(shape), data + start, data + stop)


def _naturals(value: Any) -> bool:
    """Whether this is a short list of whole numbers that a file can have; JSON's true and false are none."""
    return (
        isinstance(value, list)
        and len(value) <= MAX_DIMENSIONS  # the product of a million numbers takes hours
        and all(type(item) is int and 0 <= item < 2**63 for item in value)
    )


def _check_places(path: Path, tensors: Mapping[str, Entry], size: int) -> None:
    """No two tensors share bytes, and none lies beyond the end of the file."""
    placed: Iterable[tuple[str, Entry]] = sorted(tensors.items(), key=lambda item: (item[1].start, item[1].stop))
    for (name, entry), (next_name, following) in pairwise(placed):
        if following.start < entry.stop:
            _refuse(path, f"{name[:200]!r} and {next_name[:200]!r} overlap")
    end = max((entry.stop for entry in tensors.values()), default=0)
    if end > size:
        _refuse(path, f"its tensors end at byte {end}, but the file has only {size}: the download is not complete")
