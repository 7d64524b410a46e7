"""Every problem of a workflow at once, as data; and what checking found out on the way.

Takes a flat workflow (``resolve`` has unfolded sub-workflows and bypasses). What was found out about one node's
literals is kept on the node itself, so that checking again after an edit looks only at what changed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from graphengine.graph import order as orders
from graphengine.graph.literals import Choose, Unfit, convert
from graphengine.graph.problem import Problem
from graphengine.graph.registry import Registry
from graphengine.graph.spec import InputSpec, NodeSpec
from graphengine.graph.types import ANY, fits, is_generic
from graphengine.graph.workflow import Link, Node, Workflow

MAX_UNKNOWN = 50  # kinds that others of a like name are looked for, so that a hostile file gets its answer soon

FamilyOf = Callable[[str, Any], str | None]  # source and file name -> the model family it belongs to


@dataclass(frozen=True)
class Analysis:
    """A flat workflow, checked.

    Attributes:
        workflow: What was checked.
        specs: Node id -> spec, for nodes of known kind.
        values: Node id -> literals as the node receives them.
        order: Ids, sources first; nodes on or behind a cycle are left out.
        problems: Everything that is wrong.
    """

    workflow: Workflow
    specs: Mapping[str, NodeSpec]
    values: Mapping[str, Mapping[str, Any]]
    order: Sequence[str]
    problems: Sequence[Problem]


def check(
    workflow: Workflow, registry: Registry, choose: Choose | None = None, family_of: FamilyOf | None = None
) -> Analysis:
    """Check a flat workflow.

    Args:
        choose: Tells what a named source offers; None leaves such choices unchecked.
        family_of: Tells the model family of a file; None leaves families unchecked.
    """
    nodes = workflow.nodes
    specs: dict[str, NodeSpec] = {}
    values: dict[str, Mapping[str, Any]] = {}
    problems: list[Problem] = []
    order = orders.topological(nodes)
    sorted_ = set(order) if len(order) < len(nodes) else nodes.keys()
    left = {id: node for id, node in nodes.items() if id not in sorted_}
    near: dict[str, list[str]] = {}
    problems += map(_cycle_problem, orders.cycles(left))
    for id, node in nodes.items():
        spec = registry.specs.get(node.kind)
        if spec is None:
            if node.kind not in near:
                near[node.kind] = registry.near(node.kind) if len(near) < MAX_UNKNOWN else []
            problems.append(_unknown_kind(id, node, near[node.kind]))
            continue
        specs[id] = spec
        if node.version > spec.version:
            problems.append(_newer(id, node, spec))
        own = literals(node, spec)
        values[id] = own.values
        if own.found:
            problems += [_problem(id, node, *found) for found in own.found]
        if own.sourced and choose is not None:
            problems += _check_sources(id, node, own.sourced, choose)
    types = _Types(nodes, specs, registry)
    for id in (*order, *left):
        if id in specs and nodes[id].links:
            problems += types.check_links(id)
    if family_of is not None:
        problems += _check_families(nodes, specs, order, registry, family_of)
    problems += _check_interface(workflow, specs)
    return Analysis(workflow, specs, values, order, problems)


class Literals(NamedTuple):
    """What one node's literals came to: converted values, problems (input, code, message, cure), inputs of a source."""

    spec: NodeSpec
    values: Mapping[str, Any]
    found: Sequence[tuple[str, str, str, str]]
    sourced: Sequence[tuple[InputSpec, str, Any]]


def literals(node: Node, spec: NodeSpec) -> Literals:
    """Convert and check a node's literals, once for each node and spec."""
    known: Literals | None = node.__dict__.get("_literals")
    if known is None or known.spec is not spec:
        known = _literals(node, spec)
        node.__dict__["_literals"] = known  # a memo, no part of the frozen value
    return known


def _literals(node: Node, spec: NodeSpec) -> Literals:
    values: dict[str, Any] = {}
    found: list[tuple[str, str, str, str]] = []
    sourced: list[tuple[InputSpec, str, Any]] = []
    for name, value in node.literals.items():
        port = spec.input_port(name)
        if port is None:
            continue  # kept in the document, and of no effect: files of other versions have them
        try:
            values[name] = convert(port, value)
        except Unfit as unfit:
            found.append((name, unfit.code, unfit.message, unfit.cure))
        if port.source:
            sourced.append((port, name, value))
    for port in spec.inputs:
        if port.required and port.name not in node.inputs:
            found.append((port.name, "missing_input", "is missing", f"Give it a value or a link of type {port.type}."))
    for name in node.links:
        if spec.input_port(name) is None:
            inputs = ", ".join(spec.inputs_by_name) or "none"
            found.append((name, "unknown_input", "is linked, but there is no such input", f"It has: {inputs}."))
    return Literals(spec, values, tuple(found), tuple(sourced))


def place(id: str, node: Node, input: str = "") -> str:
    """Where, for a message: ``node 'decode' (VAEDecode): input 'samples'``."""
    title = f" '{node.title}'" if node.title and node.title != node.kind else ""
    return f"node '{id}' ({node.kind}{title})" + (f": input '{input}'" if input else "")


def _problem(id: str, node: Node, input: str, code: str, message: str, cure: str) -> Problem:
    data = {"value": node.literals[input]} if input in node.literals else {}
    return Problem(code, id, input, f"{place(id, node, input)} {message}.", cure, data)


def _check_sources(
    id: str, node: Node, sourced: Sequence[tuple[InputSpec, str, Any]], choose: Choose
) -> Iterator[Problem]:
    for port, name, value in sourced:
        try:
            convert(port, value, choose)
        except Unfit as unfit:
            yield _problem(id, node, name, unfit.code, unfit.message, unfit.cure)


def _unknown_kind(id: str, node: Node, near: Sequence[str]) -> Problem:
    cure = f"Did you mean {' or '.join(near)}?" if near else "Install the pack that has it, or remove the node."
    return Problem("unknown_kind", id, "", f"node '{id}': there is no kind '{node.kind}'.", cure, {"near": near})


def _newer(id: str, node: Node, spec: NodeSpec) -> Problem:
    message = f"{place(id, node)} was written for version {node.version} of its kind; here it is {spec.version}."
    return Problem("newer_version", id, "", message, f"Update the pack {spec.pack or 'that has it'}.")


def _cycle_problem(path: Sequence[str]) -> Problem:
    shown = path if len(path) <= 12 else [*path[:6], "...", *path[-5:]]
    message = f"The nodes {' -> '.join(shown)} depend on each other in a circle."
    return Problem("cycle", path[0], "", message, "Remove one of these links.", {"path": path})


class _Types:
    """The types of all outputs, generic ones resolved along the way; asked in topological order."""

    def __init__(self, nodes: Mapping[str, Node], specs: Mapping[str, NodeSpec], registry: Registry) -> None:
        self.nodes, self.specs, self.registry = nodes, specs, registry
        self.bound: dict[str, dict[str, str]] = {}  # node -> generic -> the type it stands for

    def check_links(self, id: str) -> list[Problem]:
        spec, found = self.specs[id], []
        for name, link in self.nodes[id].links.items():
            port = spec.input_port(name)
            source = self.specs.get(link.node)
            given = source.output_port(link.output) if source is not None else None
            if link.node not in self.nodes or (source is not None and given is None):
                found.append(self._dangling(id, name, link, source))
            elif port is not None and given is not None and (given.type != port.type or is_generic(port.type)):
                found += self._check_types(id, name, link, given.type, port.type)
        return found

    def _check_types(self, id: str, name: str, link: Link, given: str, wanted: str) -> Iterator[Problem]:
        if is_generic(given):
            given = self.bound.get(link.node, {}).get(given, ANY)
        if is_generic(wanted):
            wanted = self.bound.setdefault(id, {}).setdefault(wanted, given)
        if not fits(given, wanted):
            yield self._wrong_type(id, name, link, given, wanted)

    def _dangling(self, id: str, name: str, link: Link, source: NodeSpec | None) -> Problem:
        where = place(id, self.nodes[id], name)
        if source is None:
            message, cure = f"{where} is linked to '{link.node}', and there is no such node.", "Link it to another."
        else:
            outputs = ", ".join(source.outputs_by_name) or "none"
            message = f"{where} is linked to '{link.node}.{link.output}', and {source.kind} has no such output."
            cure = f"It has: {outputs}."
        return Problem("dangling_link", id, name, message, cure, {"node": link.node, "output": link.output})

    def _wrong_type(self, id: str, name: str, link: Link, given: str, wanted: str) -> Problem:
        where = place(id, self.nodes[id], name)
        message = f"{where} takes {wanted}, but is linked to '{link.node}.{link.output}', a {given}."
        converters = self.registry.converters(given, wanted)
        cure = f"Put {' or '.join(converters[:3])} between them." if converters else self._other_source(wanted)
        return Problem(
            "wrong_type", id, name, message, cure, {"given": given, "wanted": wanted, "converters": converters}
        )

    def _other_source(self, wanted: str) -> str:
        for id, spec in self.specs.items():
            for port in spec.outputs:
                if port.type == wanted:
                    return f"Link it to an output of type {wanted}, such as '{id}.{port.name}'."
        return f"Link it to an output of type {wanted}."


def _check_families(
    nodes: Mapping[str, Node],
    specs: Mapping[str, NodeSpec],
    order: Sequence[str],
    registry: Registry,
    family_of: FamilyOf,
) -> Iterator[Problem]:
    """Families flow from files through nodes; all that meet in one node must agree."""
    carrying = registry.family_types()
    families: dict[str, str] = {}
    for id in order:
        spec = specs.get(id)
        if spec is None or carrying.isdisjoint(spec.port_types):
            continue
        met: dict[str, str] = {}
        for name, link in nodes[id].links.items():
            port = spec.input_port(name)
            if port is not None and port.type in carrying and link.node in families:
                met[name] = families[link.node]
        if not met:
            files = [(port.source, nodes[id].literals.get(port.name)) for port in spec.inputs if port.file]
            named = [family_of(source, name) for source, name in files if source and name is not None]
            families.update((id, family) for family in named if family)
            continue
        families[id] = next(iter(met.values()))
        if len(set(met.values())) > 1:
            given = ", ".join(f"'{name}' is {family}" for name, family in met.items())
            message = f"{place(id, nodes[id])} joins different model families: {given}."
            yield Problem("family", id, "", message, "Use models of one family.", {"families": met})


def _check_interface(workflow: Workflow, specs: Mapping[str, NodeSpec]) -> Iterator[Problem]:
    for name, targets in workflow.interface.inputs.items():
        for target in targets:
            if target.node not in workflow.nodes:
                message = f"The interface's input '{name}' sets node '{target.node}', which does not exist."
                yield Problem("bad_interface", target.node, target.input, message, "Remove it from the interface.")
            elif target.node in specs and specs[target.node].input_port(target.input) is None:
                message = f"The interface's input '{name}' sets '{target.node}.{target.input}', which does not exist."
                yield Problem("bad_interface", target.node, target.input, message, "Remove it from the interface.")
    for name, link in workflow.interface.outputs.items():
        if link.node not in workflow.nodes:
            message = f"The interface's output '{name}' takes node '{link.node}', which does not exist."
            yield Problem("bad_interface", link.node, "", message, "Remove it from the interface.")
        elif link.node in specs and specs[link.node].output_port(link.output) is None:
            message = f"The interface's output '{name}' takes '{link.node}.{link.output}', which does not exist."
            yield Problem("bad_interface", link.node, "", message, "Remove it from the interface.")
