"""Nodes that do what a node may do to the process it runs in."""

import os
import signal
import time
from typing import Annotated

from graphengine.api import (
    Expansion,
    Files,
    Interface,
    Link,
    Node,
    NodeError,
    PortType,
    Progress,
    Results,
    Workflow,
    node,
    write_aside,
)


@node(category="acts", output=True)
def Say(text: str = "hello", *, results: Results) -> str:
    """Show a text, and print another."""
    print("printed by a node")
    results.add("text", text)
    return text


@node(category="acts")
def Add(a: int = 0, b: int = 0) -> int:
    """The sum."""
    return a + b


@node(category="acts", output=True)
def Work(seconds: float = 0.1, after: int = 0, *, progress: Progress, results: Results) -> float:
    """Take steps of a hundredth of a second each, with previews."""
    steps = round(seconds * 100)
    for step in range(steps):
        time.sleep(0.01)
        progress.step(step + 1, steps, memoryview(bytes([step % 256] * 12)).cast("B", (2, 2, 3)))
    results.add("text", f"worked {seconds}")
    return seconds


@node(category="acts", output=True)
def Grow(seconds: float = 0.1) -> float | Expansion:
    """Have another node work in its place."""
    inner = {"inner": Node("acts/Work", {"seconds": seconds})}
    return Expansion(Workflow(inner, Interface(outputs={"float": Link("inner", "float")})))


@node(category="acts", output=True)
def Pause(after: int = 0, *, progress: Progress) -> int:
    """Take the first of two steps, with its preview, and then rest until it is stopped."""
    progress.step(1, 2, memoryview(bytes(12)).cast("B", (2, 2, 3)))
    while True:
        time.sleep(0.01)
        progress.check()


@node(category="acts", output=True)
def Fall(number: int = signal.SIGKILL, after: int = 0) -> int:
    """End the process by a signal."""
    os.kill(os.getpid(), number)
    time.sleep(60)
    return number


@node(category="acts", output=True)
def Fail(after: int = 0) -> int:
    """Fail with an error that nobody foresaw."""
    raise ZeroDivisionError("one over nothing")


@node(category="acts", output=True)
def Refuse(after: int = 0) -> int:
    """Fail with an error that says what to do."""
    raise NodeError("It is refused.", "Ask for something else.", input="after")


@node(category="acts", output=True)
def Hang(after: int = 0) -> int:
    """Never return, whatever is asked."""
    while True:
        time.sleep(1)


@node(category="acts", output=True)
def Save(bytes: int = 1, *, files: Files, results: Results) -> int:
    """Save a file of so many bytes, as pictures are saved."""
    [(path, ref)] = files.reserve("saved", ".bin")
    write_aside(path, b"x" * bytes)
    results.add("files", ref)
    return bytes


@node(category="acts")
def Odd(text: str = "") -> Annotated[object, PortType("ODD")]:
    """A value whose look fails when it is empty, and is no end of things otherwise."""
    return text


@node(category="acts", output=True)
def See(value: Annotated[object, PortType("ODD")]) -> str:
    """Take it."""
    return "seen"


@node(output=True)
def Mumble(*, progress: Progress) -> int:
    """Show what is no picture, and say half a character."""
    progress.step(1, 2, "no picture")
    time.sleep(0.15)
    progress.say("half \ud83d")
    time.sleep(0.05)
    return 1
