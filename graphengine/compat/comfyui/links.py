"""The links of one editor graph, followed through the nodes that only guide them.

A slot names its link by id and the link its source; the target's slot index is not to be trusted. On the way, Reroute
nodes and native reroutes become points that the link is drawn through, and a PrimitiveNode becomes the value it pushes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphengine.compat.comfyui.shapes import Object, index, key, mapping, objects, point, text
from graphengine.graph.errors import DocumentError

REROUTE, PRIMITIVE = "Reroute", "PrimitiveNode"
NOTES = ("Note", "MarkdownNote")
VIRTUAL = frozenset({REROUTE, PRIMITIVE, *NOTES})
INPUT_SIDE, OUTPUT_SIDE = "-10", "-20"  # the two ends of a subgraph, as the nodes of its links
MAX_POINTS = 64


@dataclass(frozen=True)
class Origin:
    """Where a link comes from: a node, or the input side of a subgraph."""

    node: str
    slot: int


@dataclass(frozen=True)
class Pushed:
    """What a PrimitiveNode writes into the widgets that it is linked to."""

    primitive: str
    value: Any
    control: Any


@dataclass(frozen=True)
class Row:
    """One link as the file has it."""

    origin: str
    slot: int
    target: str
    target_slot: int
    reroute: str


class Links:
    """The links of the root graph or of a subgraph.

    Args:
        graph: Its raw data.
        nodes: Its raw nodes by id.
    """

    def __init__(self, graph: Object, nodes: Mapping[str, Object]) -> None:
        self._nodes = nodes
        extra = mapping(graph.get("extra"))
        parents = {key(entry.get("id")): key(entry.get("parentId")) for entry in objects(extra.get("linkExtensions"))}
        self._reroutes = {
            key(entry.get("id")): entry for entry in objects(extra.get("reroutes")) + objects(graph.get("reroutes"))
        }
        self.rows: dict[str, Row] = {}
        links = graph.get("links")
        for data in links if isinstance(links, list) else []:
            found = _row(data, parents)
            if found is not None:
                self.rows[found[0]] = found[1]
        self._ends: dict[str, Origin | Pushed | None] = {}
        self._feeds: dict[str, str] = {}

    def follow(self, link: str) -> Origin | Pushed | None:
        """What a link really comes from; None if it is connected to nothing.

        Raises:
            DocumentError: It goes round in circles.
        """
        path: dict[str, None] = {}
        end: Origin | Pushed | None = None
        while link not in self._ends:
            if link in path:
                raise DocumentError(f"Link {link} goes round in circles through Reroute nodes.")
            path[link] = None
            row = self.rows.get(link)
            node = self._nodes.get(row.origin) if row else None
            if row is None or (node is None and row.origin != INPUT_SIDE):
                break
            kind = "" if node is None else text(node.get("type"))
            if node is None or kind not in VIRTUAL:
                end = Origin(row.origin, row.slot)
                break
            if kind != REROUTE:
                end = _pushed(row.origin, node)
                break
            link = self._feeding(row.origin)
        else:
            end = self._ends[link]
        self._ends.update(dict.fromkeys(path, end))
        return end

    def points(self, link: str) -> list[list[float]]:
        """The points that a link is drawn through, from its source on; at most the last ``MAX_POINTS``."""
        found: list[list[float]] = []  # from the target back
        seen: set[str] = set()
        while link in self.rows and link not in seen and len(seen) < MAX_POINTS:
            seen.add(link)
            row = self.rows[link]
            found += self._native(row.reroute)
            node = self._nodes.get(row.origin)
            if node is None or node.get("type") != REROUTE:
                break
            position = point(node.get("pos"))
            found += [position] if position else []
            link = self._feeding(row.origin)
        return found[:MAX_POINTS][::-1]

    def _feeding(self, reroute: str) -> str:
        """The link into a Reroute node: looked up once, as many links may come out of it."""
        if reroute not in self._feeds:
            slots = objects(self._nodes[reroute].get("inputs"))
            self._feeds[reroute] = next((key(slot.get("link")) for slot in slots), "")
        return self._feeds[reroute]

    def _native(self, reroute: str) -> list[list[float]]:
        found: list[list[float]] = []
        seen: set[str] = set()
        while reroute in self._reroutes and reroute not in seen and len(seen) < MAX_POINTS:
            seen.add(reroute)
            position = point(self._reroutes[reroute].get("pos"))
            found += [position] if position else []
            reroute = key(self._reroutes[reroute].get("parentId"))
        return found


def _row(data: Any, parents: Mapping[str, str]) -> tuple[str, Row] | None:
    """A link of either form: ``[id, from, slot, to, slot, type]``, or an object."""
    if isinstance(data, list) and len(data) >= 5:
        id, origin, slot, target, target_slot = data[:5]
        reroute = ""
    elif isinstance(data, dict):
        id, origin, slot, target, target_slot = (
            data.get(name) for name in ("id", "origin_id", "origin_slot", "target_id", "target_slot")
        )
        reroute = key(data.get("parentId"))
    else:
        return None
    row = Row(key(origin), index(slot), key(target), index(target_slot), reroute or parents.get(key(id), ""))
    return (key(id), row) if key(id) else None


def _pushed(id: str, node: Object) -> Pushed | None:
    values = node.get("widgets_values")
    if node.get("type") != PRIMITIVE or not isinstance(values, list) or not values or values[0] is None:
        return None
    return Pushed(id, values[0], values[1] if len(values) > 1 else None)
