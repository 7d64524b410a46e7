"""Workflows as JSON: our own format, canonical bytes, versions and migrations.

    {"graphengine": 1,
     "nodes": {"sample": {"kind": "KSampler",
                          "inputs": {"seed": 5, "model": {"link": {"node": "load", "output": "model"}}}}},
     "interface": {"inputs": {"prompt": [{"node": "positive", "input": "text"}]},
                   "outputs": {"image": {"node": "decode", "output": "image"}}},
     "workflows": {}, "layout": {}, "lock": {}}

A literal that is an object is written ``{"value": {...}}``, so that nothing else can look like a link. Fields that
this version does not know are kept as they came. ``save(load(save(w))) == save(w)``, byte for byte.
"""

import json
import math
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from graphengine.graph.errors import DocumentError
from graphengine.graph.workflow import MODES, Exposed, Interface, Link, Node, Workflow

FORMAT = 1
MAX_BYTES = 64 * 2**20
MAX_DEPTH = 64
MAX_NODES = 200_000
TOO_DEEP = f"The document is nested deeper than {MAX_DEPTH} levels."

# format version -> what brings a document of it to the next one
MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}


def load(data: bytes | str) -> Workflow:
    """Read a document of our own format.

    Raises:
        DocumentError: Not JSON, not this format, of a newer version, too large or too deep.
    """
    return from_json(parse(data))


def save(workflow: Workflow, indent: int | None = 1) -> bytes:
    """The canonical bytes of a workflow, ending with a newline; those without ``indent`` are made much faster."""
    text = json.dumps(to_json(workflow), indent=indent, ensure_ascii=False, allow_nan=False)
    return f"{text}\n".encode(errors="backslashreplace")  # half of a surrogate pair stays the escape that it came as


def parse(data: bytes | str) -> Any:
    """JSON within limits of size and depth, so that a hostile file gets an error and not a hang.

    Raises:
        DocumentError: It is not JSON, or exceeds a limit.
    """
    if len(data) > MAX_BYTES:
        raise DocumentError(f"The document has {len(data):,} bytes; the limit is {MAX_BYTES:,}.")
    if isinstance(data, bytes):
        try:
            data = data.removeprefix(BOM_UTF8).decode()
        except UnicodeDecodeError as error:
            raise DocumentError(f"The document is not UTF-8 text: {error}.") from error
    try:
        parsed = _decoder.decode(data)
    except ValueError as error:  # also what int() says to a number of 5,000 digits
        raise DocumentError(f"The document is not JSON: {error}.") from error
    except RecursionError as error:
        raise DocumentError(TOO_DEEP) from error
    check_depth(parsed)
    return parsed


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number in JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text[:40]} is too large a number")
    return number


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        raise ValueError(f"an object has the name {twice[:100]!r} twice")
    return found


_decoder = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite, object_pairs_hook=_without_duplicates)


def check_depth(data: Any) -> None:
    """Go through lists and objects level by level.

    Raises:
        DocumentError: They are nested deeper than ``MAX_DEPTH``.
    """
    level = [data]
    for _ in range(MAX_DEPTH + 1):
        level = [item for item in level if isinstance(item, (dict, list))]
        if not level:
            return
        level = [inner for item in level for inner in (item.values() if isinstance(item, dict) else item)]
    raise DocumentError(TOO_DEEP)


def from_json(data: Any) -> Workflow:
    """A workflow from parsed JSON of our own format.

    Raises:
        DocumentError: It is not a document of this format, or of a newer version.
    """
    version = data.get("graphengine") if isinstance(data, dict) else None
    if type(version) is not int or version < 1:
        raise DocumentError('The document is not a workflow of this format: it has no "graphengine": version.')
    if version > FORMAT:
        raise DocumentError(
            f"The document has format version {version}; this program reads up to {FORMAT}.", "Update graphengine."
        )
    for step in range(version, FORMAT):
        data = MIGRATIONS[step](data)
    return _workflow({key: value for key, value in data.items() if key != "graphengine"}, "workflow")


def to_json(workflow: Workflow) -> dict[str, Any]:
    """The workflow as JSON data of our own format."""
    return {"graphengine": FORMAT, **_dump_workflow(workflow)}


def _workflow(data: Any, where: str) -> Workflow:
    fields = dict(_object(data, where))
    nodes = _object(fields.pop("nodes", {}), f"{where}.nodes")
    if len(nodes) > MAX_NODES:
        raise DocumentError(f"{where} has {len(nodes):,} nodes; the limit is {MAX_NODES:,}.")
    subs = _object(fields.pop("workflows", {}), f"{where}.workflows")
    return Workflow(
        nodes={id: _node(node, f"node '{id}'") for id, node in nodes.items()},
        interface=_interface(fields.pop("interface", {}), f"{where}.interface"),
        workflows={name: _workflow(sub, f"sub-workflow '{name}'") for name, sub in subs.items()},
        layout=_object(fields.pop("layout", {}), f"{where}.layout"),
        lock=_object(fields.pop("lock", {}), f"{where}.lock"),
        extra=fields,
    )


def _node(data: Any, where: str) -> Node:
    fields = dict(_object(data, where))
    kind, title, mode = fields.pop("kind", ""), fields.pop("title", ""), fields.pop("mode", "on")
    version = fields.pop("version", 1)
    if not isinstance(kind, str) or not kind:
        raise DocumentError(f"{where} has no kind.")
    if not isinstance(title, str) or mode not in MODES or type(version) is not int:
        raise DocumentError(
            f"{where} has a bad title, mode or version.", f"mode is one of {', '.join(MODES)}; version an integer."
        )
    inputs = _object(fields.pop("inputs", {}), f"{where}.inputs")
    values = {name: _value(value, f"{where}, input '{name}'") for name, value in inputs.items()}
    return Node(kind, values, title, mode, version, fields)


def _value(data: Any, where: str) -> Any:
    if not isinstance(data, dict):
        return data
    if data.keys() == {"link"}:
        return _link(data["link"], where)
    if data.keys() == {"value"}:
        return data["value"]
    raise DocumentError(
        f"{where} is an object that is neither a link nor a value.", 'Write {"link": ...} or {"value": ...}.'
    )


def _link(data: Any, where: str) -> Link:
    fields = dict(_object(data, where))
    node, output = fields.pop("node", None), fields.pop("output", None)
    if not isinstance(node, str) or not isinstance(output, str):
        raise DocumentError(f"{where} is a bad link: {data!r}.", 'A link is {"node": id, "output": name}.')
    return Link(node, output, fields)


def _interface(data: Any, where: str) -> Interface:
    fields = dict(_object(data, where))
    inputs = _object(fields.pop("inputs", {}), f"{where}.inputs")
    outputs = _object(fields.pop("outputs", {}), f"{where}.outputs")
    return Interface(
        {name: _exposed(targets, f"{where}.inputs.{name}") for name, targets in inputs.items()},
        {name: _link(target, f"{where}.outputs.{name}") for name, target in outputs.items()},
        fields,
    )


def _exposed(data: Any, where: str) -> tuple[Exposed, ...]:
    if not isinstance(data, list):
        raise DocumentError(f"{where} is not a list of node inputs.")
    return tuple(_target(target, where) for target in data)


def _target(data: Any, where: str) -> Exposed:
    fields = dict(_object(data, where))
    node, input = fields.pop("node", None), fields.pop("input", None)
    if not isinstance(node, str) or not isinstance(input, str):
        raise DocumentError(f"{where} is bad: {data!r}.", 'Each entry is {"node": id, "input": name}.')
    return Exposed(node, input, fields)


def _object(data: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(data, dict):
        raise DocumentError(f"{where} is {type(data).__name__}, not an object.")
    return data


def _dump_workflow(workflow: Workflow) -> dict[str, Any]:
    fields: dict[str, Any] = {"nodes": {id: _dump_node(node) for id, node in workflow.nodes.items()}}
    interface = workflow.interface
    if interface.inputs or interface.outputs or interface.extra:
        fields["interface"] = {
            "inputs": {
                name: [_dump_target(target) for target in targets] for name, targets in interface.inputs.items()
            },
            "outputs": {name: _dump_link(link) for name, link in interface.outputs.items()},
            **interface.extra,
        }
    if workflow.workflows:
        fields["workflows"] = {name: _dump_workflow(sub) for name, sub in workflow.workflows.items()}
    if workflow.layout:
        fields["layout"] = workflow.layout
    if workflow.lock:
        fields["lock"] = workflow.lock
    return {**fields, **workflow.extra}


def _dump_node(node: Node) -> dict[str, Any]:
    fields: dict[str, Any] = {"kind": node.kind}
    if node.title:
        fields["title"] = node.title
    if node.mode != "on":
        fields["mode"] = node.mode
    if node.version != 1:
        fields["version"] = node.version
    fields["inputs"] = {name: _dump_value(value) for name, value in node.inputs.items()}
    return {**fields, **node.extra}


def _dump_value(value: Any) -> Any:
    if type(value) is Link:
        return {"link": _dump_link(value)}
    return {"value": value} if isinstance(value, dict) else value


def _dump_link(link: Link) -> dict[str, Any]:
    return {"node": link.node, "output": link.output, **link.extra}


def _dump_target(target: Exposed) -> dict[str, Any]:
    return {"node": target.node, "input": target.input, **target.extra}
