"""What is wrong with a workflow, and what of it can be had all the same."""

from collections.abc import Sequence

import msgspec

from graphengine.graph.check import Analysis
from graphengine.graph.order import ancestors
from graphengine.graph.problem import Problem


class Output(msgspec.Struct, frozen=True):
    """A node to run to: its id, whether it can be, and the positions of the problems that it would meet."""

    node: str
    runs: bool
    problems: list[int]


class Checked(msgspec.Struct, frozen=True):
    """All problems, and the nodes to run to."""

    problems: list[Problem]
    outputs: list[Output]


def checked(analysis: Analysis, wanted: Sequence[str]) -> Checked:
    """What checking found, told for each node to run to."""
    problems = list(analysis.problems)
    return Checked(problems, [_output(analysis, id, problems) for id in wanted])


def _output(analysis: Analysis, id: str, problems: Sequence[Problem]) -> Output:
    needed = ancestors(analysis.workflow.nodes, [id]) if problems else ()
    met = [place for place, problem in enumerate(problems) if not problem.node or problem.node in needed]
    return Output(id, not met, met)
