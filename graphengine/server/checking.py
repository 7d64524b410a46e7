"""What is wrong with a workflow, and what of it can be had all the same."""

from collections.abc import Sequence

import msgspec

from graphengine.graph.check import Analysis
from graphengine.graph.infer import Facts
from graphengine.graph.order import ancestors
from graphengine.graph.problem import Problem


class Output(msgspec.Struct, frozen=True):
    """A node to run to: its id, whether it can be, and the positions of the problems that it would meet."""

    node: str
    runs: bool
    problems: list[int]


class FactView(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is known of an output before anything runs.

    Attributes:
        size: Width and height of its pictures, in pixels also for latents.
        family: Name of the model family that it belongs to.
    """

    size: tuple[int, int] | None = None
    family: str | None = None


class Checked(msgspec.Struct, frozen=True):
    """All problems, the nodes to run to, and by node and output what is known before anything runs."""

    problems: list[Problem]
    outputs: list[Output]
    facts: dict[str, dict[str, FactView]]


def checked(analysis: Analysis, wanted: Sequence[str], facts: Facts) -> Checked:
    """What checking found, told for each node to run to."""
    problems = list(analysis.problems)
    return Checked(problems, [_output(analysis, id, problems) for id in wanted], fact_views(facts))


def fact_views(facts: Facts) -> dict[str, dict[str, FactView]]:
    """Facts as clients see them: what has neither size nor family is left out."""
    told = {
        node: {name: FactView(fact.size, fact.family) for name, fact in outputs.items() if fact.size or fact.family}
        for node, outputs in facts.items()
    }
    return {node: outputs for node, outputs in told.items() if outputs}


def _output(analysis: Analysis, id: str, problems: Sequence[Problem]) -> Output:
    needed = ancestors(analysis.workflow.nodes, [id]) if problems else ()
    met = [place for place, problem in enumerate(problems) if not problem.node or problem.node in needed]
    return Output(id, not met, met)
