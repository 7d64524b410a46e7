"""Find packs: built-in ones, those in the user's folders, and installed ones that declare an entry point."""

import importlib.util
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path

from graphengine.graph.errors import PackError
from graphengine.packs.manifest import MANIFEST, Manifest, read_manifest

ENTRY_POINTS = "graphengine.packs"


@dataclass(frozen=True)
class Fault:
    """A pack, or a module of one, that could not be used: reported by name, stops nothing else."""

    pack: str
    message: str


@dataclass(frozen=True)
class Found:
    """The packs that were found, and what is wrong with the others."""

    packs: tuple[Manifest, ...]
    faults: tuple[Fault, ...]


def find(builtin: Path, folders: Iterable[Path] = ()) -> Found:
    """All packs; of two with one name the first found stays, the other is a fault."""
    packs: dict[str, Manifest] = {}
    faults: list[Fault] = []
    candidates = [*_in_folders((builtin, *folders)), *_installed(faults)]
    for folder in dict.fromkeys(candidates):
        try:
            manifest = read_manifest(folder, builtin=folder.parent == builtin)
        except PackError as error:
            faults.append(Fault(folder.name, str(error)))
            continue
        if manifest.name in packs:
            other = packs[manifest.name].folder
            faults.append(Fault(manifest.name, f"There is a pack of this name in {other} and in {folder}. Rename one."))
        else:
            packs[manifest.name] = manifest
    return Found(tuple(packs.values()), tuple(faults))


def _in_folders(parents: Iterable[Path]) -> Iterator[Path]:
    for parent in parents:
        if parent.is_dir():
            yield from sorted(path.parent for path in parent.glob(f"*/{MANIFEST}"))


def _installed(faults: list[Fault]) -> Iterator[Path]:
    """The folders of installed packages that declare themselves packs."""
    for entry in sorted(entry_points(group=ENTRY_POINTS), key=lambda entry: entry.name):
        try:
            found = importlib.util.find_spec(entry.value)
        except Exception as error:  # noqa: BLE001  a broken pack must not stop the others: reported by name
            faults.append(Fault(entry.name, f"{entry.value}: {type(error).__name__}: {error}"))
            continue
        if found is not None and found.submodule_search_locations:
            yield Path(found.submodule_search_locations[0])
        else:
            faults.append(Fault(entry.name, f"The entry point names {entry.value}, which is no package."))
