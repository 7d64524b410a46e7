"""Where nodes stand when nobody has placed them: in columns, every node right of all that it is linked to."""

from collections import deque
from collections.abc import Mapping
from statistics import fmean

from graphengine.graph.workflow import Workflow

COLUMN_GAP, ROW_GAP = 90, 40
SWEEPS = 4

Size = tuple[float, float]
Point = tuple[float, float]


def place(workflow: Workflow, sizes: Mapping[str, Size]) -> dict[str, Point]:
    """The upper left corner of every node, for nodes of these sizes (width, height).

    A column is a longest path from the sources; within it nodes stand near what they are linked to. Nodes of a circle
    stand in the last column.
    """
    sources = {id: _sources(workflow, id) for id in workflow.nodes}
    targets: dict[str, list[str]] = {id: [] for id in workflow.nodes}
    for id, linked in sources.items():
        for source in linked:
            targets[source].append(id)
    columns = _columns(sources, targets)
    corners: dict[str, Point] = {}
    x = 0.0
    for column in _untangled(columns, sources, targets):
        y = 0.0
        for id in column:
            corners[id] = (x, y)
            y += sizes[id][1] + ROW_GAP
        x += max(sizes[id][0] for id in column) + COLUMN_GAP
    return corners


def _sources(workflow: Workflow, id: str) -> list[str]:
    linked = dict.fromkeys(link.node for link in workflow.nodes[id].links.values())
    return [source for source in linked if source in workflow.nodes]


def _columns(sources: Mapping[str, list[str]], targets: Mapping[str, list[str]]) -> list[list[str]]:
    column = dict.fromkeys(sources, 0)
    missing = {id: len(linked) for id, linked in sources.items()}
    ready = deque(id for id, count in missing.items() if count == 0)
    ordered: list[str] = []
    while ready:
        id = ready.popleft()
        ordered.append(id)
        for target in targets[id]:
            column[target] = max(column[target], column[id] + 1)
            missing[target] -= 1
            if missing[target] == 0:
                ready.append(target)
    for id in reversed(ordered):  # a source stands just left of its first target, not at the far left
        right = [column[target] for target in targets[id] if missing[target] == 0]
        column[id] = min(right) - 1 if right else column[id]
    last = max(column.values(), default=0) + 1
    found: list[list[str]] = [[] for _ in range(last + 1)]
    for id in sources:
        found[column[id] if missing[id] == 0 else last].append(id)
    return [ids for ids in found if ids]


def _untangled(
    columns: list[list[str]], sources: Mapping[str, list[str]], targets: Mapping[str, list[str]]
) -> list[list[str]]:
    """The columns, each ordered by the mean height of what its nodes are linked to; a few sweeps to and fro."""
    height = {id: row / len(column) for column in columns for row, id in enumerate(column)}
    for sweep in range(SWEEPS):
        forth = sweep % 2 == 0
        beside = sources if forth else targets
        for column in columns if forth else columns[::-1]:
            means = {id: fmean(height[other] for other in beside[id]) if beside[id] else height[id] for id in column}
            column.sort(key=means.__getitem__)
            height.update((id, row / len(column)) for row, id in enumerate(column))
    return columns
