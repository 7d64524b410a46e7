"""Orders of a flat workflow: sources before readers, cycles with their path, what a node needs."""

from collections.abc import Iterable, Iterator, Mapping

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


def cycles(left: Mapping[str, Node]) -> Iterator[list[str]]:
    """Cycles without a node in common, of nodes that ``topological`` left out, in linear time.

    Each is the ids along it, the first repeated at the end. What is on a cycle that was told, or only behind such, is
    on none that follows.
    """
    there = dict.fromkeys(left)
    linked = {id: [link.node for link in node.links.values() if link.node in there] for id, node in left.items()}
    sources = {id: iter(found) for id, found in linked.items()}  # what was looked at once is not looked at again
    waiting = {id: len(found) for id, found in linked.items()}
    readers: dict[str, list[str]] = {}
    for id, found in linked.items():
        for source in found:
            readers.setdefault(source, []).append(id)
    for start in left:
        path = [start] if start in there else []
        place = {start: 0}
        while path:
            here = next(source for source in sources[path[-1]] if source in there)
            if here not in place:
                place[here] = len(path)
                path.append(here)
                continue
            yield [*path[place[here] :], here][::-1]
            gone = path[place[here] :]
            while gone:
                id = gone.pop()
                if id in there:
                    del there[id]
                    for reader in readers.get(id, ()):
                        waiting[reader] -= 1
                        gone += [reader] if not waiting[reader] else []
            while path and path[-1] not in there:
                del place[path.pop()]


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
