"""Editor graphs into workflows; ``editor_format`` says what becomes of what."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from graphengine.compat.comfyui import widgets
from graphengine.compat.comfyui.editor_layout import graph_layout, node_layout, note_layout
from graphengine.compat.comfyui.links import INPUT_SIDE, NOTES, OUTPUT_SIDE, REROUTE, VIRTUAL, Links, Origin, Pushed
from graphengine.compat.comfyui.outputs import output_name
from graphengine.compat.comfyui.shapes import Object, key, mapping, objects, text
from graphengine.compat.comfyui.subgraphs import Definition, Definitions, shown_first, slot_names
from graphengine.compat.comfyui.widgets import Place
from graphengine.graph import document
from graphengine.graph.document import MAX_NODES
from graphengine.graph.errors import DocumentError
from graphengine.graph.spec import NodeSpec
from graphengine.graph.workflow import SUBWORKFLOW, Exposed, Interface, Link, Node, Workflow

MODES = {2: "muted", 4: "bypassed"}
OURS = "graphengine"  # in `properties` and `extra`: what the editor has no field for


def workflow_of(data: Object, specs: Mapping[str, NodeSpec]) -> Workflow:
    """The workflow of a graph.

    Raises:
        DocumentError: Its links go round in circles, or it has too many nodes.
    """
    definitions = Definitions(data)
    root = _GraphReader(data, definitions, specs).read()
    workflows = {}
    for definition in definitions.all:  # grows while group nodes are met
        workflows[definition.name] = _GraphReader(definition.graph, definitions, specs, definition).read()
    stash = mapping(data.get("extra")).get(OURS)
    if not isinstance(stash, dict):
        return replace(root, workflows=workflows)
    ours = document.from_json(stash)
    return replace(root, workflows=workflows, interface=ours.interface, lock=ours.lock, extra=ours.extra)


class _GraphReader:
    """Reads the root graph, or the graph of one definition."""

    def __init__(
        self,
        graph: Object,
        definitions: Definitions,
        specs: Mapping[str, NodeSpec],
        definition: Definition | None = None,
    ) -> None:
        self._graph = graph
        self._definitions = definitions
        self._specs = specs
        self._definition = definition
        self._nodes = _nodes_by_id(graph)
        self._links = Links(graph, self._nodes)
        self._exposed: dict[str, list[Exposed]] = {name: [] for name in (definition.inputs if definition else ())}
        self._via: list[dict[str, Any]] = []
        self._controls: dict[str, dict[str, str]] = {}
        self._pushed: dict[str, list[tuple[str, str]]] = {}  # primitive -> the inputs it sets

    def read(self) -> Workflow:
        nodes = {id: self._node(id, raw) for id, raw in self._nodes.items() if raw["type"] not in VIRTUAL}
        outputs = dict(self._outputs(nodes))
        self._keep_primitive_controls()
        layout = graph_layout(self._graph, self._definition)
        entries = {id: node_layout(self._nodes[id], self._controls.get(id, {})) for id in nodes if id in self._nodes}
        notes = [note_layout(id, raw) for id, raw in self._nodes.items() if raw["type"] in NOTES]
        parts = {"nodes": {id: entry for id, entry in entries.items() if entry}, "links": self._via, "notes": notes}
        return Workflow(
            nodes,
            Interface({name: tuple(targets) for name, targets in self._exposed.items()}, outputs),
            layout={**{name: part for name, part in parts.items() if part}, **layout},
        )

    def _node(self, id: str, raw: Object) -> Node:
        definition, spec = self._definition_of(raw), self._specs.get(raw["type"])
        slots = objects(raw.get("inputs"))
        if definition is not None:
            named = zip(slot_names(slots), slots, strict=True)
            slots = [{**slot, "name": name} for name, slot in named]
        places, values = _placed(raw, definition, spec)
        literals = {
            place.name: _modern(place.name, value)
            for place, value in zip(places, values, strict=True)
            if place.name and not place.role and value is not None
        }
        for place, value in zip(places, values, strict=True):
            if place.role == "control" and widgets.control_word(value):
                self._controls.setdefault(id, {})[place.name] = widgets.control_word(value)
        inputs = self._connected(id, slots, literals)
        stash = mapping(raw.get("properties")).get(OURS)
        for name, word in mapping(mapping(stash).get("control")).items():
            if widgets.control_word(word):
                self._controls.setdefault(id, {}).setdefault(name, word)
        node = Node(
            SUBWORKFLOW + definition.name if definition else raw["type"],
            inputs,
            text(raw.get("title")),
            MODES.get(raw.get("mode", 0) if type(raw.get("mode")) is int else 0, "on"),
            extra={} if definition or spec else _remembered(raw, places, values, inputs),
        )
        return _with_stash(node, stash) if isinstance(stash, dict) else node

    def _definition_of(self, raw: Object) -> Definition | None:
        nested_group = self._definition is not None and self._definition.group
        return None if nested_group else self._definitions.of(raw)

    def _connected(self, id: str, slots: Sequence[Object], literals: Mapping[str, Any]) -> dict[str, Any]:
        """The inputs of a node: its literals, overridden by what its slots are linked to."""
        inputs = dict(literals)
        for slot in slots:
            name, link = text(slot.get("name")), key(slot.get("link"))
            if not name or link not in self._links.rows:
                continue
            end = self._links.follow(link)
            if isinstance(end, Pushed):
                if end.value is not None:
                    inputs[name] = end.value
                    self._pushed.setdefault(end.primitive, []).append((id, name))
            elif end is not None and end.node == INPUT_SIDE:
                self._expose(end.slot, Exposed(id, name))
            else:  # a link to nothing leaves the input absent, as in the editor
                inputs.pop(name, None)
                if end is not None:
                    inputs[name] = self._link(end)
            via = self._links.points(link)
            if via and isinstance(end, Origin):
                self._via.append({"node": id, "input": name, "via": via})
        return inputs

    def _expose(self, slot: int, target: Exposed) -> None:
        if self._definition and slot < len(self._definition.inputs):
            self._exposed[self._definition.inputs[slot]].append(target)

    def _link(self, end: Origin) -> Link:
        raw = self._nodes[end.node]
        definition = self._definition_of(raw)
        if definition is not None:
            named = end.slot < len(definition.outputs)
            return Link(end.node, definition.outputs[end.slot] if named else str(end.slot))
        return Link(end.node, output_name(self._specs.get(raw["type"]), end.slot))

    def _outputs(self, nodes: dict[str, Node]) -> Iterator[tuple[str, Link]]:
        """The outputs of the interface; one that is an input passed through gets a bypassed node to stand for it."""
        if self._definition is None:
            return
        feeding = {row.target_slot: id for id, row in self._links.rows.items() if row.target == OUTPUT_SIDE}
        for slot, (name, raw) in enumerate(
            zip(self._definition.outputs, objects(self._graph.get("outputs")), strict=True)
        ):
            ids = raw.get("linkIds")
            named = (key(id) for id in ids if key(id) in self._links.rows) if isinstance(ids, list) else iter(())
            link = next(named, feeding.get(slot, ""))
            end = self._links.follow(link) if link else None
            if not isinstance(end, Origin):
                continue
            if end.node == INPUT_SIDE:
                id = f"pass {name}"
                nodes[id] = PASSING
                self._expose(end.slot, Exposed(id, "value"))
                yield name, Link(id, "0")
            else:
                yield name, self._link(end)

    def _keep_primitive_controls(self) -> None:
        """A primitive's control word goes to the input it sets, if that is one: several would change apart."""
        for primitive, targets in self._pushed.items():
            values = self._nodes[primitive].get("widgets_values")
            word = widgets.control_word(values[1]) if isinstance(values, list) and len(values) > 1 else ""
            if len(targets) == 1 and word not in ("", "fixed"):
                [(id, name)] = targets
                self._controls.setdefault(id, {})[name] = word


PASSING = Node(
    REROUTE,
    mode="bypassed",
    extra={"ports": {"inputs": [{"name": "value", "type": "*"}], "outputs": [{"name": "value", "type": "*"}]}},
)


def _nodes_by_id(graph: Object) -> dict[str, Object]:
    nodes = objects(graph.get("nodes"))
    if len(nodes) > MAX_NODES:
        raise DocumentError(f"The graph has {len(nodes):,} nodes; the limit is {MAX_NODES:,}.")
    found: dict[str, Object] = {}
    for raw in nodes:
        id = key(raw.get("id"))
        if not id or not text(raw.get("type")):
            raise DocumentError(f"A node of the graph has no id or no type: {str(raw)[:200]}.")
        if id in found:
            raise DocumentError(f"Two nodes of the graph have the id {id}.")
        found[id] = raw
    return found


def _placed(raw: Object, definition: Definition | None, spec: NodeSpec | None) -> tuple[list[Place], list[Any]]:
    """The values of a node's widgets, and what each is the value of."""
    values, named = raw.get("widgets_values"), raw.get("widgets_values_named")
    named = values if isinstance(values, dict) else named
    if isinstance(named, dict) and definition is None:
        places = widgets.by_name(named)
        known = [place if spec is None or spec.input_port(place.name) else Place("", "unknown") for place in places]
        return known, list(named.values())
    if not isinstance(values, list):
        return [], []
    if definition is not None:
        promoted = {widget.name: widget for widget in definition.promoted}
        order = shown_first(promoted, mapping(raw.get("properties")))
        expected = widgets.places([promoted[name] for name in order])
        return (expected, values) if len(expected) == len(values) else ([], [])
    available = widgets.of_spec(spec) if spec else []
    found = widgets.arrange(available, values) if available else None
    if found is None:  # in files of today the slots name them all, also what a choice brings
        shown = widgets.of_slots(objects(raw.get("inputs")))
        found = widgets.arrange(shown, values) if shown else None
    if found is None:
        found = widgets.arrange_anyhow(available, values) if spec else [Place("", "unknown")] * len(values)
    return found, values


def _modern(name: str, value: Any) -> Any:
    """Old files write samplers as ``sample_euler``."""
    return value.removeprefix("sample_") if name == "sampler_name" and isinstance(value, str) else value


def _remembered(
    raw: Object, places: Sequence[Place], values: Sequence[Any], inputs: Mapping[str, Any]
) -> dict[str, Any]:
    """What the document keeps of a kind that has no spec, to write it back as it came."""
    ports = {
        side: [
            {name: field for name, field in slot.items() if name not in ("link", "links", "slot_index")}
            for slot in objects(raw.get(side))
        ]
        for side in ("inputs", "outputs")
    }
    extra: dict[str, Any] = {"ports": ports}
    if isinstance(raw.get("widgets_values"), list):
        extra["widgets"] = [
            _entry(place, value, inputs.get(place.name)) for place, value in zip(places, values, strict=True)
        ]
    return extra


def _entry(place: Place, value: Any, given: Any) -> dict[str, Any]:
    """One position: the input that it shows, and its own value where that input does not hold it."""
    if place.role or not place.name:
        return {**({"name": place.label} if place.label else {}), "value": value}
    return {"input": place.name, **({"value": value} if type(given) is Link or value is None else {})}


def _with_stash(node: Node, stash: Object) -> Node:
    held = {name: value for name, value in stash.items() if name != "control"}
    ours = document.from_json({"graphengine": document.FORMAT, "nodes": {"node": {**held, "kind": node.kind}}})
    kept = ours.nodes["node"]
    return replace(
        node, inputs={**node.inputs, **kept.inputs}, version=kept.version, extra={**node.extra, **kept.extra}
    )
