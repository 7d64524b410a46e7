"""What the editor shows and execution ignores, between its fields and our layout section.

    {"nodes": {id: {"pos": [x, y], "size": [w, h], "collapsed": true, "color": ..., "bgcolor": ...,
                    "control": {"seed": "randomize"}, "properties": {...}}},
     "notes": [{"id": ..., "text": ..., "markdown": true, "pos": ..., "size": ...}],
     "links": [{"node": ..., "input": ..., "via": [[x, y], ...]}],
     "groups": [{"title": ..., "bounding": [x, y, w, h], "color": ...}],
     "editor": {...}}

``control`` says what an editor does with a value after a run. ``editor`` holds what only ComfyUI's editor knows;
subgraphs also keep their ``id``, and under ``interface`` the types, labels and places of their slots.
"""

from collections.abc import Mapping
from typing import Any

from graphengine.compat.comfyui.links import NOTES
from graphengine.compat.comfyui.shapes import Object, mapping, objects, point, text
from graphengine.compat.comfyui.subgraphs import Definition

OURS = "graphengine"
NODE_MEANING = frozenset({
    "id", "type", "mode", "title", "inputs", "outputs", "widgets_values", "widgets_values_named", "order",
})  # fmt: skip
GRAPH_PARTS = frozenset({
    "nodes", "links", "groups", "definitions", "reroutes", "last_node_id", "last_link_id", "version", "state", "id",
    "name", "inputs", "outputs", "extra",
})  # fmt: skip
EXTRA_PARTS = frozenset({"reroutes", "linkExtensions", "groupNodes", OURS})
SLOT_MEANING = frozenset({"name", "linkIds"})


def node_layout(raw: Object, control: Mapping[str, str]) -> dict[str, Any]:
    """The layout entry of a raw node."""
    entry = {name: value for name, value in raw.items() if name not in NODE_MEANING}
    for name in ("pos", "size"):
        place = point(entry.pop(name, None))
        if place is not None:
            entry[name] = place
    flags = dict(mapping(entry.pop("flags", None)))
    if flags.pop("collapsed", False):
        entry["collapsed"] = True
    properties = {name: value for name, value in mapping(entry.pop("properties", None)).items() if name != OURS}
    parts = {"flags": flags, "properties": properties, "control": dict(control)}
    return {**entry, **{name: part for name, part in parts.items() if part}}


def raw_layout(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a raw node from its layout entry."""
    rest = {name: value for name, value in entry.items() if name not in ("collapsed", "control", "flags", "properties")}
    flags = {**mapping(entry.get("flags")), **({"collapsed": True} if entry.get("collapsed") else {})}
    return {**rest, "flags": flags, "properties": dict(mapping(entry.get("properties")))}


def note_layout(id: str, raw: Object) -> dict[str, Any]:
    """The note of a raw Note or MarkdownNote."""
    values = raw.get("widgets_values")
    held = text(values[0]) if isinstance(values, list) and values else ""
    titled = {"title": raw["title"]} if text(raw.get("title")) else {}
    markdown = {"markdown": True} if raw["type"] == NOTES[1] else {}
    return {"id": id, "text": held, **titled, **markdown, **node_layout(raw, {})}


def raw_note(note: Mapping[str, Any]) -> dict[str, Any]:
    """A note as a raw node, but for its id."""
    kind = NOTES[1] if note.get("markdown") else NOTES[0]
    rest = {name: value for name, value in note.items() if name not in ("id", "text", "title", "markdown")}
    titled = {"title": note["title"]} if text(note.get("title")) else {}
    return {"type": kind, **titled, **raw_layout(rest), "mode": 0, "widgets_values": [text(note.get("text"))]}


def graph_layout(graph: Object, definition: Definition | None) -> dict[str, Any]:
    """The layout of a graph apart from its nodes, notes and links."""
    rest = {name: value for name, value in graph.items() if name not in GRAPH_PARTS and value}
    extra = {name: value for name, value in mapping(graph.get("extra")).items() if name not in EXTRA_PARTS}
    editor = {**rest, **({"extra": extra} if extra else {})}
    layout: dict[str, Any] = {"groups": objects(graph.get("groups")), "editor": editor}
    if text(graph.get("id")):
        layout["id"] = graph["id"]
    if definition is not None:
        layout["interface"] = {
            "inputs": _slot_layout(definition.inputs, graph.get("inputs")),
            "outputs": _slot_layout(definition.outputs, graph.get("outputs")),
        }
    return {name: part for name, part in layout.items() if part}


def _slot_layout(names: tuple[str, ...], slots: Any) -> dict[str, Any]:
    return {
        name: {field: value for field, value in slot.items() if field not in SLOT_MEANING}
        for name, slot in zip(names, objects(slots), strict=True)
    }
