"""Tensors that lie in a mapped safetensors file: read without a copy, let go of page by page.

The map is private to the process, so nothing written to a tensor ever reaches the file; all the same, take what
``read`` returns as read-only, since every reader of the file sees the same memory.
"""

import math
import mmap
import os
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from graphengine.diffusion.weights.header import ITEM_BYTES, Entry, Header, read_header

DTYPES: Mapping[str, torch.dtype] = {
    "BOOL": torch.bool, "U8": torch.uint8, "I8": torch.int8,
    "F8_E4M3": torch.float8_e4m3fn, "F8_E5M2": torch.float8_e5m2,
    "I16": torch.int16, "U16": torch.uint16, "F16": torch.float16, "BF16": torch.bfloat16,
    "I32": torch.int32, "U32": torch.uint32, "F32": torch.float32,
    "I64": torch.int64, "U64": torch.uint64, "F64": torch.float64,
}  # fmt: skip


class MappedTensor:
    """A ``StoredTensor`` over a file's map."""

    __slots__ = ("_entry", "_map")

    def __init__(self, entry: Entry, file_map: mmap.mmap) -> None:
        self._entry = entry
        self._map = file_map

    @property
    def shape(self) -> tuple[int, ...]:
        return self._entry.shape

    @property
    def dtype(self) -> str:
        return self._entry.dtype

    def read(self) -> Tensor:
        """The values in their stored type: a view of the map, or a copy where the file does not align them."""
        dtype, count = DTYPES[self.dtype], math.prod(self.shape)
        if count == 0:
            return torch.empty(self.shape, dtype=dtype)
        if self._entry.start % ITEM_BYTES[self.dtype]:
            aligned = bytearray(self._map[self._entry.start : self._entry.stop])
            return torch.frombuffer(aligned, dtype=dtype).view(self.shape)
        return torch.frombuffer(self._map, dtype=dtype, count=count, offset=self._entry.start).view(self.shape)

    def release(self) -> None:
        """Give this tensor's memory back to the system; reading it again takes it from the file again.

        Call it once the values have been copied elsewhere: without it a loaded file counts twice in the process's
        memory, as file and as weights. Pages shared with a neighbour stay.
        """
        first = -(-self._entry.start // mmap.PAGESIZE) * mmap.PAGESIZE
        length = self._entry.stop // mmap.PAGESIZE * mmap.PAGESIZE - first
        if length > 0 and hasattr(mmap, "MADV_DONTNEED"):  # Windows has none
            self._map.madvise(mmap.MADV_DONTNEED, first, length)


def open_safetensors(path: str | os.PathLike[str]) -> dict[str, MappedTensor]:
    """Every tensor of a safetensors file by name, over one map of the file.

    Raises:
        WeightsError: As ``read_header``.
    """
    return map_tensors(read_header(path))


def map_tensors(header: Header) -> dict[str, MappedTensor]:
    """The same for a header that was read already."""
    with Path(header.path).open("rb") as file:
        file_map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    return {name: MappedTensor(entry, file_map) for name, entry in header.tensors.items()}
