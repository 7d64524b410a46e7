"""Progress of a run on stderr: a bar with steps and time left on a terminal, plain lines otherwise."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from graphengine.cli.common import note
from graphengine.execution.events import Event, OnEvent
from graphengine.graph.workflow import Workflow

EVERY = 10.0  # seconds between two lines of one node


@contextmanager
def display(workflow: Workflow) -> Iterator[OnEvent]:
    """A listener that shows events while the block runs."""
    if sys.stderr.isatty():
        with _bars(workflow) as listener:
            yield listener
    else:
        yield _Lines(workflow)


class _Lines:
    """How far a node is that takes long, now and then; one line when it is done."""

    def __init__(self, workflow: Workflow) -> None:
        self.workflow = workflow
        self.told: dict[str, float] = {}  # node -> when it began, or was last told of

    def __call__(self, event: Event) -> None:
        if event.kind == "started":
            self.told[event.node] = event.time
        elif event.kind == "progress" and event.time - self.told.get(event.node, 0.0) >= EVERY:
            self.told[event.node] = event.time
            note(f"{_name(self.workflow, event.node)}: {event.data['done']} of {event.data['total']}")
        elif event.kind == "finished" and event.data["seconds"] >= 0.1:
            note(f"{_name(self.workflow, event.node)}: {event.data['seconds']:.2f} s")
        elif event.kind == "retried":
            note(f"{_name(self.workflow, event.node)}: {event.data['reason']}; trying again with less memory")


@contextmanager
def _bars(workflow: Workflow) -> Iterator[OnEvent]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}", markup=False),  # titles are people's: brackets are brackets
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        total = progress.add_task("nodes", total=None)
        tasks: dict[str, int] = {}

        def listen(event: Event) -> None:
            if event.kind == "planned":
                progress.update(total, total=len(event.data["run"]) + len(event.data["waiting"]))
            elif event.kind == "progress":
                if event.node not in tasks:
                    tasks[event.node] = progress.add_task(_name(workflow, event.node), total=event.data["total"])
                progress.update(tasks[event.node], completed=event.data["done"])  # type: ignore[arg-type]
            elif event.kind in ("finished", "failed"):
                progress.advance(total)
                if event.node in tasks:
                    progress.remove_task(tasks.pop(event.node))  # type: ignore[arg-type]

        yield listen


def _name(workflow: Workflow, id: str) -> str:
    node = workflow.nodes.get(id)
    return (node.title or node.kind) if node else id
