"""The index of specs: what all packs hold, kept in a file so that asking needs no import of them (nor of torch).

The file is named for what it was made from: the packs' files, by name, size and modification time. Any change makes
another name, so an index is never out of date, and is made again by importing the packs once.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import Any

import graphengine
from graphengine.graph.migrate import Migration
from graphengine.graph.registry import Registry
from graphengine.graph.spec import InputSpec, NodeSpec, OutputSpec
from graphengine.graph.types import PortType
from graphengine.packs.find import Fault, Found
from graphengine.packs.load import load_pack, named_function, package_files, source_files
from graphengine.packs.manifest import MANIFEST, Manifest


@dataclass(frozen=True)
class Index:
    """Everything that can be known of packs without importing them.

    Attributes:
        registry: Kinds and port types.
        packs: By name.
        faults: What is wrong with packs.
    """

    registry: Registry
    packs: Mapping[str, Manifest]
    faults: tuple[Fault, ...]

    @property
    def store(self) -> tuple[str, ...]:
        """Dataclasses whose values may be kept on disk."""
        return tuple(name for pack in self.packs.values() for name in pack.store)

    @property
    def arrays(self) -> dict[str, str]:
        """Array types -> the module that packs and unpacks them."""
        return {name: module for pack in self.packs.values() for name, module in pack.arrays.items()}

    @property
    def looks(self) -> dict[str, Callable[[], Callable[[Any], Any]]]:
        """Port types, and classes of values -> what loads the function that tells people of a value."""
        packs = self.packs.values()
        return {type: partial(named_function, pack, name) for pack in packs for type, name in pack.looks.items()}


def index(found: Found, folder: Path | None) -> Index:
    """The index of these packs, from its file in ``folder`` or made anew."""
    kept = kept_index(found, folder) if folder else None
    if kept is not None:
        return kept
    data = _make(found)
    if folder:
        _write(_path(found, folder), data)
    return _index(found, data)


def kept_index(found: Found, folder: Path) -> Index | None:
    """The index of these packs from its file; None when it must be made."""
    return _read(_path(found, folder), found)


def _path(found: Found, folder: Path) -> Path:
    return folder / f"{_state(found)}.json"


def _state(found: Found) -> str:
    digest = hashlib.sha256(f"{graphengine.__version__}".encode())
    for pack in found.packs:
        digest.update(repr((pack.name, str(pack.folder), pack.builtin)).encode())
        for path in (*source_files(pack.folder), pack.folder / MANIFEST):
            digest.update(_stat(path))
        for package in (*pack.code, "graphengine.graph", "graphengine.packs"):
            for path in package_files(package):
                digest.update(_stat(path))
    return digest.hexdigest()[:24]


def _stat(path: Path) -> bytes:
    stat = path.stat()
    return f"{path}:{stat.st_size}:{stat.st_mtime_ns};".encode()


def _make(found: Found) -> dict[str, Any]:
    specs: list[NodeSpec] = []
    types: dict[str, PortType] = {}
    faults: list[Fault] = []
    for pack in found.packs:
        loaded = load_pack(pack)
        specs += loaded.specs
        types |= {port.name: port for port in loaded.types}
        faults += loaded.faults
    return {
        "specs": [_dump(spec) for spec in specs],
        "types": [_dump(port) for port in types.values()],
        "faults": [_dump(fault) for fault in faults],
    }


def _dump(value: Any) -> dict[str, Any]:
    """The fields that differ from their defaults."""
    found = {}
    for field in fields(value):
        held = getattr(value, field.name)
        if field.name in ("inputs", "outputs"):
            found[field.name] = [_dump(port) for port in held]
        elif held != field.default and not (field.name == "services" and not held):
            found[field.name] = held
    return found


def _index(found: Found, data: Mapping[str, Any]) -> Index:
    specs = {spec["kind"]: _spec(spec) for spec in data["specs"]}
    renamed: dict[str, str] = {}
    for pack in found.packs:
        renamed |= {_qualified(pack, old): _qualified(pack, new) for old, new in pack.renamed.items()}
    types = {port["name"]: PortType(**port) for port in data["types"]}
    registry = Registry(specs, types, renamed, _migrations(found))
    faults = (*found.faults, *(Fault(**fault) for fault in data["faults"]))
    return Index(registry, {pack.name: pack for pack in found.packs}, faults)


def _migrations(found: Found) -> dict[str, list[Migration]]:
    steps: dict[str, list[Migration]] = {}
    for pack in found.packs:
        for step in pack.migrations:
            steps.setdefault(_qualified(pack, step.kind), []).append(step)
    return steps


def _qualified(pack: Manifest, kind: str) -> str:
    return kind if pack.builtin else f"{pack.name}/{kind}"


def _spec(data: dict[str, Any]) -> NodeSpec:
    inputs = tuple(InputSpec(**_tupled(port)) for port in data.pop("inputs", ()))
    outputs = tuple(OutputSpec(**_tupled(port)) for port in data.pop("outputs", ()))
    return NodeSpec(inputs=inputs, outputs=outputs, **data)


def _tupled(port: dict[str, Any]) -> dict[str, Any]:
    return {**port, **{name: tuple(port[name]) for name in ("choices", "size") if name in port}}


def _read(path: Path, found: Found) -> Index | None:
    """The index in a file; None when it is not there or damaged."""
    try:
        return _index(found, json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError, AttributeError, LookupError, RecursionError):
        return None


def _write(path: Path, data: Mapping[str, Any]) -> None:
    """Write aside and rename; an index that cannot be kept is only slower, so a full or read-only disk is no error."""
    aside = path.with_suffix(f".{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.write_text(json.dumps(data))
        os.replace(aside, path)
        for old in _others(path):
            old.unlink(missing_ok=True)
    except OSError:
        with contextlib.suppress(OSError):
            aside.unlink()


def _others(path: Path) -> Iterator[Path]:
    kept = sorted(path.parent.glob("*.json"), key=lambda other: other.stat().st_mtime)
    yield from (other for other in kept[:-8] if other != path)
