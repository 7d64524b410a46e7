"""A pack's manifest, ``pack.toml``: what can be known of a pack without running its code.

name = "my_pack"                          # letters, digits, _ and -
title = "My nodes"
version = "1.2"
code = ["my_library"]                     # packages whose content decides results, beside the pack's own files
renamed = { OldKind = "NewKind" }
store = ["my_library.types:Curve"]        # dataclasses whose values may be kept on disk
arrays = { "torch:Tensor" = "my_library.storage" }   # a module with pack(value) and unpack(...)
family = "my_library.files:family_of"     # tells the model family of a file, by its path
size = "my_library.files:size_of"         # tells the (width, height) of a file's pictures, by its path
describe = "my_library.files:describe"    # tells what a file is, for ``inspect``
doctor = "my_library.files:doctor"        # lines about the machine, for ``doctor``
looks = { MY_TYPE = ".looks:my_type" }    # tells what people are shown of a port type's values (``execution.looks``)
web = "web"                               # folder with modules for the editor: widgets of the pack's own
comfyui_web = "js"                        # folder with scripts for ComfyUI's page

``[[migrate]]`` tables bring documents of older versions up to date, see ``graph.migrate``.
"""

import hashlib
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path, PurePosixPath
from typing import Any

from graphengine.graph.errors import PackError
from graphengine.graph.migrate import Migration

MANIFEST = "pack.toml"
# all else is text
FORMS: Mapping[str, type] = {"code": list, "store": list, "renamed": dict, "arrays": dict, "looks": dict}
STEP: Mapping[str, Callable[[Any], bool]] = {  # what the fields of a [[migrate]] table must be
    "kind": lambda value: isinstance(value, str),
    "version": lambda value: type(value) is int,
    "rename": lambda value: _is_form(value, dict),
    "outputs": lambda value: _is_form(value, dict),
    "values": lambda value: isinstance(value, dict) and all(isinstance(known, dict) for known in value.values()),
    "add": lambda value: isinstance(value, dict),
    "remove": lambda value: _is_form(value, list),
}


@dataclass(frozen=True)
class Manifest:
    """What ``pack.toml`` says. ``folder`` is where it lies; ``builtin`` packs have bare kinds."""

    name: str
    folder: Path
    title: str = ""
    version: str = "0"
    builtin: bool = False
    code: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    migrations: tuple[Migration, ...] = ()
    store: tuple[str, ...] = ()
    arrays: Mapping[str, str] = field(default_factory=dict)
    family: str = ""
    describe: str = ""
    doctor: str = ""
    web: str = ""
    comfyui_web: str = ""
    looks: Mapping[str, str] = field(default_factory=dict)
    size: str = ""

    @property
    def package(self) -> str:
        """The name its modules are imported under; a user's pack may have the name of another engine's."""
        where = "" if self.builtin else f"_{hashlib.sha256(str(self.folder).encode()).hexdigest()[:8]}"
        return f"graphengine_packs.{self.name.replace('-', '_')}{where}"


def read_manifest(folder: Path, builtin: bool = False) -> Manifest:
    """Read the manifest of the pack in a folder.

    Raises:
        PackError: There is none, or it is wrong.
    """
    path = folder / MANIFEST
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PackError(f"The manifest {path} cannot be read: {error}.") from error
    given = {field.name for field in fields(Manifest)} - {"folder", "builtin", "migrations"} | {"migrate"}
    unknown = data.keys() - given
    if unknown:
        raise PackError(f"The manifest {path} has unknown entries: {', '.join(sorted(unknown))}.")
    for key, value in data.items():
        if key != "migrate" and not _is_form(value, FORMS.get(key, str)):
            raise PackError(f"The manifest {path} has {key} = {value!r}.", "See the manifests' documentation.")
    name = data.get("name", folder.name)
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z][\w-]*", name):
        raise PackError(f"The manifest {path} has the name {name!r}.", "Use letters, digits, _ and -.")
    for key in ("web", "comfyui_web"):
        web = PurePosixPath(data.get(key, ""))
        if web.is_absolute() or ".." in web.parts:
            raise PackError(f"The manifest {path} has {key} = '{web}'.", "Name a folder inside the pack.")
    return Manifest(
        name=name,
        folder=folder,
        title=data.get("title", name),
        version=data.get("version", "0"),
        builtin=builtin,
        code=tuple(data.get("code", ())),
        renamed=dict(data.get("renamed", {})),
        migrations=_migrations(data.get("migrate", []), path),
        store=tuple(data.get("store", ())),
        arrays=dict(data.get("arrays", {})),
        family=data.get("family", ""),
        describe=data.get("describe", ""),
        doctor=data.get("doctor", ""),
        web=data.get("web", ""),
        comfyui_web=data.get("comfyui_web", ""),
        looks=dict(data.get("looks", {})),
        size=data.get("size", ""),
    )


def _migrations(tables: Any, path: Path) -> tuple[Migration, ...]:
    where = f"The manifest {path} has a bad [[migrate]] table"
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise PackError(f"{where}: {tables!r}.", "Write it as [[migrate]].")
    for table in tables:
        wrong = [key for key, value in table.items() if key in STEP and not STEP[key](value)]
        if wrong:
            raise PackError(f"{where}: {wrong[0]} = {table[wrong[0]]!r}.", "See the manifests' documentation.")
    try:
        return tuple(sorted((Migration(**table) for table in tables), key=lambda step: step.version))
    except TypeError as error:
        raise PackError(f"{where}: {error}.") from error


def _is_form(value: object, form: type) -> bool:
    """Whether a value is a text, or a list or table of texts."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return isinstance(value, form) and all(isinstance(item, str) for item in inner)
