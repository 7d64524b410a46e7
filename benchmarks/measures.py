"""A figure that a benchmark measured, beside its goal, and how figures are shown."""

import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Measure:
    """One figure.

    Attributes:
        name: What was measured.
        value: In ``unit``; less is better.
        unit: s, ratio, GB, ...
        goal: At most this, or None where the figure only informs.
        peer: The same figure of another library, or None.
    """

    name: str
    value: float
    unit: str
    goal: float | None = None
    peer: float | None = None

    @property
    def row(self) -> tuple[str, str, str, str, str]:
        """Name, goal, measured, ratio to the peer, and whether the goal is met."""
        goal = "" if self.goal is None else f"{self.goal:g}"
        ratio = "" if self.peer is None else f"{self.value / self.peer:.2f}"
        met = "" if self.goal is None else "met" if self.value <= self.goal else "missed"
        return self.name, goal, f"{self.value:.3g} {self.unit}", ratio, met


HEAD = ("measure", "goal", "measured", "to peer", "")


def show(measures: Iterable[Measure]) -> None:
    """Print a table."""
    rows = [HEAD, *(measure.row for measure in measures)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def report(measures: Callable[..., Iterable[Measure]], *arguments: object) -> None:
    """Take measures and print them as a table, or as JSON lines when the command line says ``--json``."""
    if "--json" in sys.argv:
        for measure in measures(*arguments):
            print(json.dumps(asdict(measure)), flush=True)
    else:
        show(measures(*arguments))
