"""Node kinds that add numbers, and engines made of them: enough to test running without any pack."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from graphengine.api import (
    LAZY,
    Choices,
    Expansion,
    Exposed,
    Files,
    Interface,
    Link,
    Many,
    Node,
    NodeError,
    Progress,
    Range,
    Results,
    Workflow,
    node,
)
from graphengine.engine import Engine
from graphengine.graph.node import derive
from graphengine.graph.registry import registry_of
from graphengine.settings import Settings


@node()
def Number(value: float = 0.0) -> float:
    return value


@node()
def Add(a: float = 0.0, b: float = 0.0, offset: int = 0) -> float:
    return a + 2 * b + offset


@node(resource="device")
def Scale(a: float, by: Annotated[float, Range(-100, 100)] = 2.0) -> float:
    return a * by


@node(needs=lambda on, a=None, b=None: ["a"] if on else ["b"])
def Switch(on: float, a: Annotated[float, LAZY] = 0.0, b: Annotated[float, LAZY] = 0.0) -> float:
    return a if on else b


@node(output=True)
def Show(value: Any, *, results: Results) -> None:
    results.add("text", repr(value))


@node()
def Count(to: int) -> Many[float]:
    return [float(i) for i in range(to)]


@node()
def Sum(values: Many[float]) -> float:
    return sum(values)


@node()
def Fail(a: float = 0.0) -> float:
    raise NodeError(f"It cannot work with {a}.", "Give it something else.", input="a")


@node()
def AddTwice(a: float, b: float) -> float | Expansion:
    """a + 2b + 2b, as a workflow of two nodes."""
    inner = {"first": Node("Add", {}), "second": Node("Add", {"a": Link("first", "float")})}
    inputs = {"a": (Exposed("first", "a"),), "b": (Exposed("first", "b"), Exposed("second", "b"))}
    return Expansion(Workflow(inner, Interface(inputs, {"float": Link("second", "float")})))


@node(resource="io")
async def Later(a: float) -> float:
    await asyncio.sleep(0.01)
    return a


@node()
def Steps(a: float = 0.0, steps: int = 3, *, progress: Progress) -> float:
    for step in range(steps):
        progress.step(step + 1, steps)
    return a


@node()
def Read(name: Annotated[str, Choices("input")], *, files: Files) -> float:
    return float(files.input(name).read_text())


KINDS: tuple[Callable[..., Any], ...] = (
    Number, Add, Scale, Switch, Show, Count, Sum, Fail, AddTwice, Later, Steps, Read,
)  # fmt: skip


def engine(folder: Path, *extra: Callable[..., Any], code: dict[str, str] | None = None, **settings: Any) -> Engine:
    """An engine of these kinds.

    Args:
        code: Kind -> another code digest, as if its code had changed.
    """
    functions = {derive(function).kind: function for function in (*KINDS, *extra)}
    specs = [replace(derive(f), code=(code or {}).get(kind, "")) for kind, f in functions.items()]
    chosen = {"home": folder, "cache": False, "cache_seconds": 0.0, **settings}
    return Engine(Settings(**chosen), registry_of(specs), functions)


def link(node: str, output: str = "float") -> Link:
    return Link(node, output)


def chain(**inputs: Any) -> Workflow:
    """A number, what is added to it, and an output."""
    return Workflow(
        {
            "n": Node("Number", {"value": 3.0}),
            "add": Node("Add", {"a": link("n"), "b": 1.0, **inputs}),
            "show": Node("Show", {"value": link("add")}),
        }
    )
