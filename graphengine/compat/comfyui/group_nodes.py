"""Group nodes, which subgraphs replaced: ``workflow>Name`` (or ``workflow/Name``), kept in ``extra.groupNodes``.

    {"nodes": [Node], "links": [[origin, slot, target, slot, node id, type]], "external": [[Node, slot, type]]}

Nodes are named by index. An input of an inner node that no inner link feeds is a slot of the group node, in order; so
is an output that no inner link uses or that ``external`` lists. The instance holds all inner nodes' values in a row.
"""

from typing import Any

from graphengine.compat.comfyui.links import INPUT_SIDE, OUTPUT_SIDE
from graphengine.compat.comfyui.shapes import Object, index, mapping, objects
from graphengine.graph.errors import DocumentError

PREFIXES = ("workflow>", "workflow/")
MAX_LINKS = 100_000

End = tuple[int, int]  # node, slot


def group_name(kind: str) -> str:
    """The name of a group node by its type; empty for other types."""
    return next((kind.removeprefix(prefix) for prefix in PREFIXES if kind.startswith(prefix)), "")


def size(group: Object) -> int:
    """How much an instance of the group adds to a document: nodes and links."""
    return sum(len(part) for part in (group.get("nodes"), group.get("links")) if isinstance(part, list)) + 1


def as_subgraph(group: Object, instance: Object) -> dict[str, Any] | None:
    """The group in the form of a subgraph, with the instance's values in the inner nodes.

    None if the slots or values of the instance are not as many as the group shows: it hides some, or was changed.
    """
    nodes = [{**node, "id": position} for position, node in enumerate(objects(group.get("nodes")))]
    inner = _inner_links(group, len(nodes))
    inputs, outputs = objects(instance.get("inputs")), objects(instance.get("outputs"))
    open_inputs = _open(nodes, "inputs", {target for _, target in inner})
    open_outputs = _open(nodes, "outputs", {origin for origin, _ in inner} - _external(group))
    if len(inputs) != len(open_inputs) or len(outputs) != len(open_outputs):
        return None
    if not _spread_values(nodes, instance.get("widgets_values")):
        return None
    links = [
        *inner,
        *(((int(INPUT_SIDE), slot), target) for slot, target in enumerate(open_inputs)),
        *((origin, (int(OUTPUT_SIDE), slot)) for slot, origin in enumerate(open_outputs)),
    ]
    _connect(nodes, links)
    return {
        "nodes": nodes,
        "links": [[id, *origin, *target, "*"] for id, (origin, target) in enumerate(links)],
        "inputs": [{"name": slot.get("name"), "type": slot.get("type")} for slot in inputs],
        "outputs": [{"name": slot.get("name"), "type": slot.get("type")} for slot in outputs],
    }


def _inner_links(group: Object, count: int) -> list[tuple[End, End]]:
    """The links between inner nodes. One whose origin is null came from outside when the group was made."""
    rows = group.get("links")
    if isinstance(rows, list) and len(rows) > MAX_LINKS:
        raise DocumentError(f"A group node has {len(rows):,} links; the limit is {MAX_LINKS:,}.")
    return [
        ((row[0], row[1]), (row[2], row[3]))
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, list) and len(row) >= 4 and all(type(value) is int and value >= 0 for value in row[:4])
        if row[0] < count and row[2] < count
    ]


def _open(nodes: list[dict[str, Any]], side: str, used: set[End]) -> list[End]:
    ends = [(position, slot) for position, node in enumerate(nodes) for slot in range(len(objects(node.get(side))))]
    return [end for end in ends if end not in used]


def _external(group: Object) -> set[End]:
    rows = group.get("external")
    return {
        (index(mapping(row[0]).get("index")), index(row[1]))
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, list) and len(row) >= 2
    }


def _spread_values(nodes: list[dict[str, Any]], values: Any) -> bool:
    """Give the inner nodes the instance's values; False if they are not as many."""
    if not values:
        return True
    lengths = [len(held) if isinstance(held := node.get("widgets_values"), list) else 0 for node in nodes]
    if not isinstance(values, list) or sum(lengths) != len(values):
        return False
    rest = iter(values)
    for node, length in zip(nodes, lengths, strict=True):
        if length:
            node["widgets_values"] = [next(rest) for _ in range(length)]
    return True


def _connect(nodes: list[dict[str, Any]], links: list[tuple[End, End]]) -> None:
    """Write the links' ids into the slots that they feed."""
    for node in nodes:
        node["inputs"] = [{**slot, "link": None} for slot in objects(node.get("inputs"))]
    for id, (_, (target, slot)) in enumerate(links):
        if target >= 0 and slot < len(nodes[target]["inputs"]):
            nodes[target]["inputs"][slot]["link"] = id
