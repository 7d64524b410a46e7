"""Put the workflows that expanding nodes returned into their places. Pure.

The mechanism is that of sub-workflows: the node becomes an instance of the returned workflow, and unfolding does the
rest, so inner nodes are called ``outer:inner`` and what they make is cached like anything else.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from graphengine.execution.keys import Decisions, Key
from graphengine.graph.spec import NodeSpec
from graphengine.graph.workflow import SUBWORKFLOW, Workflow


def expand(
    workflow: Workflow, specs: Mapping[str, NodeSpec], open: Mapping[str, Key], decisions: Decisions
) -> tuple[Workflow, dict[str, Workflow]]:
    """The workflow with every decided expansion as an instance of a sub-workflow, and those by node id."""
    found: dict[str, Workflow] = {}
    for id, key in open.items():
        expansion = decisions.expansion(key) if specs[id].expands else None
        if expansion is not None:
            found[id] = expansion
    if not found:
        return workflow, found
    nodes = {
        id: replace(node, kind=f"{SUBWORKFLOW}expansion:{id}") if id in found else node
        for id, node in workflow.nodes.items()
    }
    named = {f"expansion:{id}": expansion for id, expansion in found.items()}
    return replace(workflow, nodes=nodes, workflows={**workflow.workflows, **named}), found


def expanded_targets(
    targets: Iterable[str], found: Mapping[str, Workflow], flat: Workflow, specs: Mapping[str, NodeSpec]
) -> list[str]:
    """The targets, where one that expanded stands for its output nodes and the nodes its interface gives."""
    result: list[str] = []
    for target in targets:
        if target not in found:
            result.append(target)
            continue
        given = {f"{target}:{link.node}" for link in found[target].interface.outputs.values()}
        inner = [id for id in flat.nodes if id.startswith(f"{target}:")]
        result += [id for id in inner if id in given or (id in specs and specs[id].output)]
    return result
