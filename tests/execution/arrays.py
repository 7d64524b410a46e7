"""Packs numpy arrays for the codec, and declares a dataclass: what a pack would bring."""

from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np

NAMES = {"F32": "float32", "F64": "float64", "I64": "int64", "U8": "uint8", "BOOL": "bool"}
FILE_NAMES = {name: short for short, name in NAMES.items()}


def pack(value):
    return FILE_NAMES[str(value.dtype)], value.shape, np.ascontiguousarray(value).tobytes()


def unpack(dtype, shape, data):
    return np.frombuffer(bytearray(data), NAMES[dtype]).reshape(shape)


class Mode(Enum):
    FAST = "fast"
    EXACT = 2


@dataclass(frozen=True)
class Curve:
    points: Any
    mode: Mode = Mode.FAST


@dataclass(frozen=True)
class Undeclared:
    x: int = 0
