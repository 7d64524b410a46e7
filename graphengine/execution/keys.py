"""Cache keys: how a value is made, hashed; never the value itself, and never a node's id.

    key = SHA-256(kind, code, literals, files named, device numerics if it matters, keys of linked inputs)

A node with lazy inputs is keyed by those that it needs, so its key is known only once its condition is; a node that
expands is replaced by its workflow once that is known. Until then what lies downstream has no key, and the plan is
asked again after the decision.
"""

import hashlib
import json
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from graphengine.graph import document
from graphengine.graph.check import Analysis
from graphengine.graph.errors import DocumentError
from graphengine.graph.spec import NodeSpec
from graphengine.graph.workflow import Link, Node, Workflow

Key = bytes


class Notes(Protocol):
    """Small JSON data by name."""

    def read_note(self, name: str) -> object: ...

    def write_note(self, name: str, data: object) -> None: ...


Fingerprint = Callable[[str, str], str]  # source and file name -> what changes when the file does


REMEMBERED = 10_000  # decisions of earlier runs

_EMPTY = hashlib.sha256()  # copied for each digest: making one anew costs twice as much as digesting a key's parts
_to_json = json.JSONEncoder(separators=(",", ":")).encode


def _digest(data: bytes) -> Key:
    hash = _EMPTY.copy()
    hash.update(data)
    return hash.digest()


class Decisions:
    """What was found out in earlier rounds and runs, by the key it depends on.

    Args:
        notes: Keeps small JSON data by name for other processes; None keeps nothing.
    """

    def __init__(self, notes: Notes | None = None) -> None:
        self._notes = notes
        self._needs: dict[Key, tuple[str, ...] | None] = {}
        self._expansions: dict[Key, Workflow | None] = {}

    def begin(self) -> None:
        """A run begins. Only now may others' decisions be forgotten when they are many: it needs its own to the end."""
        if len(self._needs) + len(self._expansions) > REMEMBERED:
            self._needs.clear()
            self._expansions.clear()

    def needs(self, key: Key) -> tuple[str, ...] | None:
        """The lazy inputs a node needs besides those in the key; None when it was never asked."""
        if self._needs.get(key) is None:
            found = self._notes.read_note(f"needs-{key.hex()}") if self._notes else None
            self._needs[key] = tuple(str(name) for name in found) if isinstance(found, list) else None
        return self._needs[key]

    def needed(self, key: Key, names: Sequence[str]) -> None:
        """A node was asked."""
        self._needs[key] = tuple(names)
        if self._notes:
            self._notes.write_note(f"needs-{key.hex()}", list(names))

    def expansion(self, key: Key) -> Workflow | None:
        """The workflow that an expanding node returned; None when it has not run."""
        if self._expansions.get(key) is None:
            found = self._notes.read_note(f"expansion-{key.hex()}") if self._notes else None
            self._expansions[key] = _workflow(found) if found is not None else None
        return self._expansions[key]

    def expanded(self, key: Key, workflow: Workflow) -> None:
        """An expanding node returned a workflow."""
        self._expansions[key] = workflow
        if self._notes:
            self._notes.write_note(f"expansion-{key.hex()}", document.to_json(workflow))

    def forget_expansion(self, key: Key) -> None:
        """What a node returned cannot take its place: it is asked again the next time."""
        self._expansions[key] = None
        if self._notes:
            self._notes.write_note(f"expansion-{key.hex()}", None)


def _workflow(note: object) -> Workflow | None:
    """The workflow of a note; one of another version is as good as none."""
    try:
        return document.from_json(note)
    except DocumentError:
        return None


@dataclass(frozen=True)
class Context:
    """What keys depend on besides the workflow.

    Attributes:
        fingerprint: Of files.
        mentioned: Of the files of a source that a text mentions; of all of them when the text is not known yet.
        numerics: What changes the numbers that device work gives (device, precision).
        place: Where output nodes save.
        nonce: New for each run; makes volatile nodes differ.
    """

    fingerprint: Fingerprint = lambda source, name: ""
    mentioned: Callable[[str, str | None], str] = lambda source, text: ""
    numerics: str = ""
    place: str = ""
    nonce: bytes = b""


@dataclass(frozen=True)
class Keys:
    """The keys of a flat workflow.

    Attributes:
        of: Node id -> key; None where a decision upstream is open.
        open: Node that has to decide something (lazy, expanding) -> the key its decision will be stored under.
        needed: Lazy node id -> the lazy inputs known to be needed.
        decided: Lazy nodes of which that is all they need.
    """

    of: Mapping[str, Key | None]
    open: Mapping[str, Key]
    needed: Mapping[str, frozenset[str]]
    decided: Container[str] = ()


def compute_keys(analysis: Analysis, decisions: Decisions, context: Context) -> Keys:
    """The key of every node whose inputs are known, in one pass over the order."""
    nodes, specs = analysis.workflow.nodes, analysis.specs
    of: dict[str, Key | None] = {}
    open_: dict[str, Key] = {}
    needed: dict[str, frozenset[str]] = {}
    decided: set[str] = set()
    for id in analysis.order:
        node, spec = nodes[id], specs.get(id)
        if spec is None:
            of[id] = None
            continue
        signature = _signature(node, spec, analysis.values[id])
        digest = signature.digest if spec.plain else _extended(id, analysis, signature.digest, context)
        if spec.lazy:
            key = of[id] = _lazy_key(id, node, spec, digest, of, decisions, open_, needed)
            if key is not None:
                decided.add(id)
                if spec.expands and decisions.needs(key) is None:
                    open_[id], of[id] = key, None
            continue
        parts = [digest]
        for source in signature.sources:
            key = of.get(source)
            if key is None:
                of[id] = None
                break
            parts.append(key)
        else:
            key = of[id] = _digest(b"".join(parts))
            if spec.expands and decisions.needs(key) is None:
                open_[id], of[id] = key, None
    return Keys(of, open_, needed, decided)


class _Signature(NamedTuple):
    """A node's own part of its key, and the nodes it is linked to, by input name."""

    spec: NodeSpec
    digest: bytes
    sources: tuple[str, ...]


def _signature(node: Node, spec: NodeSpec, values: Mapping[str, Any]) -> _Signature:
    """Made once for each node and spec; an edit makes a new node."""
    known: _Signature | None = node.__dict__.get("_signature")
    if known is None or known.spec is not spec:
        links = sorted(node.links.items())
        eager = [(name, link.output) for name, link in links if name not in spec.lazy_inputs]
        text = _to_json([spec.kind, spec.code, sorted(values.items()), eager])
        known = _Signature(spec, _digest(text.encode()), tuple([link.node for _, link in links]))
        node.__dict__["_signature"] = known  # a memo, no part of the frozen value
    return known


def named_files(spec: NodeSpec, values: Mapping[str, Any], linked: Container[str]) -> Iterator[tuple[str, str, str]]:
    """Input, source and name of each file that a node names, by what is written or by its default."""
    defaults = {
        port.name: port.default
        for port in spec.inputs
        if port.file and port.source and isinstance(port.default, str) and port.name not in linked
    }
    for name, value in sorted({**defaults, **values}.items()):
        port = spec.input_port(name)
        if port is not None and port.file and port.source:
            files = value if isinstance(value, list) else [value]
            yield from ((name, port.source, str(file)) for file in files)


def _extended(id: str, analysis: Analysis, digest: bytes, context: Context) -> bytes:
    """The digest with what else this kind depends on: files, device numerics, where it saves, nothing at all."""
    spec, values, linked = analysis.specs[id], analysis.values[id], analysis.workflow.nodes[id].links
    extra = [context.fingerprint(source, file) for _, source, file in named_files(spec, values, linked)]
    unknown = {port.name for name in linked if (port := spec.input_port(name)) is not None}
    for port in spec.inputs:
        if port.mentions:
            text = values.get(port.name)
            extra.append(context.mentioned(port.mentions, None if text is None else str(text)))
        elif port.file and port.source and port.name in unknown:  # the name is not known yet: it may be any
            extra.append(context.mentioned(port.source, None))
    if spec.resource == "device":
        extra.append(context.numerics)
    if spec.output:
        extra.append(context.place)
    if spec.volatile:
        extra += [context.nonce.hex(), id]
    return _digest(digest + json.dumps(extra).encode())


def _lazy_key(
    id: str,
    node: Node,
    spec: NodeSpec,
    digest: bytes,
    of: Mapping[str, Key | None],
    decisions: Decisions,
    open_: dict[str, Key],
    needed: dict[str, frozenset[str]],
) -> Key | None:
    """Follow the decisions known so far: each may name further inputs, whose keys the next one depends on."""
    links = sorted(node.links.items())
    wanted: frozenset[str] = frozenset()
    while True:
        needed[id] = wanted
        read = [(name, link) for name, link in links if name not in spec.lazy_inputs or name in wanted]
        state = _state_key(digest, read, of)
        if state is None:
            return None
        decided = decisions.needs(state)
        if decided is None:
            open_[id] = state
            return None
        more = wanted | (frozenset(decided) & spec.lazy_inputs & node.links.keys())
        if more == wanted:
            return _digest(b"decided" + state)
        wanted = more


def _state_key(digest: bytes, links: list[tuple[str, Link]], of: Mapping[str, Key | None]) -> Key | None:
    parts = [digest]
    for name, link in links:
        key = of.get(link.node)
        if key is None:
            return None
        parts += [name.encode(), b"\0", link.output.encode(), b"\0", key]
    return _digest(b"".join(parts))
