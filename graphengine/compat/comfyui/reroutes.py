"""The points that links are drawn through, as the editor's reroutes, which links from one output share."""

from collections.abc import Mapping
from typing import Any

from graphengine.compat.comfyui.shapes import objects, point, text

Origin = tuple[int | str, int]


class Reroutes:
    """Makes reroutes while links are written.

    Attributes:
        entries: Raw reroutes; ids count from 1.
        last: Link id -> the reroute nearest to its target.
    """

    def __init__(self, layout: Mapping[str, Any]) -> None:
        self._via = {
            (text(entry.get("node")), text(entry.get("input"))): entry for entry in objects(layout.get("links"))
        }
        self._made: dict[tuple[Origin, int, float, float], dict[str, Any]] = {}
        self.entries: list[dict[str, Any]] = []
        self.last: dict[int, int] = {}

    def trace(self, link: int, origin: Origin, target: tuple[str, str]) -> None:
        """Lead a link through the points that the layout has for its target (node, input)."""
        via = self._via.get(target, {}).get("via")
        parent = 0
        for x, y in filter(None, map(point, via if isinstance(via, list) else [])):
            key = (origin, parent, x, y)
            if key not in self._made:
                above = {"parentId": parent} if parent else {}
                self._made[key] = {"id": len(self.entries) + 1, **above, "pos": [x, y], "linkIds": []}
                self.entries.append(self._made[key])
            self._made[key]["linkIds"].append(link)
            parent = self._made[key]["id"]
        if parent:
            self.last[link] = parent
