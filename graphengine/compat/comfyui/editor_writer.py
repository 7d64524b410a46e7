"""Workflows into editor graphs; ``editor_format`` says what becomes of what."""

import uuid
from collections.abc import Mapping
from typing import Any

from graphengine.compat.comfyui.editor_layout import OURS, raw_layout, raw_note
from graphengine.compat.comfyui.editor_slots import KEPT_FIELDS, Form, Forms
from graphengine.compat.comfyui.links import INPUT_SIDE, OUTPUT_SIDE
from graphengine.compat.comfyui.reroutes import Reroutes
from graphengine.compat.comfyui.shapes import mapping, objects, point, text
from graphengine.graph import document
from graphengine.graph.errors import DocumentError
from graphengine.graph.placement import place
from graphengine.graph.signature import Definitions, find_definition
from graphengine.graph.spec import NodeSpec
from graphengine.graph.types import ANY
from graphengine.graph.workflow import Link, Node, Workflow

MODES = {"on": 0, "muted": 2, "bypassed": 4}
NAMESPACE = uuid.UUID("5f0c2d0e-6f0b-4b0e-9d52-6a3a35c6a1f7")
MAX_SLOTS = 4096
NODE_WIDTH, TITLE_HEIGHT, ROW_HEIGHT = 240, 30, 24
TEXT_LINES = 4  # that a text widget of several lines takes more than one row


def graph_of(workflow: Workflow, specs: Mapping[str, NodeSpec]) -> dict[str, Any]:
    """The graph of a workflow.

    Raises:
        DocumentError: A link comes from a node that is not there, or from an output whose index nobody knows.
    """
    forms = Forms(specs)
    found = _definitions(workflow)
    ids = _distinct_ids([(name, definition) for name, definition, _ in found])
    root = _GraphWriter(workflow, (workflow.workflows,), forms, ids).root()
    if found:
        graphs = [
            _GraphWriter(definition, definitions, forms, ids).subgraph(name) for name, definition, definitions in found
        ]
        root["definitions"] = {"subgraphs": graphs}
    return root


def _definitions(workflow: Workflow) -> list[tuple[str, Workflow, Definitions]]:
    """Every sub-workflow of a document, with what its nodes can name."""
    found: list[tuple[str, Workflow, Definitions]] = []
    seen: set[int] = set()
    pending: list[Definitions] = [(workflow.workflows,)]
    while pending:
        definitions = pending.pop()
        for name, definition in definitions[-1].items():
            if id(definition) not in seen:
                seen.add(id(definition))
                own = (*definitions, definition.workflows) if definition.workflows else definitions
                found.append((name, definition, own))
                if definition.workflows:
                    pending.append(own)
    return found


def _distinct_ids(definitions: list[tuple[str, Workflow]]) -> dict[int, str]:
    taken: set[str] = set()
    ids: dict[int, str] = {}
    for position, (name, definition) in enumerate(definitions):
        own = text(definition.layout.get("id"))
        ids[id(definition)] = own if own and own not in taken else _uuid(f"{position} {name}")
        taken.add(ids[id(definition)])
    return ids


class _GraphWriter:
    """Writes the root graph, or the graph of one sub-workflow."""

    def __init__(self, workflow: Workflow, definitions: Definitions, forms: Forms, ids: Mapping[int, str]) -> None:
        self._workflow = workflow
        self._definitions = definitions
        self._forms = forms
        self._ids = ids
        self._exposed: dict[str, dict[str, int]] = {}  # node -> input -> slot of the input side
        for slot, targets in enumerate(workflow.interface.inputs.values() if _identity(workflow) in ids else ()):
            for target in targets:
                self._exposed.setdefault(target.node, {})[target.input] = slot
        self._nodes = {id: self._form(id, node) for id, node in workflow.nodes.items()}
        self._links: list[list[Any]] = []
        self._outgoing: dict[tuple[int | str, int], list[int]] = {}
        self._reroutes = Reroutes(workflow.layout)

    def root(self) -> dict[str, Any]:
        nodes = self._raw_nodes()
        layout = self._workflow.layout
        editor = dict(mapping(layout.get("editor")))
        extra = dict(mapping(editor.pop("extra", None)))
        if self._reroutes.entries:
            extra["reroutes"] = self._reroutes.entries
            extra["linkExtensions"] = [{"id": id, "parentId": last} for id, last in self._reroutes.last.items()]
        stash = Workflow(interface=self._workflow.interface, lock=self._workflow.lock, extra=self._workflow.extra)
        if stash != Workflow():
            extra[OURS] = document.to_json(stash)
        own_id = {"id": layout["id"]} if text(layout.get("id")) else {}
        return {
            **own_id, "last_node_id": _highest(nodes), "last_link_id": len(self._links), "nodes": nodes,
            "links": self._links, "groups": objects(layout.get("groups")), "config": {}, **editor, "extra": extra,
            "version": 0.4,
        }  # fmt: skip

    def subgraph(self, name: str) -> dict[str, Any]:
        nodes = self._raw_nodes()
        layout = self._workflow.layout
        editor = dict(mapping(layout.get("editor")))
        links = [
            dict(zip(("id", "origin_id", "origin_slot", "target_id", "target_slot", "type"), row, strict=True))
            for row in self._links
        ]
        for link in links:
            if link["id"] in self._reroutes.last:
                link["parentId"] = self._reroutes.last[link["id"]]
        state = {
            "lastGroupId": len(objects(layout.get("groups"))), "lastNodeId": _highest(nodes), "lastLinkId": len(links),
            "lastRerouteId": len(self._reroutes.entries),
        }  # fmt: skip
        reroutes = {"reroutes": self._reroutes.entries} if self._reroutes.entries else {}
        sides = {side: self._interface(side) for side in ("inputs", "outputs")}
        return {
            "id": self._ids[id(self._workflow)], "version": 1, "state": state, "revision": 0, "config": {},
            "name": name, "inputNode": {"id": -10, "bounding": [-240, 0, 120, 60]},
            "outputNode": {"id": -20, "bounding": [1200, 0, 120, 60]}, **sides, "widgets": [], "nodes": nodes,
            "groups": objects(layout.get("groups")), "links": links, "extra": {}, **editor, **reroutes,
        }  # fmt: skip

    def _form(self, id: str, node: Node) -> Form:
        connected = [*node.links, *self._exposed.get(id, {})]
        return self._forms.of(node, connected, self._entry(id), self._definitions)

    def _entry(self, id: str) -> Mapping[str, Any]:
        return mapping(mapping(self._workflow.layout.get("nodes")).get(id))

    def _raw_nodes(self) -> list[dict[str, Any]]:
        for id, node in self._workflow.nodes.items():
            self._link_node(id, node)
        self._link_outputs()
        for id, form in self._nodes.items():
            for index, port in enumerate(form.outputs):
                port["links"] = self._outgoing.get((_raw_id(id), index))
        corners = self._corners()
        nodes = [self._raw_node(order, id, corners.get(id)) for order, id in enumerate(self._workflow.nodes)]
        notes = [
            {"id": _raw_id(text(note.get("id")) or f"note {position}"), **raw_note(note)}
            for position, note in enumerate(objects(self._workflow.layout.get("notes")))
        ]
        return nodes + notes

    def _corners(self) -> Mapping[str, Any]:
        """Corners for all nodes if none has one; such nodes are sized too."""
        if any(point(self._entry(id).get("pos")) for id in self._workflow.nodes):
            return {}
        return place(self._workflow, {id: _size(form) for id, form in self._nodes.items()})

    def _raw_node(self, order: int, id: str, corner: Any) -> dict[str, Any]:
        node, form = self._workflow.nodes[id], self._nodes[id]
        found = find_definition(node.kind, self._definitions)
        fields = raw_layout(self._entry(id))
        kept = {name: value for name, value in node.extra.items() if name not in KEPT_FIELDS or found}
        stash = Node(node.kind, form.unsaid, version=node.version, extra=kept)
        if stash != Node(node.kind):
            [held] = document.to_json(Workflow({"node": stash}))["nodes"].values()
            fields["properties"][OURS] = {name: value for name, value in held.items() if name != "kind"}
        words = mapping(self._entry(id).get("control"))
        if unplaced := {name: word for name, word in words.items() if name not in form.controls}:
            fields["properties"][OURS] = {**fields["properties"].get(OURS, {}), "control": unplaced}
        return {
            "id": _raw_id(id),
            "type": self._ids[_identity(found[0])] if found else node.kind,
            **({"pos": list(corner), "size": list(_size(form))} if corner else {}),
            **fields,
            "order": order,
            "mode": MODES[node.mode],
            "inputs": form.inputs,
            "outputs": form.outputs,
            **({"title": node.title} if node.title else {}),
            **({"widgets_values": form.values} if form.values is not None else {}),
            **({"widgets_values_named": form.named} if form.named is not None else {}),
        }

    def _link_node(self, id: str, node: Node) -> None:
        for slot, port in enumerate(self._nodes[id].inputs):
            port["link"] = None
            value = node.inputs.get(port["name"])
            exposed = self._exposed.get(id, {}).get(port["name"])
            if exposed is not None:
                origin: tuple[int | str, int] = (int(INPUT_SIDE), exposed)
            elif type(value) is Link:
                origin = self._origin(f"Node '{id}', input '{port['name']}'", value)
            else:
                continue
            port["link"] = self._link(origin, (_raw_id(id), slot), port.get("type", ANY))
            self._reroutes.trace(port["link"], origin, (id, port["name"]))

    def _link_outputs(self) -> None:
        if _identity(self._workflow) not in self._ids:
            return
        slots = list(self._forms.interface(self._workflow, self._definitions).outputs)
        for name, link in self._workflow.interface.outputs.items():
            self._link(self._origin(f"Output '{name}'", link), (int(OUTPUT_SIDE), slots.index(name)), ANY)

    def _origin(self, where: str, link: Link) -> tuple[int | str, int]:
        source = self._workflow.nodes.get(link.node)
        index = self._forms.output(source, link.output, self._definitions) if source else None
        if source is None or index is None or index < 0:
            raise DocumentError(
                f"{where} is linked to '{link.node}.{link.output}', which the editor's format cannot name.",
                "Link it to an output of a node of the workflow.",
            )
        outputs = self._nodes[link.node].outputs
        if index > MAX_SLOTS:
            raise DocumentError(f"{where} is linked to output {index} of '{link.node}'; the limit is {MAX_SLOTS}.")
        outputs += [{"name": str(missing), "type": ANY} for missing in range(len(outputs), index + 1)]
        return _raw_id(link.node), index

    def _link(self, origin: tuple[int | str, int], target: tuple[int | str, int], type: str) -> int:
        id = len(self._links) + 1
        self._links.append([id, *origin, *target, type])
        self._outgoing.setdefault(origin, []).append(id)
        return id

    def _interface(self, side: str) -> list[dict[str, Any]]:
        """The slots of a subgraph's input or output side."""
        signature = self._forms.interface(self._workflow, self._definitions)
        types = signature.inputs if side == "inputs" else signature.outputs
        kept = mapping(mapping(self._workflow.layout.get("interface")).get(side))
        graph = self._ids[_identity(self._workflow)]
        arriving = {row[4]: [row[0]] for row in self._links if row[3] == int(OUTPUT_SIDE)}
        return [
            {
                "id": _uuid(f"{graph} {side} {name}"),
                "type": type,
                **mapping(kept.get(name)),
                "name": name,
                "linkIds": arriving.get(slot, [])
                if side == "outputs"
                else self._outgoing.get((int(INPUT_SIDE), slot), []),
            }
            for slot, (name, type) in enumerate(types.items())
        ]


def _identity(workflow: Workflow) -> int:
    return id(workflow)


def _uuid(said: str) -> str:
    """The same for the same words, which may have half of a surrogate pair."""
    return str(uuid.uuid5(NAMESPACE, said.encode(errors="backslashreplace").decode()))


def _size(form: Form) -> tuple[float, float]:
    """Width and height of a node that nobody has sized: a row a port and widget, more for a text of several lines."""
    values = form.values or ()
    lines = sum(TEXT_LINES for value in values if isinstance(value, str) and (len(value) > 40 or "\n" in value))
    rows = max(len(form.inputs), len(form.outputs)) + len(values) + lines
    return NODE_WIDTH, TITLE_HEIGHT + ROW_HEIGHT * rows


def _raw_id(id: str) -> int | str:
    """The editor counts nodes; other ids stay strings."""
    plain = id.isascii() and id.isdigit() and (id == "0" or id[0] != "0") and len(id) < 16
    return int(id) if plain else id


def _highest(nodes: list[dict[str, Any]]) -> int:
    return max((node["id"] for node in nodes if isinstance(node["id"], int)), default=0)
