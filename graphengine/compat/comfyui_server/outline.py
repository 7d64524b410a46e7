"""Of a job's document, as much as its messages need."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec


class Outline(NamedTuple):
    """Node -> its kind, and node -> the nodes that it is linked to."""

    kinds: Mapping[str, str]
    sources: Mapping[str, Sequence[str]]


class _Node(msgspec.Struct):
    kind: str
    inputs: dict[str, Any] = {}


class _Document(msgspec.Struct):
    nodes: dict[str, _Node] = {}


def outline(document: bytes) -> Outline:
    """The outline of a document that was saved."""
    nodes = msgspec.json.decode(document, type=_Document).nodes
    return Outline(
        {id: node.kind for id, node in nodes.items()},
        {id: list(filter(None, map(_source, node.inputs.values()))) for id, node in nodes.items()},
    )


def _source(value: Any) -> str | None:
    link = value.get("link") if isinstance(value, dict) else None
    return link.get("node") if isinstance(link, dict) else None
