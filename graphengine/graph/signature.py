"""The ports of a node as it stands in a workflow: of its spec, of its sub-workflow, or as its document remembers them.

A document that came with a kind nobody here knows keeps what it says about the kind's ports in the node's extra field
``ports``: ``{"inputs": [{"name": ..., "type": ...}], "outputs": [...]}``. Links name the outputs of such a node by
index, ``"0"``, ``"1"``, ...
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphengine.graph.errors import DocumentError
from graphengine.graph.spec import NodeSpec
from graphengine.graph.types import ANY, WIDGETS, is_generic
from graphengine.graph.workflow import SUBWORKFLOW, Exposed, Link, Node, Workflow

MAX_DEPTH = 64

# The sub-workflows that can be named at a place: those of the document, then those of each sub-workflow around it.
Definitions = tuple[Mapping[str, Workflow], ...]


@dataclass(frozen=True)
class Signature:
    """Name -> port type of a node's inputs (those that take a link only, then those with a widget) and outputs."""

    inputs: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)


NOTHING = Signature()


def find_definition(kind: str, definitions: Definitions) -> tuple[Workflow, Definitions] | None:
    """The sub-workflow that a kind names, with the definitions that its own nodes can name; None for other kinds."""
    if not kind.startswith(SUBWORKFLOW):
        return None
    name = kind.removeprefix(SUBWORKFLOW)
    for depth in range(len(definitions), 0, -1):
        if name in definitions[depth - 1]:
            found = definitions[depth - 1][name]
            return found, definitions[:depth] + ((found.workflows,) if found.workflows else ())
    return None


class Signatures:
    """The signatures of nodes, each sub-workflow's worked out once."""

    def __init__(self, specs: Mapping[str, NodeSpec]) -> None:
        self._specs = specs
        self._by_kind: dict[str, Signature] = {}
        self._by_definition: dict[int, Signature] = {}
        self._depth = 0

    def of(self, node: Node, definitions: Definitions) -> Signature:
        """The signature of a node; empty if nothing tells it."""
        if node.kind.startswith(SUBWORKFLOW):
            found = find_definition(node.kind, definitions)
            return NOTHING if found is None else self.of_definition(*found)
        spec = self._specs.get(node.kind)
        if spec is None:
            return remembered(node)
        if node.kind not in self._by_kind:
            self._by_kind[node.kind] = declared(spec)
        return self._by_kind[node.kind]

    def input_type(self, node: Node, name: str, definitions: Definitions) -> str:
        """The type of one input, ``*`` if nothing tells it."""
        spec = self._specs.get(node.kind)
        port = spec.input_port(name) if spec is not None else None
        return port.type if port is not None else self.of(node, definitions).inputs.get(name, ANY)

    def of_definition(self, workflow: Workflow, definitions: Definitions) -> Signature:
        """The signature that a sub-workflow's interface gives its instances.

        Raises:
            DocumentError: It nests too deep.
        """
        if id(workflow) not in self._by_definition:
            if self._depth >= MAX_DEPTH:
                raise DocumentError(f"Sub-workflows are nested deeper than {MAX_DEPTH} levels.")
            self._by_definition[id(workflow)] = NOTHING  # while a workflow that contains itself is worked out
            self._depth += 1
            interface = workflow.interface
            self._by_definition[id(workflow)] = Signature(
                {name: self._exposed(workflow, targets, definitions) for name, targets in interface.inputs.items()},
                {name: self._given(workflow, link, definitions) for name, link in interface.outputs.items()},
            )
            self._depth -= 1
        return self._by_definition[id(workflow)]

    def _exposed(self, workflow: Workflow, targets: Sequence[Exposed], definitions: Definitions) -> str:
        known = (target for target in targets if target.node in workflow.nodes)
        types = (self.input_type(workflow.nodes[target.node], target.input, definitions) for target in known)
        return next((type for type in types if type != ANY and not is_generic(type)), ANY)

    def _given(self, workflow: Workflow, link: Link, definitions: Definitions) -> str:
        node = workflow.nodes.get(link.node)
        return ANY if node is None else self.of(node, definitions).outputs.get(link.output, ANY)


def declared(spec: NodeSpec) -> Signature:
    """What a spec says."""
    inputs = sorted(spec.inputs, key=lambda port: port.type in WIDGETS and not port.link_only)
    return Signature({port.name: port.type for port in inputs}, {port.name: port.type for port in spec.outputs})


def remembered(node: Node) -> Signature:
    """What the document remembers of a kind that has no spec."""
    inputs, outputs = remembered_ports(node, "inputs"), remembered_ports(node, "outputs")
    return Signature(
        {port["name"]: _type(port) for port in inputs},
        {str(index): _type(port) for index, port in enumerate(outputs)},
    )


def remembered_ports(node: Node, side: str) -> list[Mapping[str, Any]]:
    """The ``inputs`` or ``outputs`` that the document remembers, each with a name."""
    ports = node.extra.get("ports")
    listed = ports.get(side) if isinstance(ports, Mapping) else None
    entries = listed if isinstance(listed, list) else []
    return [port for port in entries if isinstance(port, Mapping) and isinstance(port.get("name"), str)]


def _type(port: Mapping[str, Any]) -> str:
    type = port.get("type")
    return type if isinstance(type, str) and type else ANY
