"""What packs tell of files by functions of their manifests: looked up once for each state of the file."""

from typing import Any, Literal

from graphengine.execution.disk import DiskCache
from graphengine.execution.history import note_name
from graphengine.files import Files
from graphengine.packs.index import Index
from graphengine.packs.load import named_function


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
                functions = (named_function(pack, getattr(pack, self._fact)) for pack in self._packs)
                told = [next(filter(None, (function(path) for function in functions)), None)]
                if self._disk is not None:
                    self._disk.write_note(note, told)
            self._known[state] = told[0]
        return self._known[state]
