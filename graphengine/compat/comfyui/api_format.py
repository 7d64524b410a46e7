"""The graph as it is posted to a ComfyUI server: ``{id: {"class_type": ..., "inputs": {...}}}``.

    "3": {"inputs": {"seed": 5, "model": ["4", 0]}, "class_type": "KSampler", "_meta": {"title": "Sample"}}

A link is a list of exactly a string and an integer: a node and the index of its output. A literal that is a list is
written ``{"__value__": [...]}``. What our nodes have no field for is kept in the extra field ``api``, so that reading
and writing gives the same graph: other fields of the node, which lists came without ``__value__``, what else with it.
"""

from collections.abc import Mapping
from typing import Any

from graphengine.compat.comfyui.outputs import output_index, output_name
from graphengine.graph.document import MAX_NODES
from graphengine.graph.errors import DocumentError
from graphengine.graph.resolve import resolve
from graphengine.graph.spec import NodeSpec
from graphengine.graph.workflow import Link, Node, Workflow

Specs = Mapping[str, NodeSpec]
WRAPPED = "__value__"
BARE_LISTS, WRAPPED_VALUES = "bare_lists", "wrapped"


def is_api(data: Any) -> bool:
    """Whether parsed JSON is a graph of this format: every value has a ``class_type``."""
    return (
        isinstance(data, dict)
        and bool(data)
        and all(isinstance(node, dict) and isinstance(node.get("class_type"), str) for node in data.values())
    )


def read_api(data: Any, specs: Specs) -> Workflow:
    """A workflow from a graph of this format.

    Raises:
        DocumentError: It is not one.
    """
    if not is_api(data):
        raise DocumentError(
            "The document is not a graph in ComfyUI's API format.",
            'It is an object of nodes by id, each with a "class_type" and "inputs".',
        )
    if len(data) > MAX_NODES:
        raise DocumentError(f"The graph has {len(data):,} nodes; the limit is {MAX_NODES:,}.")
    kinds = {id: node["class_type"] for id, node in data.items()}
    return Workflow({id: _read_node(id, node, kinds, specs) for id, node in data.items()})


def write_api(workflow: Workflow, specs: Specs) -> dict[str, Any]:
    """The graph of a workflow as it runs: sub-workflows unfolded, muted and bypassed nodes left out.

    Raises:
        DocumentError: It cannot be unfolded, or a link names an output whose index nobody knows.
    """
    flat = resolve(workflow, specs)
    return {id: _write_node(id, node, flat, specs) for id, node in flat.nodes.items()}


def _read_node(id: str, data: Mapping[str, Any], kinds: Mapping[str, str], specs: Specs) -> Node:
    fields = dict(data)
    kind, inputs = fields.pop("class_type"), fields.pop("inputs", {})
    if not kind or not isinstance(inputs, dict):
        raise DocumentError(f"Node '{id}' has no class_type, or its inputs are {type(inputs).__name__}, not an object.")
    title = ""
    meta = fields.get("_meta")
    if isinstance(meta, dict) and meta.keys() == {"title"} and isinstance(meta["title"], str) and meta["title"]:
        title = fields.pop("_meta")["title"]
    values = {name: _read_value(value, kinds, specs) for name, value in inputs.items()}
    bare = [name for name, value in inputs.items() if isinstance(value, list) and type(values[name]) is not Link]
    if bare:
        fields[BARE_LISTS] = bare
    wrapped = [name for name, value in inputs.items() if _is_wrapped(value) and not isinstance(value[WRAPPED], list)]
    if wrapped:
        fields[WRAPPED_VALUES] = wrapped
    return Node(kind, values, title, extra={"api": fields} if fields else {})


def _read_value(value: Any, kinds: Mapping[str, str], specs: Specs) -> Any:
    if _is_link(value):
        source, index = value
        return Link(source, output_name(specs.get(kinds.get(source, "")), index))
    return value[WRAPPED] if _is_wrapped(value) else value


def _is_wrapped(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {WRAPPED}


def _is_link(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and type(value[1]) is int


def _write_node(id: str, node: Node, workflow: Workflow, specs: Specs) -> dict[str, Any]:
    kept = node.extra.get("api")
    fields = dict(kept) if isinstance(kept, dict) else {}
    bare, wrapped = (_list(fields.pop(key, [])) for key in (BARE_LISTS, WRAPPED_VALUES))
    data: dict[str, Any] = {"inputs": {}, "class_type": node.kind}
    for name, value in node.inputs.items():
        if type(value) is Link:
            data["inputs"][name] = _write_link(f"Node '{id}', input '{name}'", value, workflow, specs)
        elif name in wrapped or (isinstance(value, list) and (name not in bare or _is_link(value))):
            data["inputs"][name] = {WRAPPED: value}
        else:
            data["inputs"][name] = value
    if node.title:
        data["_meta"] = {"title": node.title}
    return {**data, **{name: value for name, value in fields.items() if name not in data}}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _write_link(where: str, link: Link, workflow: Workflow, specs: Specs) -> list[Any]:
    source = workflow.nodes.get(link.node)
    index = output_index(specs.get(source.kind) if source else None, link.output)
    if index is None:
        raise DocumentError(
            f"{where} is linked to '{link.node}.{link.output}', whose place among the outputs is not known.",
            "Install the pack of that node, or link to another output.",
        )
    return [link.node, index]
