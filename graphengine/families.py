"""Which model family a file is of, as a pack tells it: looked up once for each state of the file."""

from graphengine.execution.disk import DiskCache
from graphengine.execution.history import note_name
from graphengine.files import Files
from graphengine.packs.index import Index
from graphengine.packs.load import named_function


class Families:
    """Families of files.

    Args:
        index: Its packs say what tells a family (``family`` in their manifests).
        disk: Keeps what was told, so that later processes need not open the file.
    """

    def __init__(self, files: Files, index: Index, disk: DiskCache | None) -> None:
        self._files, self._disk = files, disk
        self._pack = next((pack for pack in index.packs.values() if pack.family), None)
        self._known: dict[str, str] = {}

    def of(self, source: str, name: str) -> str | None:
        """The family of a file of a source; None when there is no such file, or nobody can tell."""
        path = self._files.find(source, name) if isinstance(name, str) else None
        if path is None or self._pack is None:
            return None
        state = f"{path}:{self._files.fingerprint(source, name)}"
        if state not in self._known:
            note = note_name(f"family-{state}")
            told = self._disk.read_note(note) if self._disk is not None else None
            if not isinstance(told, str):
                told = named_function(self._pack, self._pack.family)(path) or ""
                if self._disk is not None:
                    self._disk.write_note(note, told)
            self._known[state] = told
        return self._known[state] or None
