"""JSON and text that can always be written: what a run says may hold half of a surrogate pair, which UTF-8 cannot."""

from typing import Any

import msgspec


def to_json(data: Any) -> bytes:
    """JSON of plain data, dataclasses and structs; broken characters become ``?``, numbers that are none ``null``.

    Raises:
        TypeError: It holds something else.
    """
    try:
        return msgspec.json.encode(data)
    except UnicodeEncodeError:
        return msgspec.json.encode(_whole(msgspec.to_builtins(data)))


def whole(text: str) -> str:
    """The text with broken characters as ``?``."""
    return text.encode(errors="replace").decode()


def _whole(data: Any) -> Any:
    if isinstance(data, str):
        return whole(data)
    if isinstance(data, dict):
        return {_whole(name): _whole(value) for name, value in data.items()}
    return [_whole(value) for value in data] if isinstance(data, (list, tuple)) else data
