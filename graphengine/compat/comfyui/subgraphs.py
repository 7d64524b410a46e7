"""The definitions that an editor graph's nodes are instances of: subgraphs, and the older group nodes.

A subgraph is defined once for all its instances. A group node, brought to the same form by ``group_nodes``, becomes a
definition for each instance, because an instance holds the values of all its inner nodes.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from graphengine.compat.comfyui.group_nodes import as_subgraph, group_name, size
from graphengine.compat.comfyui.shapes import Object, key, mapping, objects, text
from graphengine.compat.comfyui.widgets import Widget
from graphengine.graph.document import MAX_NODES
from graphengine.graph.errors import DocumentError

MAX_DEFINITIONS = 10_000
ITSELF = "-1"


@dataclass(frozen=True)
class Definition:
    """A sub-workflow to be.

    Attributes:
        name: Ours, distinct in the document.
        graph: Raw data of a subgraph.
        inputs, outputs: Names of its interface, each distinct.
        promoted: The inputs that stand for a widget inside.
        group: It was a group node; these do not nest.
    """

    name: str
    graph: Object
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    promoted: tuple[Widget, ...] = ()
    group: bool = False


class Definitions:
    """All definitions of a document; group nodes are added as their instances are met."""

    def __init__(self, root: Object) -> None:
        graphs = objects(mapping(root.get("definitions")).get("subgraphs"))
        if len(graphs) > MAX_DEFINITIONS:
            raise DocumentError(f"The document has {len(graphs):,} subgraphs; the limit is {MAX_DEFINITIONS:,}.")
        names = distinct([text(graph.get("name")) or "subgraph" for graph in graphs])
        self._subgraphs = {
            key(graph.get("id")): _definition(name, graph)
            for name, graph in zip(names, graphs, strict=True)
            if key(graph.get("id"))
        }
        self._groups = mapping(mapping(root.get("extra")).get("groupNodes"))
        self._instances: dict[int, Definition | None] = {}
        self._taken = set(names)
        self._numbers: dict[str, int] = {}
        self._unfolded = 0
        self.all: list[Definition] = list(self._subgraphs.values())

    def of(self, node: Object) -> Definition | None:
        """What a node is an instance of."""
        kind = text(node.get("type"))
        found = self._subgraphs.get(kind)
        return found if found is not None or not group_name(kind) else self._group(node, group_name(kind))

    def _group(self, node: Object, name: str) -> Definition | None:
        if id(node) not in self._instances:
            group = self._groups.get(name)
            self._instances[id(node)] = self._instance(group, node, name) if isinstance(group, dict) else None
        return self._instances[id(node)]

    def _instance(self, group: Object, node: Object, name: str) -> Definition | None:
        self._unfolded += size(group)
        if self._unfolded > MAX_NODES:
            raise DocumentError(f"The group nodes of the document unfold to more than {MAX_NODES:,} nodes and links.")
        graph = as_subgraph(group, node)
        if graph is None or len(self.all) >= MAX_DEFINITIONS:
            return None
        made = _definition(self._distinct(name), graph, group=True)
        self.all.append(made)
        return made

    def _distinct(self, name: str) -> str:
        own, number = name, self._numbers.get(name, 1)
        while own in self._taken:
            number += 1
            own = f"{name} {number}"
        self._taken.add(own)
        self._numbers[name] = number
        return own


def _definition(name: str, graph: Object, group: bool = False) -> Definition:
    inputs, outputs = (tuple(slot_names(objects(graph.get(side)))) for side in ("inputs", "outputs"))
    return Definition(name, graph, inputs, outputs, tuple(_promoted(graph, inputs)), group)


def slot_names(slots: Sequence[Object]) -> list[str]:
    """The names of a subgraph's slots, or of its node's, each distinct."""
    return distinct([text(slot.get("name")) or str(number) for number, slot in enumerate(slots)])


def shown_first(names: Iterable[str], properties: Object) -> list[str]:
    """Promoted inputs in the order of their values: as the instance shows them, if it says so, then the others."""
    shown = properties.get("proxyWidgets")  # pairs of a node and its widget, where the instance may be the node itself
    pairs = (pair for pair in shown if isinstance(pair, list) and len(pair) == 2) if isinstance(shown, list) else ()
    order = [text(name) for node, name in pairs if key(node) == ITSELF]
    return sorted(names, key=lambda name: order.index(name) if name in order else len(order))


def _promoted(graph: Object, names: Sequence[str]) -> Iterator[Widget]:
    """The inputs that feed a slot with a widget."""
    widget_links = {
        key(slot.get("link"))
        for node in objects(graph.get("nodes"))
        for slot in objects(node.get("inputs"))
        if mapping(slot.get("widget"))
    }
    for name, slot in zip(names, objects(graph.get("inputs")), strict=True):
        ids = slot.get("linkIds")
        if isinstance(ids, list) and any(key(id) in widget_links for id in ids if key(id)):
            yield Widget(name, text(slot.get("type")))


def distinct(names: Sequence[str]) -> list[str]:
    """The same names, later ones numbered where they occur again."""
    taken = set(names)
    counts: dict[str, int] = {}
    found: list[str] = []
    for name in names:
        own = name
        if name in counts:
            while own in taken:
                counts[name] += 1
                own = f"{name} {counts[name]}"
            taken.add(own)
        counts.setdefault(name, 1)
        found.append(own)
    return found
