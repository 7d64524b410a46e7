"""What packs tell of files by functions of their manifests: looked up once for each state of the file."""

import logging
from pathlib import Path
from typing import Any, Literal

from graphengine.execution.disk import DiskCache
from graphengine.execution.history import note_name
from graphengine.files import Files
from graphengine.packs.index import Index
from graphengine.packs.load import named_function
from graphengine.packs.manifest import Manifest

log = logging.getLogger("graphengine")


class FileFacts:
    """One fact of files.

    Args:
        fact: The entry of packs' manifests that names a function of a path.
        index: Its packs are asked one by one, until one knows.
        disk: Keeps what was told, so that later processes need not open the file.
    """

    def __init__(self, fact: Literal["family", "size"], files: Files, index: Index, disk: DiskCache | None) -> None:
        self._fact, self._files, self._disk = fact, files, disk
        self._packs = [pack for pack in index.packs.values() if getattr(pack, fact)]
        self._known: dict[str, Any] = {}

    def of(self, source: str, name: Any) -> Any:
        """The fact of a file of a source; None when there is no such file, or nobody can tell."""
        path = self._files.find(source, name) if isinstance(name, str) else None
        if path is None or not self._packs:
            return None
        state = f"{path}:{self._files.fingerprint(source, name)}"
        if state not in self._known:
            note = note_name(f"{self._fact}-{state}")
            told = self._disk.read_note(note) if self._disk is not None else None
            if not isinstance(told, list) or len(told) != 1:
                told = [next(filter(None, (self._told(pack, path) for pack in self._packs)), None)]
                if self._disk is not None:
                    self._disk.write_note(note, told)
            self._known[state] = told[0]
        return self._known[state]

    def _told(self, pack: Manifest, path: Path) -> Any:
        """What one pack tells; a function that fails knows nothing, and the log says so."""
        function = getattr(pack, self._fact)
        try:
            return named_function(pack, function)(path)
        except Exception as error:  # noqa: BLE001  a pack's own code, which stops nothing else
            log.warning("pack '%s': %s failed at %s: %s: %s", pack.name, function, path, type(error).__name__, error)
            return None
