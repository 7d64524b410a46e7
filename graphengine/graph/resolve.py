"""From a workflow as people edit it to the flat one that is checked, planned and run.

Sub-workflows are unfolded: the inner nodes take the instance's place under ids ``outer:inner``, and what the instance
gives for an input of the interface overrides what the inner node has. Muted nodes are left out, and links to them
disappear. Links through bypassed nodes continue at one of their inputs, as the ComfyUI editor chooses it. Nothing here
recurses, so neither long chains nor deep nests exhaust the stack; links to nodes that do not exist stay, for ``check``
to report.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from graphengine.graph.errors import DocumentError
from graphengine.graph.signature import MAX_DEPTH, Definitions, Signature, Signatures, find_definition
from graphengine.graph.spec import MISSING, NodeSpec
from graphengine.graph.types import ANY, is_generic
from graphengine.graph.workflow import SUBWORKFLOW, Exposed, Interface, Link, Node, Workflow

MAX_NODES = 200_000


def resolve(workflow: Workflow, specs: Mapping[str, NodeSpec]) -> Workflow:
    """The workflow without sub-workflows, muted nodes and bypassed nodes; itself if it has none.

    Raises:
        DocumentError: A sub-workflow contains itself, the nest is too deep or unfolds to too many nodes, a link goes
            round in circles through bypassed nodes, or an id is that of a node in a sub-workflow.
    """
    if not workflow.workflows and all(map(_is_plain, workflow.nodes.values())):
        return workflow
    return _Resolution(workflow, specs).workflow()


def passed_on(workflow: Workflow, specs: Mapping[str, NodeSpec]) -> Mapping[str, Mapping[str, Link]]:
    """The outputs of nodes that the flat workflow has not: id -> output -> where what it gives comes from there.

    They are those of instances of sub-workflows and of bypassed nodes; outputs that nothing comes out of are left out.

    Raises:
        DocumentError: As ``resolve``.
    """
    if not workflow.workflows and all(map(_is_plain, workflow.nodes.values())):
        return {}
    return _Resolution(workflow, specs).passed_on()


def _is_plain(node: Node) -> bool:
    return node.mode == "on" and not node.kind.startswith(SUBWORKFLOW)


def passing_input(signature: Signature, output: str, wanted: str) -> str | None:
    """The input of a bypassed node at which links from ``output`` continue to an input of type ``wanted``."""
    inputs = list(signature.inputs.items())
    outputs = list(signature.outputs)
    index = outputs.index(output) if output in signature.outputs else int(output) if _is_index(output) else 0
    if not inputs:
        return None
    if wanted in ("", ANY) or is_generic(wanted):
        return inputs[index if index < len(inputs) else 0][0]
    given = signature.outputs[outputs[index]] if index < len(outputs) else ANY
    if index < len(inputs) and _alike(inputs[index][1], given) and _alike(inputs[index][1], wanted):
        return inputs[index][0]
    equal = (name for name, type in inputs if type == wanted)
    alike = (name for name, type in inputs if _alike(type, given) and _alike(type, wanted))
    return next(equal, None) or next(alike, None)


def _is_index(output: str) -> bool:
    return output.isascii() and output.isdigit() and len(output) < 10


def _alike(one: str, other: str) -> bool:
    """Whether two types have a member in common; no widening, unlike ``types.fits``."""
    if ANY in (one, other) or is_generic(one) or is_generic(other):
        return True
    return not set(one.upper().split(",")).isdisjoint(other.upper().split(","))


@dataclass(eq=False)
class _Scope:
    """One use of a workflow: the document itself, or an instance of a sub-workflow."""

    workflow: Workflow
    definitions: Definitions
    prefix: str = ""
    parent: "_Scope | None" = None
    instance: str = ""  # its id in the parent
    path: tuple[str, ...] = ()
    children: dict[str, "_Scope"] = field(default_factory=dict)


def _refuse_doubles(kept: Sequence[tuple[_Scope, str, Node]]) -> None:
    """Raise when two nodes come to have one id: ``a:b`` is also that of ``b`` in the sub-workflow at ``a``."""
    seen: dict[str, tuple[_Scope, str]] = {}
    for scope, id, _ in kept:
        flat = scope.prefix + id
        if flat in seen:
            message = (
                f"Two nodes come to have the id '{flat}': {_whereabouts(*seen[flat])}, and {_whereabouts(scope, id)}."
            )
            raise DocumentError(message, "Give one of them another id.")
        seen[flat] = scope, id


def _whereabouts(scope: _Scope, id: str) -> str:
    return f"node '{id}'" + (f" in the sub-workflow at '{scope.prefix[:-1]}'" if scope.prefix else "")


class _Resolution:
    def __init__(self, workflow: Workflow, specs: Mapping[str, NodeSpec]) -> None:
        self._root = _Scope(workflow, (workflow.workflows,))
        self._signatures = Signatures(specs)
        self._exposures: dict[int, dict[str, dict[str, str]]] = {}
        self._sources: dict[tuple[_Scope, Link, str], Link | None] = {}

    def workflow(self) -> Workflow:
        kept = list(self._unfold())
        _refuse_doubles(kept)
        nodes = {scope.prefix + id: self._node(scope, id, node) for scope, id, node in kept}
        return replace(self._root.workflow, nodes=nodes, interface=self._interface(), workflows={}, layout={})

    def passed_on(self) -> dict[str, dict[str, Link]]:
        for _ in self._unfold():
            pass  # it fills in the scopes' children
        found = {}
        pending = [self._root]
        while pending:
            scope = pending.pop()
            pending += scope.children.values()
            for id, node in scope.workflow.nodes.items():
                if node.mode == "bypassed" or id in scope.children:
                    found[scope.prefix + id] = self._outputs(scope, id, node)
        return found

    def _outputs(self, scope: _Scope, id: str, node: Node) -> dict[str, Link]:
        signature = self._signatures.of(node, scope.definitions)
        found: dict[str, Link] = {}
        for output, type in signature.outputs.items():
            with contextlib.suppress(DocumentError):  # round in circles, where nobody takes it
                link = self._source(scope, Link(id, output), type)
                found |= {output: link} if link is not None else {}
        return found

    def _unfold(self) -> Iterator[tuple[_Scope, str, Node]]:
        """Every node that is left, in document order; fills in the scopes' children."""
        visited = 0
        pending = [(self._root, iter(self._root.workflow.nodes.items()))]
        while pending:
            scope, nodes = pending[-1]
            id, node = next(nodes, (None, None))
            if id is None or node is None:
                pending.pop()
                continue
            visited += 1
            if visited > MAX_NODES:
                raise DocumentError(f"The workflow unfolds to more than {MAX_NODES:,} nodes.")
            if node.mode != "on":
                continue
            child = self._enter(scope, id, node)
            if child is None:
                yield scope, id, node
            else:
                scope.children[id] = child
                pending.append((child, iter(child.workflow.nodes.items())))

    def _enter(self, scope: _Scope, id: str, node: Node) -> _Scope | None:
        found = find_definition(node.kind, scope.definitions)
        if found is None:
            return None
        workflow, definitions = found
        path = (*scope.path, node.kind)
        around: _Scope | None = scope
        while around is not None:
            if around.workflow is workflow:
                raise DocumentError(
                    f"Sub-workflow '{node.kind}' contains itself: {' > '.join(path)}.",
                    f"Remove node '{scope.prefix + id}'.",
                )
            around = around.parent
        if len(path) > MAX_DEPTH:
            raise DocumentError(f"Sub-workflows are nested deeper than {MAX_DEPTH} levels: {' > '.join(path[:5])} ...")
        return _Scope(workflow, definitions, f"{scope.prefix}{id}:", scope, id, path)

    def _node(self, scope: _Scope, id: str, node: Node) -> Node:
        exposed = self._exposed(scope.workflow).get(id, {}) if scope.parent else {}
        inputs = {}
        for name in dict.fromkeys((*node.inputs, *exposed)):
            origin, value = self._value(scope, id, name)
            if type(value) is Link:
                value = self._source(origin, value, self._signatures.input_type(node, name, scope.definitions))
                if value is None:
                    continue
            if value is not MISSING:
                inputs[name] = value
        return replace(node, inputs=inputs)

    def _exposed(self, workflow: Workflow) -> dict[str, dict[str, str]]:
        """Node -> input -> the name under which the interface exposes it."""
        if id(workflow) not in self._exposures:
            found: dict[str, dict[str, str]] = {}
            for name, targets in workflow.interface.inputs.items():
                for target in targets:
                    found.setdefault(target.node, {}).setdefault(target.input, name)
            self._exposures[id(workflow)] = found
        return self._exposures[id(workflow)]

    def _value(self, scope: _Scope, node: str, input: str) -> tuple[_Scope, Any]:
        """What an input is set to, and in which scope: the outermost instance that says anything wins."""
        found = scope, scope.workflow.nodes[node].inputs.get(input, MISSING)
        while scope.parent is not None:
            name = self._exposed(scope.workflow).get(node, {}).get(input)
            if name is None:
                break
            scope, node, input = scope.parent, scope.instance, name
            value = scope.workflow.nodes[node].inputs.get(input, MISSING)
            if value is not MISSING:
                found = scope, value
        return found

    def _source(self, scope: _Scope, link: Link, wanted: str) -> Link | None:
        """Where a link really comes from in the flat workflow; None where that is left out or not connected."""
        path: dict[tuple[_Scope, Link, str], None] = {}
        while True:
            key = (scope, link, wanted)
            if key in self._sources:
                found = self._sources[key]
                break
            if key in path:
                circle = " > ".join(dict.fromkeys(where.prefix + via.node for where, via, _ in path))
                raise DocumentError(f"A link goes round in circles through bypassed nodes: {circle[:300]}.")
            path[key] = None
            step = self._step(scope, link, wanted)
            if not isinstance(step, tuple):
                found = step
                break
            scope, link = step
        self._sources.update(dict.fromkeys(path, found))
        return found

    def _step(self, scope: _Scope, link: Link, wanted: str) -> tuple[_Scope, Link] | Link | None:
        node = scope.workflow.nodes.get(link.node)
        if node is not None and node.mode == "muted":
            return None
        if node is not None and node.mode == "bypassed":
            signature = self._signatures.of(node, scope.definitions)
            input = passing_input(signature, link.output, wanted)
            origin, value = self._value(scope, link.node, input) if input else (scope, None)
            return (origin, value) if type(value) is Link else None
        child = scope.children.get(link.node)
        if child is None:
            return Link(scope.prefix + link.node, link.output)
        inner = child.workflow.interface.outputs.get(link.output)
        return (child, inner) if inner is not None else None

    def _interface(self) -> Interface:
        interface = self._root.workflow.interface
        outputs = {name: self._source(self._root, link, ANY) for name, link in interface.outputs.items()}
        return Interface(
            {name: tuple(self._targets(targets)) for name, targets in interface.inputs.items()},
            {name: link for name, link in outputs.items() if link is not None},
        )

    def _targets(self, targets: tuple[Exposed, ...]) -> Iterator[Exposed]:
        pending = [(self._root, target) for target in reversed(targets)]
        while pending:
            scope, target = pending.pop()
            child = scope.children.get(target.node)
            node = scope.workflow.nodes.get(target.node)
            if child is not None:
                inner = child.workflow.interface.inputs.get(target.input, ())
                pending += [(child, exposed) for exposed in reversed(inner)]
            elif node is None or node.mode == "on":
                yield Exposed(scope.prefix + target.node, target.input)
