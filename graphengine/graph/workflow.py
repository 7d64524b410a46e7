"""Workflows as frozen data: nodes, links, an interface, sub-workflows, and what editors keep beside the meaning.

Nothing here reads or writes files (``document`` does) or knows what a kind means (``registry`` does). An edit makes a
new workflow that shares all unchanged nodes with the old one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from graphengine.graph.errors import CallError

SUBWORKFLOW = "@"  # kinds that begin with it name a sub-workflow of the document
MODES = ("on", "muted", "bypassed")


@dataclass(frozen=True, slots=True)
class Link:
    """The named output of a node, as the value of an input; fields that this version does not know are ``extra``."""

    node: str
    output: str
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Node:
    """An instance of a kind.

    Attributes:
        kind: Node kind, or ``@name`` for a sub-workflow of the document.
        inputs: Input name -> literal (JSON data) or ``Link``.
        title: What people call this one; empty for the kind's own title.
        mode: ``on``, ``muted`` (left out) or ``bypassed`` (links pass through).
        version: Schema version of the kind that the inputs were written for.
        extra: Fields that this version of the format does not know, kept as they came.
    """

    kind: str
    inputs: Mapping[str, Any] = field(default_factory=dict)
    title: str = ""
    mode: str = "on"
    version: int = 1
    extra: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def links(self) -> dict[str, Link]:
        """Input name -> link, for the linked inputs."""
        return {name: value for name, value in self.inputs.items() if type(value) is Link}

    @cached_property
    def literals(self) -> dict[str, Any]:
        """Input name -> value, for the others."""
        return {name: value for name, value in self.inputs.items() if type(value) is not Link}

    def with_input(self, name: str, value: Any) -> "Node":
        """The same node with one input changed."""
        return replace(self, inputs={**self.inputs, name: value})


def same(one: Node, other: Node) -> bool:
    """Whether two nodes say the same to the letter: unlike ``==``, it tells 1 from 1.0 and from true."""
    return one is other or (one == other and all(map(_alike, map(one.inputs.get, other.inputs), other.inputs.values())))


def _alike(one: Any, other: Any) -> bool:
    """Whether two equal values are of the same types throughout."""
    if isinstance(other, dict):
        return all(_alike(one[key], value) for key, value in other.items())
    if isinstance(other, list):
        return all(map(_alike, one, other))
    return type(one) is type(other) and (other != 0 or str(one) == str(other))  # -0.0 is not 0.0


@dataclass(frozen=True, slots=True)
class Exposed:
    """An input of a node, exposed under a name of the interface; ``extra`` as in ``Link``."""

    node: str
    input: str
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Interface:
    """What a workflow shows outside: the form view, ``--set``, and its use as a sub-workflow.

    Attributes:
        inputs: Name -> the inputs it sets.
        outputs: Name -> the output it gives.
        extra: Fields that this version of the format does not know.
    """

    inputs: Mapping[str, tuple[Exposed, ...]] = field(default_factory=dict)
    outputs: Mapping[str, Link] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Workflow:
    """A graph of nodes.

    Attributes:
        nodes: Id -> node. Ids are for people and links; they never enter a cache key.
        interface: What it shows outside.
        workflows: Name -> sub-workflow, used by nodes of kind ``@name`` (also inside other sub-workflows).
        layout: Positions, groups, notes: what an editor shows and execution ignores.
        lock: Versions and digests of what it was made with.
        extra: Fields that this version of the format does not know.
    """

    nodes: Mapping[str, Node] = field(default_factory=dict)
    interface: Interface = field(default_factory=Interface)
    workflows: Mapping[str, "Workflow"] = field(default_factory=dict)
    layout: Mapping[str, Any] = field(default_factory=dict)
    lock: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)

    def with_node(self, id: str, node: Node) -> "Workflow":
        """The same workflow with one node added or replaced."""
        return replace(self, nodes={**self.nodes, id: node})

    def sharing(self, other: "Workflow") -> "Workflow":
        """The same workflow with the nodes of another one that are the same; the other one if nothing differs.

        What is remembered of nodes is thereby found again after a workflow was read once more.
        """
        if self is other:
            return other
        known = other.nodes
        nodes = {id: known[id] if id in known and same(node, known[id]) else node for id, node in self.nodes.items()}
        subs = {
            name: sub.sharing(other.workflows[name]) if name in other.workflows else sub
            for name, sub in self.workflows.items()
        }
        shared = replace(self, nodes=nodes, workflows=subs)
        return other if _identical(shared, other) else shared

    def find(self, name: str) -> str:
        """The id of a node by id, by title, or by a kind that occurs once.

        Raises:
            CallError: No node, or several, are called that.
        """
        if name in self.nodes:
            return name
        wanted = name.casefold()
        for names in ((n.title for n in self.nodes.values()), (n.kind for n in self.nodes.values())):
            found = [id for id, called in zip(self.nodes, names, strict=True) if called and called.casefold() == wanted]
            if len(found) == 1:
                return found[0]
            if found:
                raise CallError(f"Several nodes are called '{name}': {', '.join(found)}.", "Use the id of one.")
        known = ", ".join(f"{id} ({node.title or node.kind})" for id, node in list(self.nodes.items())[:12])
        raise CallError(f"There is no node '{name}'.", f"The workflow has: {known}.")

    def set(self, name: str, value: Any) -> "Workflow":
        """The same workflow with one value set (see ``named``). Raises ``CallError``."""
        changed = self
        for target in self.named(name):
            changed = changed.with_node(target.node, changed.nodes[target.node].with_input(target.input, value))
        return changed

    def named(self, name: str) -> tuple[Exposed, ...]:
        """The inputs that are called ``NODE.INPUT`` (id or title), or so in the interface; their nodes are there.

        Raises:
            CallError: The name is neither, or the interface names a node that is not there.
        """
        if name not in self.interface.inputs:
            node, dot, input = name.rpartition(".")
            if dot:
                return (Exposed(self.find(node), input),)
            names = ", ".join(self.interface.inputs) or "none"
            raise CallError(f"'{name}' is no input of the workflow's interface (it has: {names}).", "Use NODE.INPUT.")
        for target in self.interface.inputs[name]:
            if target.node not in self.nodes:
                raise CallError(f"The interface's input '{name}' sets node '{target.node}', which does not exist.")
        return self.interface.inputs[name]


def _identical(one: Workflow, other: Workflow) -> bool:
    """Whether two workflows hold the very same nodes, and equal data beside them."""

    def members(workflow: Workflow) -> list[int]:
        return [*map(id, workflow.nodes.values()), *map(id, workflow.workflows.values())]

    def names(workflow: Workflow) -> list[str]:
        return [*workflow.nodes, *workflow.workflows]

    def rest(workflow: Workflow) -> tuple[Any, ...]:
        return workflow.interface, workflow.layout, workflow.lock, workflow.extra

    return members(one) == members(other) and names(one) == names(other) and rest(one) == rest(other)
