"""What untrusted JSON of an editor is taken for: decoration of a wrong shape is passed over, never an accident."""

from collections.abc import Mapping
from typing import Any

Object = Mapping[str, Any]


def objects(data: Any) -> list[Object]:
    """The objects of a list; none if it is no list."""
    return [item for item in data if isinstance(item, dict)] if isinstance(data, list) else []


def mapping(data: Any) -> Object:
    """An object; an empty one if it is none."""
    return data if isinstance(data, dict) else {}


def text(data: Any) -> str:
    """A string; an empty one if it is none."""
    return data if isinstance(data, str) else ""


def key(data: Any) -> str:
    """An id, which may be a number or a string, as ours; empty if it is neither."""
    return str(data) if type(data) is int and abs(data) < 2**63 else text(data)


def index(data: Any) -> int:
    """The index of a slot; 0 if it is none."""
    return data if type(data) is int and 0 <= data < 2**31 else 0


def point(data: Any) -> list[float] | None:
    """Two numbers, which old files write as ``{"0": x, "1": y}``."""
    values = [data.get("0"), data.get("1")] if isinstance(data, dict) else data
    if isinstance(values, list) and len(values) >= 2 and all(type(value) in (int, float) for value in values[:2]):
        return values[:2]
    return None
