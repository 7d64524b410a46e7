"""Put the workflows that expanding nodes returned into their places. Pure.

The mechanism is that of sub-workflows: the node becomes an instance of the returned workflow, and unfolding does the
rest, so inner nodes are called ``outer:inner`` and what they make is cached like anything else.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from graphengine.execution.keys import Decisions, Key
from graphengine.graph import document
from graphengine.graph.errors import CheckError, DocumentError, NodeError
from graphengine.graph.spec import MISSING, NodeSpec
from graphengine.graph.workflow import SUBWORKFLOW, Link, Node, Workflow


def accepted(returned: object, spec: NodeSpec) -> Workflow:
    """The workflow that a node returned, as a document holds it.

    Raises:
        NodeError: It is none, it holds something that no document can, or it lacks an output of the node.
    """
    if not isinstance(returned, Workflow):
        raise NodeError(f"It returned an expansion of {type(returned).__name__}.", "Have it expand to a Workflow.")
    try:
        workflow = document.from_json(json.loads(json.dumps(document.to_json(returned), allow_nan=False)))
    except (TypeError, ValueError, AttributeError, RecursionError, DocumentError) as error:
        message = f"It returned a workflow that is no plain data: {str(error).rstrip('.')}."
        raise NodeError(message, "Give its nodes JSON data and links; hand values in by its interface.") from error
    missing = [port.name for port in spec.outputs if port.name not in workflow.interface.outputs]
    if missing:
        message = f"It returned a workflow whose interface has no output '{missing[0]}'."
        raise NodeError(message, f"Have the interface give {', '.join(port.name for port in spec.outputs)}.")
    return workflow


def why_unfit(id: str, error: CheckError | DocumentError) -> NodeError:
    """Why what a node returned cannot take its place: the first problem that is its own."""
    problems = error.problems if isinstance(error, CheckError) else ()
    own = [problem for problem in problems if problem.node.startswith(f"{id}:")] or problems
    message, cure = (own[0].message, own[0].cure) if own else (error.message, error.cure)
    return NodeError(f"The workflow that it returned cannot take its place: {message}", cure)


class Known(NamedTuple):
    """What a node is known to return, and the key that it is kept under."""

    key: Key
    workflow: Workflow


def known_expansions(specs: Mapping[str, NodeSpec], open: Mapping[str, Key], decisions: Decisions) -> dict[str, Known]:
    """By node, for those that have returned a workflow."""
    asked = {id: (key, decisions.expansion(key)) for id, key in open.items() if specs[id].expands}
    return {id: Known(key, workflow) for id, (key, workflow) in asked.items() if workflow is not None}


def expand(workflow: Workflow, specs: Mapping[str, NodeSpec], found: Mapping[str, Workflow]) -> Workflow:
    """The workflow with every expansion as an instance of a sub-workflow."""
    nodes = {id: _named(node, specs, found) for id, node in workflow.nodes.items()}
    for id in found:
        inputs = {**_defaults(specs[id]), **nodes[id].inputs}
        nodes[id] = replace(nodes[id], kind=f"{SUBWORKFLOW}expansion:{id}", inputs=inputs)
    interface = workflow.interface
    outputs = {name: _by_name(link, specs, found) for name, link in interface.outputs.items()}
    named = {f"expansion:{id}": expansion for id, expansion in found.items()}
    return replace(
        workflow,
        nodes=nodes,
        interface=replace(interface, outputs=outputs),
        workflows={**workflow.workflows, **named},
    )


def _defaults(spec: NodeSpec) -> dict[str, Any]:
    """What a node's function would be called with where the document says nothing."""
    plain = {
        port.name: port.default
        for port in spec.inputs
        if port.default is not MISSING and port.default is not None and not port.link_only
    }
    return {name: list(value) if isinstance(value, tuple) else value for name, value in plain.items()}


def _named(node: Node, specs: Mapping[str, NodeSpec], found: Mapping[str, Workflow]) -> Node:
    """The node with its links to nodes that expanded by name: an interface has no positions."""
    links = {name: _by_name(link, specs, found) for name, link in node.links.items() if link.node in found}
    return replace(node, inputs={**node.inputs, **links}) if links else node


def _by_name(link: Link, specs: Mapping[str, NodeSpec], found: Mapping[str, Workflow]) -> Link:
    port = specs[link.node].output_port(link.output) if link.node in found else None
    return link if port is None else replace(link, output=port.name)


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
