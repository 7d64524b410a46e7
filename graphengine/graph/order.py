"""Orders of a flat workflow: sources before readers, cycles with their path, what a node needs."""

from collections.abc import Iterable, Mapping

from graphengine.graph.workflow import Node


def topological(nodes: Mapping[str, Node]) -> list[str]:
    """The ids of all nodes that are on no cycle (nor behind one), sources first, else in document order."""
    waiting: dict[str, int] = {}
    readers: dict[str, list[str]] = {}
    ready = []
    for id, node in nodes.items():
        count = 0
        for link in node.links.values():
            if link.node in nodes:
                readers.setdefault(link.node, []).append(id)
                count += 1
        if count:
            waiting[id] = count
        else:
            ready.append(id)
    for id in ready:  # grows while it is read
        for reader in readers.get(id, ()):
            waiting[reader] -= 1
            if not waiting[reader]:
                ready.append(reader)
    return ready


def cycle(left: Mapping[str, Node]) -> list[str]:
    """The ids along one cycle, the first repeated at the end, of nodes that ``topological`` left out."""
    here = next(iter(left))
    path: list[str] = []
    seen: dict[str, int] = {}
    while here not in seen:
        seen[here] = len(path)
        path.append(here)
        here = next(link.node for link in left[here].links.values() if link.node in left)
    return [*path[seen[here] :], here][::-1]


def ancestors(nodes: Mapping[str, Node], targets: Iterable[str]) -> set[str]:
    """The targets and everything they depend on."""
    found: set[str] = set()
    pending = [id for id in targets if id in nodes]
    while pending:
        id = pending.pop()
        if id not in found:
            found.add(id)
            pending += [link.node for link in nodes[id].links.values() if link.node in nodes]
    return found
