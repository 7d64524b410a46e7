"""The plan: what must run to have the targets, what the cache holds, what has to be decided first. Pure.

From the targets back, stopping at every key the cache holds. The order is depth first, so that a value is used soon
after it was made and its memory can be freed early.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from graphengine.execution.keys import Key, Keys
from graphengine.graph.check import Analysis

Cached = Callable[[str, Key], bool]  # node id and key -> whether the cache holds its value
NONE: Mapping[Key, str] = MappingProxyType({})


class Task(NamedTuple):
    """One thing to do.

    Attributes:
        id: The node.
        key: Of what it makes; of its decision when it is to decide.
        decide: Ask a lazy node which inputs it needs, instead of running it.
        after: Nodes of other tasks whose values it reads.
    """

    id: str
    key: Key
    decide: bool
    after: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """What a run will do.

    Attributes:
        tasks: In the order they are preferably done.
        cached: Nodes served from the cache.
        same: Node -> the node of equal key that stands for it.
        waiting: Nodes that cannot be planned before something is decided.
        blocked: Node -> the node that failed in this run, which is why it will not run.
    """

    tasks: Sequence[Task]
    cached: Sequence[str]
    same: Mapping[str, str]
    waiting: Sequence[str]
    blocked: Mapping[str, str] = field(default_factory=dict)


def make_plan(
    analysis: Analysis, keys: Keys, targets: Iterable[str], cached: Cached, failed: Mapping[Key, str] = NONE
) -> Plan:
    """Plan the targets.

    Args:
        failed: Keys of what failed in an earlier round, and the nodes: they and what depends on them are left out.
    """
    nodes, of = analysis.workflow.nodes, keys.of
    tasks: list[Task] = []
    held: list[str] = []
    same: dict[str, str] = {}
    waiting: list[str] = []
    blocked: dict[str, str] = {}
    by_key: dict[Key, str] = {}
    entered: dict[str, tuple[str, ...] | None] = {}  # node -> what it needs; None when it is served
    stack = list(targets)[::-1]
    while stack:
        id = stack[-1]
        if id not in entered:
            key = of.get(id)
            if key is not None and by_key.setdefault(key, id) != id:
                same[id] = by_key[key]
                entered[id] = None
            elif key is not None and cached(id, key):
                held.append(id)
                entered[id] = None
            else:
                entered[id] = sources = needs(id, analysis, keys)
                stack += [source for source in sources[::-1] if source not in entered and source in nodes]
            continue
        stack.pop()
        needed = entered[id]
        if needed is None:
            continue
        entered[id] = None
        key = of.get(id) or keys.open.get(id)
        by = _blocked_by(key, needed, failed, blocked, same) if failed else None
        if by is not None:
            blocked[id] = by
        elif key is None:
            waiting.append(id)
        else:
            tasks.append(Task(id, key, analysis.specs[id].lazy and id not in keys.decided, needed))
    return Plan(_among_tasks(tasks, same), held, same, waiting, blocked)


def _blocked_by(
    key: Key | None,
    needed: Iterable[str],
    failed: Mapping[Key, str],
    blocked: Mapping[str, str],
    same: Mapping[str, str],
) -> str | None:
    """The node that failed and that a node has the key of, or needs."""
    if key is not None and key in failed:
        return failed[key]
    return next((blocked[source] for id in needed if (source := same.get(id, id)) in blocked), None)


def needs(id: str, analysis: Analysis, keys: Keys) -> tuple[str, ...]:
    """The nodes it reads; of lazy inputs only those known to be needed."""
    node, spec = analysis.workflow.nodes[id], analysis.specs.get(id)
    if spec is None or not spec.lazy:
        return tuple([link.node for link in node.links.values()])
    left = spec.lazy_inputs - keys.needed.get(id, frozenset())
    return tuple([link.node for name, link in node.links.items() if name not in left])


def _among_tasks(tasks: list[Task], same: Mapping[str, str]) -> list[Task]:
    """The tasks with ``after`` naming only other tasks."""
    made = {task.id for task in tasks if not task.decide}
    if same:
        renamed = ((task, [same.get(source, source) for source in task.after]) for task in tasks)
        return [Task(t.id, t.key, t.decide, tuple([s for s in after if s in made])) for t, after in renamed]
    return [
        t if made.issuperset(t.after) else Task(t.id, t.key, t.decide, tuple([s for s in t.after if s in made]))
        for t in tasks
    ]
