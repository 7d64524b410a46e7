"""What is known of the values of a workflow before anything runs: sizes of pictures, families of models, plain numbers.

One pass over a checked workflow, sources first. What a node gives is told by its spec (``size`` and ``same`` of its
outputs) and by its files; what nobody tells is not known, and no mistake.
"""

from collections.abc import Callable, Mapping
from typing import Any

from graphengine.graph.check import Analysis, FamilyOf
from graphengine.graph.facts import UNKNOWN, Fact, Size, evaluate, side
from graphengine.graph.registry import Registry
from graphengine.graph.spec import MISSING, NodeSpec, OutputSpec
from graphengine.graph.types import PortType
from graphengine.graph.workflow import Link

SizeOf = Callable[[str, Any], Size | None]  # source and file name -> width and height of its pictures
Facts = Mapping[str, Mapping[str, Fact]]  # node -> output -> what is known of it


def infer(
    analysis: Analysis, registry: Registry, family_of: FamilyOf | None = None, size_of: SizeOf | None = None
) -> Facts:
    """What is known of the outputs of a checked workflow; who and what is not named is not known.

    Args:
        family_of: Tells the model family of a file.
        size_of: Tells the size of a file's pictures.
    """
    found: dict[str, dict[str, Fact]] = {}
    types = {name: port for name, port in registry.types.items() if port.family or port.mixes}
    for id in analysis.order:
        spec = analysis.specs.get(id)
        if spec is None or (not spec.tells and types.keys().isdisjoint(spec.port_types)):
            continue
        known = _Inputs(analysis, id, spec, found, size_of)
        facts = {port.name: _fact(port, known, types, family_of) for port in spec.outputs}
        facts = {name: fact for name, fact in facts.items() if fact != UNKNOWN}
        if facts:
            found[id] = facts
    return found


def fact_at(link: Link, found: Facts, specs: Mapping[str, NodeSpec]) -> Fact:
    """What is known of what a link brings."""
    facts = found.get(link.node)
    port = specs[link.node].output_port(link.output) if facts else None  # links may name outputs by their position
    return facts.get(port.name, UNKNOWN) if facts and port is not None else UNKNOWN


class _Inputs:
    """What is known of the inputs of one node (``facts.Known``)."""

    def __init__(self, analysis: Analysis, id: str, spec: NodeSpec, found: Facts, size_of: SizeOf | None) -> None:
        self.node, self.spec = analysis.workflow.nodes[id], spec
        self._values, self._specs = analysis.values[id], analysis.specs
        self._found, self._size_of = found, size_of

    def fact(self, input: str) -> Fact:
        link = self.node.links.get(input)
        if link is None:
            return Fact(self._literal(input))
        return fact_at(link, self._found, self._specs)

    def size(self, input: str) -> Size | None:
        port = self.spec.input_port(input)
        if input in self.node.links or port is None or not port.source or self._size_of is None:
            return self.fact(input).size
        name = self._literal(input)
        size = None if name is None else self._size_of(port.source, name)
        return size and (size[0], size[1])

    def _literal(self, input: str) -> Any:
        """The value of an input that is not linked; a bad one is not known."""
        if input in self.node.inputs:
            return self._values.get(input)
        port = self.spec.input_port(input)
        return None if port is None or port.default is MISSING else port.default


def _fact(port: OutputSpec, known: _Inputs, types: Mapping[str, PortType], family_of: FamilyOf | None) -> Fact:
    if port.same:
        value = evaluate(port.same, known)
        return value if isinstance(value, Fact) else Fact(value)
    family = _family(types[port.type], known, types, family_of) if port.type in types else None
    return Fact(size=_size(port, known), family=family)


def _size(port: OutputSpec, known: _Inputs) -> Size | None:
    if not port.size:
        return None
    width, height = (side(formula, known) for formula in port.size)
    return (width, height) if width and height else None


def _family(type: PortType, known: _Inputs, types: Mapping[str, PortType], family_of: FamilyOf | None) -> str | None:
    """Of what is linked: of the same type where families may mix; else of the node's file."""
    ports = {name: known.spec.input_port(name) for name in known.node.links}
    linked = {name: types[port.type] for name, port in ports.items() if port is not None and port.type in types}
    models = [name for name, other in linked.items() if (other is type if type.mixes else other.family)]
    family = next((fact.family for fact in map(known.fact, models) if fact.family), None)
    if family is not None or family_of is None:
        return family
    files = [(port.source, known.node.literals.get(port.name)) for port in known.spec.inputs if port.file]
    named = (family_of(source, name) for source, name in files if source and name is not None)
    return next(filter(None, named), None)
