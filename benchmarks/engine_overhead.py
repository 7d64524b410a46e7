"""What the engine itself costs: chains of trivial nodes, in microseconds of processor time a node.

    python benchmarks/engine_overhead.py [nodes ...]

Each figure is the best of five. ``again`` runs the same workflow object, ``equal`` an equal one read from JSON (reading
is not counted), ``edited`` one whose last node has another value.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from graphengine.api import Link, Node, Results, Workflow, node
from graphengine.engine import Engine
from graphengine.execution.executor import Outcome
from graphengine.graph import document
from graphengine.graph.node import derive
from graphengine.graph.registry import registry_of
from graphengine.settings import Settings

GOALS = {"first": 50.0, "again": 5.0, "equal": 5.0, "edited": 6.0}
GROWTH = 1.5  # how much dearer a node may be in the long chain
TIMES = 5


@node()
def Increment(a: float = 0.0, by: float = 1.0) -> float:
    return a + by


@node(output=True)
def Show(value: float, *, results: Results) -> None:
    results.add("text", str(value))


def chain(length: int) -> Workflow:
    """``length`` nodes, each linked to the one before, and an output."""
    nodes = {"0": Node("Increment", {"by": 1.0})}
    for i in range(1, length):
        nodes[str(i)] = Node("Increment", {"a": Link(str(i - 1), "float"), "by": 1.0})
    return Workflow({**nodes, "show": Node("Show", {"value": Link(str(length - 1), "float")})})


def measure(length: int) -> dict[str, float]:
    """Case -> microseconds a node."""
    best = dict.fromkeys(GOALS, float("inf"))
    for _ in range(TIMES):
        with tempfile.TemporaryDirectory() as home:
            for case, seconds in cases(length, Path(home)):
                best[case] = min(best[case], seconds / length * 1e6)
    return best


def cases(length: int, home: Path) -> Iterator[tuple[str, float]]:
    """Each case and its seconds, in a new engine."""
    functions = {function.__name__: function for function in (Increment, Show)}
    engine = Engine(Settings(home=home), registry_of(map(derive, functions.values())), functions)
    workflow = chain(length)
    yield "first", timed(lambda: engine.run(workflow), ran=length + 1)
    yield "again", timed(lambda: engine.run(workflow), ran=0)
    equal = document.load(document.save(workflow))
    yield "equal", timed(lambda: engine.run(equal), ran=0)
    edited = workflow.set(f"{length - 1}.by", 2.0)
    yield "edited", timed(lambda: engine.run(edited), ran=2)


def timed(run: Callable[[], Outcome], ran: int) -> float:
    """Seconds of processor time, of a run of so many nodes."""
    began = time.process_time()
    outcome = run()
    seconds = time.process_time() - began
    assert len(outcome.ran) == ran, f"{len(outcome.ran)} nodes ran, not {ran}"
    return seconds


def main() -> None:
    lengths = [int(argument) for argument in sys.argv[1:]] or [1_000, 100_000]
    figures = {length: measure(length) for length in lengths}
    print("µs a node  goal" + "".join(f"{length:>10,}" for length in lengths) + f"   growth (goal {GROWTH})")
    for case, goal in GOALS.items():
        row = [figures[length][case] for length in lengths]
        print(f"{case:<9}{goal:>6.1f}" + "".join(f"{value:>10.1f}" for value in row) + f"{row[-1] / row[0]:>9.2f}")


if __name__ == "__main__":
    main()
