"""The nodes that a run goes to, and the problems in its way. Pure."""

from collections.abc import Iterable, Sequence

from graphengine.graph.check import Analysis
from graphengine.graph.errors import CallError, CheckError
from graphengine.graph.order import ancestors
from graphengine.graph.problem import Problem
from graphengine.graph.workflow import Workflow


def targets_of(analysis: Analysis, names: Iterable[str] | None, edited: Workflow) -> list[str]:
    """The nodes named (ids or titles), else the output nodes, else what the interface gives.

    Args:
        edited: The workflow as people edit it, to tell of a node there why it is none to run to.

    Raises:
        CallError: There is no node of such a name.
        CheckError: Nothing is named and the workflow has no output.
    """
    flat = analysis.workflow
    if names is not None:
        return [_target(name, flat, edited) for name in names]
    found = all_targets(analysis)
    if not found and not analysis.problems:
        problem = Problem("no_output", "", "", "The workflow has no output node.", "Add one, such as SaveImage.")
        raise CheckError([problem])
    return found


def all_targets(analysis: Analysis) -> list[str]:
    """The output nodes, else what the interface gives."""
    found = [id for id, spec in analysis.specs.items() if spec.output]
    return found or list(dict.fromkeys(link.node for link in analysis.workflow.interface.outputs.values()))


def _target(name: str, flat: Workflow, edited: Workflow) -> str:
    """The id of the node to run to.

    Raises:
        CallError: There is none of that name, it is muted or bypassed, or other nodes stand for it in a run.
    """
    try:
        return flat.find(name)
    except CallError:
        try:
            id = edited.find(name)
        except CallError:
            id = ""
        node = edited.nodes.get(id)
        if node is None or id in flat.nodes:
            raise
    if node.mode != "on":
        raise CallError(f"Node '{name}' is {node.mode}, so it does not run.", "Name another, or switch it on.")
    inner = [f"'{one}'" for one in flat.nodes if one.startswith(f"{id}:")]
    cure = f"Name a node in it: {', '.join(inner[:12])}." if inner else "It has no nodes; name another."
    raise CallError(f"Node '{name}' is a sub-workflow, which is not run as one.", cure)


def in_the_way(analysis: Analysis, targets: Sequence[str]) -> Sequence[Problem]:
    """The problems where the targets need something; all of them if there are no targets."""
    if not analysis.problems or not targets:
        return analysis.problems
    needed = ancestors(analysis.workflow.nodes, targets)
    return [problem for problem in analysis.problems if not problem.node or problem.node in needed]
