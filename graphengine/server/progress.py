"""How far the nodes of a job that runs are, folded from its events: what a page that was reloaded shows at once."""

from typing import Literal

import msgspec

from graphengine.execution.events import Event

NodeState = Literal["waiting", "running", "done", "cached", "failed", "blocked"]

# kind of event -> what its node is then
STATES: dict[str, NodeState] = {
    "started": "running", "finished": "done", "cached": "cached", "failed": "failed", "blocked": "blocked",
}  # fmt: skip


class NodeProgress(msgspec.Struct, frozen=True, omit_defaults=True):
    """A node of a job.

    Attributes:
        state: Where it is.
        done, total: Steps, while it runs and tells them.
        seconds: How long it took.
    """

    state: NodeState
    done: float | None = None
    total: float | None = None
    seconds: float | None = None


def note(nodes: dict[str, NodeProgress], event: Event) -> None:
    """Bring the nodes up to date with an event."""
    if event.kind == "planned":  # again, when a node grew others: those that have begun stay as they are
        for id in event.data["cached"]:
            nodes.setdefault(id, NodeProgress("cached"))
        for id in event.data["run"]:
            nodes.setdefault(id, NodeProgress("waiting"))
    elif event.kind == "progress":
        nodes[event.node] = NodeProgress("running", event.data["done"], event.data["total"])
    elif event.kind in STATES:
        nodes[event.node] = NodeProgress(STATES[event.kind], seconds=event.data.get("seconds"))
