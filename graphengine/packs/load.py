"""Import a pack's modules and collect what ``@node`` marked in them."""

import ast
import hashlib
import importlib
import importlib.util
import sys
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from graphengine.graph.errors import PackError
from graphengine.graph.node import MARK, Mark, derive, port_types
from graphengine.graph.spec import NodeSpec
from graphengine.graph.types import PortType
from graphengine.packs.find import Fault
from graphengine.packs.manifest import Manifest

ROOT = "graphengine_packs"


@dataclass(frozen=True)
class Loaded:
    """What a pack's modules hold."""

    specs: tuple[NodeSpec, ...]
    types: tuple[PortType, ...]
    faults: tuple[Fault, ...]


def load_pack(manifest: Manifest) -> Loaded:
    """Import every module of a pack as it is now; a broken one is a fault and costs only its own nodes."""
    for name in [name for name in sys.modules if name.startswith(f"{manifest.package}.")]:
        del sys.modules[name]  # imported before its files changed
    importlib.invalidate_caches()
    specs: dict[str, NodeSpec] = {}
    found: set[PortType] = set()
    faults = []
    for name in module_names(manifest.folder):
        try:
            module = load_module(manifest, name)
            for function in marked(module):
                spec = _placed(derive(function), manifest, name)
                if spec.kind in specs:
                    raise PackError(f"The kind {spec.kind} is also defined in {specs[spec.kind].module}.py.")
                specs[spec.kind] = spec
                found |= port_types(function)
        except (Exception, SystemExit) as error:  # noqa: BLE001  a broken pack must not stop the others: told by name
            faults.append(Fault(manifest.name, f"{name}.py: {type(error).__name__}: {error}"))
    return Loaded(tuple(specs.values()), tuple(sorted(found, key=lambda port: port.name)), tuple(faults))


def module_names(folder: Path) -> list[str]:
    """The names of a pack's modules, ``a.b`` for one in a sub-folder."""
    paths = (path.relative_to(folder).with_suffix("") for path in source_files(folder))
    return [".".join(path.parts) for path in paths if path.name != "__init__" and "tests" not in path.parts]


def load_module(manifest: Manifest, name: str) -> types.ModuleType:
    """Import one module of a pack; its relative imports work, and the pack's folder is not on ``sys.path``."""
    _package(ROOT, None)
    _package(manifest.package, manifest.folder)
    return importlib.import_module(f"{manifest.package}.{name}")


def _package(name: str, folder: Path | None) -> types.ModuleType:
    if name not in sys.modules:
        package = types.ModuleType(name)
        package.__path__ = [str(folder)] if folder else []
        sys.modules[name] = package
    return sys.modules[name]


def marked(module: types.ModuleType) -> Iterator[Callable[..., Any]]:
    """The functions that a module itself defines and marks."""
    for value in vars(module).values():
        if isinstance(getattr(value, MARK, None), Mark) and value.__module__ == module.__name__:
            yield value


def _placed(spec: NodeSpec, manifest: Manifest, module: str) -> NodeSpec:
    own = [port.name for port in spec.inputs if port.widget]
    if own and not manifest.web:
        message = f"node '{spec.kind}': input '{own[0]}' has a widget of the pack, but it has no folder 'web'."
        raise PackError(message, 'Say web = "web" in pack.toml.')
    kind = spec.kind if manifest.builtin else f"{manifest.name}/{spec.kind}"
    return replace(spec, kind=kind, pack=manifest.name, module=module, code=code_digest(manifest, module))


def code_digest(manifest: Manifest, module: str) -> str:
    """Of a module, the modules of its pack that it imports, and the packages that the manifest names."""
    digest = hashlib.sha256()
    pending, seen = [module], set()
    while pending:
        name = pending.pop()
        path = _source_file(manifest.folder, name)
        if name in seen or path is None:
            continue
        seen.add(name)
        source = path.read_bytes()
        digest.update(source)
        pending += sorted(_imported(source, name if path.name == "__init__.py" else name.rpartition(".")[0]))
    for package in manifest.code:
        for path in package_files(package):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _source_file(folder: Path, module: str) -> Path | None:
    stem = folder.joinpath(*module.split(".")) if module else folder
    return next((path for path in (stem.with_suffix(".py"), stem / "__init__.py") if path.is_file()), None)


def _imported(source: bytes, package: str) -> set[str]:
    """Modules of the same pack that a source in a package of it may import relatively."""
    names = set()
    for statement in ast.walk(ast.parse(source)):
        if isinstance(statement, ast.ImportFrom) and statement.level:
            parents = package.split(".") if package else []
            parents = parents[: len(parents) - statement.level + 1]
            parts = [*parents, *(statement.module or "").split(".")]
            target = ".".join(filter(None, parts))
            names |= {target, *(f"{target}.{alias.name}".strip(".") for alias in statement.names)}
    return names


def source_files(folder: Path) -> list[Path]:
    """The Python files of a folder, editors' hidden ones left out."""
    return sorted(path for path in folder.rglob("*.py") if path.is_file() and not path.name.startswith("."))


def package_files(package: str) -> list[Path]:
    """The source files of an installed package or module, without importing it."""
    found = importlib.util.find_spec(package.partition(".")[0])
    if found is None or found.origin is None:
        return []
    if not found.submodule_search_locations:
        return [Path(found.origin)]
    folder = Path(found.submodule_search_locations[0]).joinpath(*package.split(".")[1:])
    return source_files(folder) if folder.is_dir() else [folder.with_suffix(".py")]


def named_function(manifest: Manifest, name: str) -> Callable[..., Any]:
    """A function that a manifest names as ``module:function``; a dot before the module means one of the pack itself."""
    module, _, function = name.partition(":")
    own = module.startswith(".")
    return getattr(load_module(manifest, module[1:]) if own else importlib.import_module(module), function)


def node_function(manifest: Manifest, spec: NodeSpec) -> Callable[..., Any]:
    """The function of a spec, its module imported if it was not.

    Raises:
        PackError: The module fails, no longer has it, or may not be the code that the spec tells of.
    """
    try:
        function: Callable[..., Any] = getattr(load_module(manifest, spec.module), spec.function)
    except PackError:
        raise
    except (Exception, SystemExit) as error:  # whatever a pack raises, people are told whose it is
        message = f"The pack '{manifest.name}' cannot be loaded: {spec.module}.py: {type(error).__name__}: {error}."
        raise PackError(message, "Mend or remove the pack.") from error
    if not manifest.builtin and code_digest(manifest, spec.module) != spec.code:
        message = f"The files of the pack '{manifest.name}' have changed since they were read: {spec.module}.py."
        raise PackError(message, "Start again, so that results are kept for the code that made them.")
    return function
