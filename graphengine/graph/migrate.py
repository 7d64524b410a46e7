"""Documents of older packs, brought up to date: kinds that were renamed, inputs and outputs whose meaning changed.

A migration is data of the pack's manifest, so a document can be read without running the pack's code:

    [[migrate]]
    kind = "Blur"
    version = 2                                   # what the node's inputs become; NodeSpec.version
    rename = { size = "radius" }                  # inputs
    outputs = { picture = "image" }               # outputs, in the links that lead away
    values = { mode = { fast = "box" } }          # literals, by input (its new name)
    add = { sigma = 1.0 }                         # literals that older documents lack
    remove = ["seed"]
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from graphengine.graph.workflow import Exposed, Interface, Link, Node, Workflow


@dataclass(frozen=True)
class Migration:
    """What brings a node of one kind from the version before to ``version``; see the module for the fields."""

    kind: str
    version: int
    rename: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    add: Mapping[str, Any] = field(default_factory=dict)
    remove: Sequence[str] = ()

    def inputs(self, before: Mapping[str, Any]) -> dict[str, Any]:
        """The inputs as this version has them."""
        after = {self.rename.get(name, name): value for name, value in before.items() if name not in self.remove}
        for name, known in self.values.items():
            if isinstance(after.get(name), str) and after[name] in known:
                after[name] = known[after[name]]
        return {**self.add, **after}


Migrations = Mapping[str, Sequence[Migration]]  # kind -> its migrations, oldest first


def migrate(workflow: Workflow, renamed: Mapping[str, str], migrations: Migrations) -> Workflow:
    """The workflow with every node at its kind's version; itself if all are.

    Args:
        renamed: Old kind -> the kind that took its place.
    """
    subs = {name: migrate(sub, renamed, migrations) for name, sub in workflow.workflows.items()}
    kinds = {id: _renamed(node.kind, renamed) for id, node in workflow.nodes.items() if node.kind in renamed}
    known = {id: migrations.get(kinds.get(id, node.kind), ()) for id, node in workflow.nodes.items()}
    steps = {
        id: [step for step in known[id] if step.version > node.version]
        for id, node in workflow.nodes.items()
        if known[id] and known[id][-1].version > node.version
    }
    if not steps and not kinds and all(subs[name] is sub for name, sub in workflow.workflows.items()):
        return workflow
    outputs = {(id, old): new for id, found in steps.items() for step in found for old, new in step.outputs.items()}
    nodes = {
        id: _relinked(_stepped(node, kinds.get(id, node.kind), steps.get(id, ())), outputs)
        for id, node in workflow.nodes.items()
    }
    return replace(workflow, nodes=nodes, workflows=subs, interface=_interface(workflow.interface, steps, outputs))


def _renamed(kind: str, renamed: Mapping[str, str]) -> str:
    """The newest name, through any number of renamings."""
    for _ in renamed:
        kind = renamed.get(kind, kind)
    return kind


def _stepped(node: Node, kind: str, steps: Sequence[Migration]) -> Node:
    inputs = dict(node.inputs)
    for step in steps:
        inputs = step.inputs(inputs)
    return replace(node, kind=kind, inputs=inputs, version=steps[-1].version if steps else node.version)


def _relinked(node: Node, outputs: Mapping[tuple[str, str], str]) -> Node:
    if not any((link.node, link.output) in outputs for link in node.links.values()):
        return node
    return replace(node, inputs={name: _link(value, outputs) for name, value in node.inputs.items()})


def _link(value: Any, outputs: Mapping[tuple[str, str], str]) -> Any:
    if type(value) is not Link:
        return value
    return replace(value, output=outputs.get((value.node, value.output), value.output))


def _interface(
    interface: Interface, steps: Mapping[str, Sequence[Migration]], outputs: Mapping[tuple[str, str], str]
) -> Interface:
    def input_name(target: Exposed) -> str:
        name = target.input
        for step in steps.get(target.node, ()):
            name = step.rename.get(name, name)
        return name

    return replace(
        interface,
        inputs={
            name: tuple(replace(target, input=input_name(target)) for target in targets)
            for name, targets in interface.inputs.items()
        },
        outputs={name: _link(link, outputs) for name, link in interface.outputs.items()},
    )
