"""Of a job's document, as much as its messages need."""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple


class Outline(NamedTuple):
    """Node -> its kind, the nodes that it is linked to, and its own values by input."""

    kinds: Mapping[str, str]
    sources: Mapping[str, Sequence[str]]
    values: Mapping[str, Mapping[str, Any]]


@lru_cache(maxsize=1)  # what comes again is most often the last one
def outline(document: bytes) -> Outline:
    """The outline of a document that was saved."""
    nodes = json.loads(document)["nodes"]  # msgspec refuses the half of a surrogate pair, which a text may hold
    return Outline(
        {id: node["kind"] for id, node in nodes.items()},
        {id: [value["link"]["node"] for value in node["inputs"].values() if _is_link(value)]
         for id, node in nodes.items()},
        {id: {name: _plain(value) for name, value in node["inputs"].items() if not _is_link(value)}
         for id, node in nodes.items()},
    )  # fmt: skip


def _plain(value: Any) -> Any:
    return value["value"] if isinstance(value, dict) else value


def _is_link(value: Any) -> bool:
    return isinstance(value, dict) and "link" in value
