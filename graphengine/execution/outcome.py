"""How a run ended, and how a node failed: plain data."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Failure:
    """A node that failed.

    Attributes:
        node, kind, input: Where.
        message, cure: What was wrong, and what to do.
        trace: For whoever mends the node.
    """

    node: str
    kind: str
    message: str
    cure: str = ""
    input: str = ""
    trace: str = ""

    def __str__(self) -> str:
        where = f"node '{self.node}' ({self.kind})" + (f": input '{self.input}'" if self.input else "")
        return f"{where}: {self.message}" + (f"\n  {self.cure}" if self.cure else "")


@dataclass
class Outcome:
    """How a run ended.

    Attributes:
        status: ``done``, ``failed`` or ``cancelled``.
        ran, cached: Node ids, in the order they finished.
        failures: Nodes that failed.
        blocked: Nodes that could not run because of them.
        results: Target id -> what it showed people.
        values: Target id -> its outputs.
        took: Node id -> seconds, for the nodes that ran.
        seconds: From start to end.
    """

    status: str = "done"
    ran: list[str] = field(default_factory=list)
    cached: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    blocked: list[str] = field(default_factory=list)
    results: dict[str, dict[str, list[Any]]] = field(default_factory=dict)
    values: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    took: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def unfinished(self) -> dict[str, str]:
        """Node id -> ``failed`` or ``blocked``, for those that were."""
        failed = dict.fromkeys((failure.node for failure in self.failures), "failed")
        return {**dict.fromkeys(self.blocked, "blocked"), **failed}
