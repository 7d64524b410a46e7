"""The slots and widget values of a node as the editor saves them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from graphengine.compat.comfyui import widgets
from graphengine.compat.comfyui.outputs import output_index
from graphengine.compat.comfyui.shapes import Object, mapping, objects, text
from graphengine.compat.comfyui.subgraphs import shown_first
from graphengine.graph.signature import Definitions, Signature, Signatures, find_definition, remembered_ports
from graphengine.graph.spec import NodeSpec
from graphengine.graph.types import ANY, WIDGETS
from graphengine.graph.workflow import Node, Workflow

OPTIONAL_SHAPE = 7
UNUSED = {"INT": 0, "FLOAT": 0.0, "STRING": "", "BOOLEAN": False}  # values of widgets that a link overrides
KEPT_FIELDS = ("ports", "widgets")  # of a node's extra fields, that become slots and values again

Slot = dict[str, Any]


@dataclass(frozen=True)
class Form:
    """What a node looks like in the editor.

    Attributes:
        inputs, outputs: Slots without links.
        values: ``widgets_values``; None if there are none.
        named: ``widgets_values_named``, where the slots do not tell which value is whose.
        unsaid: Literals that have no widget to stand in.
        controls: Names of the inputs that a control word stands beside.
    """

    inputs: list[Slot]
    outputs: list[Slot]
    values: Any
    unsaid: dict[str, Any]
    named: Mapping[str, Any] | None = None
    controls: frozenset[str] = frozenset()


class Forms:
    """Works out the form of every node of a document."""

    def __init__(self, specs: Mapping[str, NodeSpec]) -> None:
        self._specs = specs
        self._signatures = Signatures(specs)
        self._promoted: dict[int, dict[str, bool]] = {}

    def of(self, node: Node, connected: Iterable[str], entry: Mapping[str, Any], definitions: Definitions) -> Form:
        """The form of a node whose ``connected`` inputs need a slot, and that has an ``entry`` in the layout."""
        spec = self._specs.get(node.kind)
        found = find_definition(node.kind, definitions)
        if found is not None:
            form = self._of_instance(node, *found, definitions, mapping(entry.get("properties")))
        else:
            form = _of_spec(node, spec, mapping(entry.get("control"))) if spec else _of_unknown(node)
        named = {slot["name"] for slot in form.inputs}
        added = [self._slot(node, name, definitions) for name in dict.fromkeys(connected) if name not in named]
        return replace(form, inputs=form.inputs + added)

    def output(self, node: Node, name: str, definitions: Definitions) -> int | None:
        """The index of an output."""
        found = find_definition(node.kind, definitions)
        if found is not None:
            names = list(self.interface(*found).outputs)
            return names.index(name) if name in names else output_index(None, name)
        return output_index(self._specs.get(node.kind), name)

    def interface(self, workflow: Workflow, definitions: Definitions) -> Signature:
        """The types of a sub-workflow's inputs and outputs, with outputs that only its layout still knows."""
        signature = self._signatures.of_definition(workflow, definitions)
        shown = mapping(mapping(workflow.layout.get("interface")).get("outputs"))
        return replace(signature, outputs={**dict.fromkeys(shown, ANY), **signature.outputs})

    def _slot(self, node: Node, name: str, definitions: Definitions) -> Slot:
        slot = {"name": name, "type": self._signatures.input_type(node, name, definitions)}
        return {**slot, "widget": {"name": name}} if self._has_widget(node, name, definitions) else slot

    def _has_widget(self, node: Node, name: str, definitions: Definitions) -> bool:
        found = find_definition(node.kind, definitions)
        if found is not None:
            return self._promoted_inputs(*found).get(name, False)
        spec = self._specs.get(node.kind)
        if spec is None:
            return any(
                port["name"] == name and mapping(port.get("widget")) for port in remembered_ports(node, "inputs")
            )
        port = spec.input_port(name)
        return port is not None and port.type in WIDGETS and not port.link_only and not port.variadic

    def _promoted_inputs(self, workflow: Workflow, definitions: Definitions) -> dict[str, bool]:
        """Which inputs of a sub-workflow's interface stand for a widget inside."""
        if id(workflow) not in self._promoted:
            self._promoted[id(workflow)] = {}  # while a workflow that contains itself is worked out
            self.interface(workflow, definitions)  # refuses what nests too deep
            self._promoted[id(workflow)] = {
                name: any(
                    self._has_widget(workflow.nodes[target.node], target.input, definitions)
                    for target in targets
                    if target.node in workflow.nodes
                )
                for name, targets in workflow.interface.inputs.items()
            }
        return self._promoted[id(workflow)]

    def _of_instance(
        self, node: Node, workflow: Workflow, inner: Definitions, definitions: Definitions, properties: Object
    ) -> Form:
        promoted = self._promoted_inputs(workflow, inner)
        signature = self.interface(workflow, inner)
        given = {name: value for name, value in node.literals.items() if promoted.get(name)}
        names = shown_first((name for name, is_widget in promoted.items() if is_widget), properties)
        return Form(
            [self._slot(node, name, definitions) for name in signature.inputs],
            [{"name": name, "type": type} for name, type in signature.outputs.items()],
            [given.get(name) for name in names] if given else [],
            {name: value for name, value in node.literals.items() if name not in given},
        )


def _of_spec(node: Node, spec: NodeSpec, control: Mapping[str, str]) -> Form:
    sockets: list[Slot] = []
    for port in spec.inputs:
        if (port.type not in WIDGETS or port.link_only) and not port.variadic:
            shape = {"shape": OPTIONAL_SHAPE} if port.optional else {}
            sockets.append({"name": port.name, "type": port.type, **shape})
    places = widgets.places(widgets.of_spec(spec))
    values = [_shown(place, node, control) for place in places]
    shown = {place.name for place in places if not place.role}
    return Form(
        sockets,
        [{"name": _output_title(port.name, port.type), "type": port.type} for port in spec.outputs],
        values if places else None,
        {name: value for name, value in node.literals.items() if name not in shown or value is None},
        controls=_controlled(places),
    )


def _controlled(places: Iterable[widgets.Place]) -> frozenset[str]:
    return frozenset(place.name for place in places if place.role == "control")


def _shown(place: widgets.Place, node: Node, control: Mapping[str, str]) -> Any:
    given = control if place.role else node.literals
    unused = UNUSED.get(place.type) if place.name in node.links and place.default is None else place.default
    return given.get(place.name, unused)


def _output_title(name: str, type: str) -> str:
    return type if name == type.lower() else name


def _of_unknown(node: Node) -> Form:
    inputs, outputs = ([dict(port) for port in remembered_ports(node, side)] for side in ("inputs", "outputs"))
    entries = node.extra.get("widgets")
    if not isinstance(entries, list):
        return Form(inputs, outputs, dict(node.literals) or None, {})
    entries = objects(entries)
    names = [text(entry.get("input")) for entry in entries]
    labels = [name or text(entry.get("name")) for name, entry in zip(names, entries, strict=True)]
    values = [node.literals.get(name, entry.get("value")) for name, entry in zip(names, entries, strict=True)]
    told = widgets.arrange(widgets.of_slots(inputs), values) or []
    tells = [place.name if not place.role else "" for place in told] == names and labels == names
    named = dict(zip(labels, values, strict=True)) if not tells and all(labels) else None
    unsaid = {name: value for name, value in node.literals.items() if name not in names}
    return Form(inputs, outputs, values, unsaid, named, _controlled(told))
