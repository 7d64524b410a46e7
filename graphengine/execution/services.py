"""What a node gets besides its ports: keyword-only parameters, asked for by type.

    progress: Progress       report steps; cancel reaches in here
    results: Results         what people see of a run: saved files, texts
    provenance: Provenance   the workflow as text, for files that carry it
    memory: Memory           whether to make do with less

Any other class with ``create(settings)`` is a service too: one of it is made for each engine when first asked for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphengine.graph.errors import Cancelled


@dataclass(frozen=True)
class Progress:
    """Reports how far a node is, and stops it when the run was cancelled.

    Attributes:
        report: Takes what ``step`` does, and only reports.
        cancelled: Whether the run was cancelled.
        say: Shows people a text while the node runs, in the place of the last one.
    """

    report: Callable[[int, int, Any], None] = lambda done, total, preview: None
    cancelled: Callable[[], bool] = lambda: False
    say: Callable[[str], None] = lambda text: None

    def step(self, done: int, total: int, preview: Any = None) -> None:
        """Say that ``done`` of ``total`` steps are done.

        Args:
            preview: A picture of the work so far (what kind, the pack and the listener agree upon), or None.

        Raises:
            Cancelled: The run was cancelled.
        """
        self.check()
        self.report(done, total, preview)

    def check(self) -> None:
        """Raise ``Cancelled`` when the run was cancelled."""
        if self.cancelled():
            raise Cancelled


@dataclass(frozen=True)
class Results:
    """What a node shows people: by kind (``images``, ``text``, ...) a list of plain data. Cached with its value."""

    items: dict[str, list[Any]] = field(default_factory=dict)

    def add(self, kind: str, *items: Any) -> None:
        """Add items (JSON data, or a ``FileRef``) of one kind."""
        self.items.setdefault(kind, []).extend(items)


@dataclass(frozen=True)
class Provenance:
    """The workflow that a file comes from, as texts by key (``prompt``, ``workflow``); empty when switched off."""

    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Memory:
    """Whether memory ran out at the first try, so that the node should work in smaller pieces."""

    tight: bool = False
