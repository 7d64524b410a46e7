"""JSON and text that can always be written: what a run says may hold half of a surrogate pair, which UTF-8 cannot."""

from typing import Any

import msgspec

from graphengine.graph.characters import all_whole


def to_json(data: Any) -> bytes:
    """JSON of plain data, dataclasses and structs; broken characters become ``?``, numbers that are none ``null``.

    Raises:
        TypeError: It holds something else.
    """
    try:
        return msgspec.json.encode(data)
    except UnicodeEncodeError:
        return msgspec.json.encode(all_whole(msgspec.to_builtins(data)))
