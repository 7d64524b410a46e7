"""The disk tier of the cache: one file a key, written aside and renamed, checked on read, capped in size; small entries
share one (``small``).

Processes share a folder without a lock: a file is either whole or not there, and its content is fixed by its name.
"""

import contextlib
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path

from graphengine.execution.codec import Codec, NotReadable, NotStorable
from graphengine.execution.keys import Key
from graphengine.execution.small import LARGEST, SmallEntries
from graphengine.execution.values import Entry, entry_of

SMALL = 4 * 2**20  # bytes at most for all small entries, some ten thousand: each takes memory too
TRIM_EVERY = 64 * 2**20  # bytes written between two looks at the folder's size


class DiskCache:
    """Entries by key in a folder.

    Args:
        folder: Made when first written to.
        codec: How values become bytes.
        limit: Bytes to keep; what was used least recently goes first.
        seconds: Work that took less is not worth a file.
    """

    def __init__(self, folder: Path, codec: Codec, limit: int, seconds: float = 0.0) -> None:
        self.folder = folder
        self.codec = codec
        self.limit = limit
        self.seconds = seconds
        self._small = SmallEntries(folder / "small", min(SMALL, limit // 4))
        self._written = TRIM_EVERY

    def read(self, key: Key) -> Entry | None:
        """The entry, or None; a damaged or foreign one is dropped."""
        path = self._path(key)
        try:
            small = self._small.read(key)
            if small is None and not os.access(path, os.R_OK):  # most keys are asked for in vain; open costs four times
                return None
            data = Path(path).read_bytes() if small is None else small
        except OSError:
            return None
        try:
            outputs, results, seconds = self.codec.decode(data)
            entry = entry_of(tuple(outputs), dict(results), float(seconds))
        except (NotReadable, TypeError, ValueError):
            _remove(path) if small is None else self._small.forget(key)
            return None
        if small is None:
            with contextlib.suppress(OSError):
                os.utime(path)
        return entry

    def write(self, key: Key, entry: Entry, *, always: bool = False) -> None:
        """Keep an entry if it is worth a file and can be written; a full disk is no error here.

        Args:
            always: However little time it took.
        """
        if entry.seconds < self.seconds and not always:
            return
        try:
            data = self.codec.encode((entry.outputs, entry.results, entry.seconds))
        except NotStorable:
            return
        if len(data) > LARGEST:
            self._put(self._path(key), data)
        else:
            with contextlib.suppress(OSError):
                self._small.write(key, data)

    def read_note(self, name: str) -> object:
        """Small JSON data by name, or None."""
        try:
            return json.loads((self.folder / "notes" / f"{name}.json").read_bytes())
        except (OSError, ValueError):
            return None

    def write_note(self, name: str, data: object) -> None:
        """Keep small JSON data by name."""
        self._put(f"{self.folder}/notes/{name}.json", json.dumps(data).encode())

    def clear(self) -> int:
        """Remove everything; returns the bytes freed."""
        freed = 0
        for path, size, _ in list(self._files()):
            freed += size if _remove(path) else 0
        return freed

    def size(self) -> tuple[int, int]:
        """Files and bytes."""
        sizes = [size for _, size, _ in self._files()]
        return len(sizes), sum(sizes)

    def _path(self, key: Key) -> str:
        name = key.hex()
        return f"{self.folder}/{name[:2]}/{name}.safetensors"

    def _put(self, path: str, data: bytes) -> None:
        folder, name = os.path.split(path)
        aside = f"{folder}/.{name}.{os.getpid()}-{threading.get_ident()}.part"
        try:
            if not os.access(folder, os.F_OK):
                os.makedirs(folder, exist_ok=True)
            with open(aside, "wb") as file:
                file.write(data)
            os.replace(aside, path)
        except OSError:
            _remove(aside)
        self._written += len(data)
        if self._written >= TRIM_EVERY:
            self._written = 0
            self._trim()

    def _trim(self) -> None:
        files = sorted(self._files(), key=lambda file: file[2])
        total = sum(size for _, size, _ in files)
        for path, size, _ in files:
            if total <= self.limit:
                break
            total -= size if _remove(path) else 0

    def _files(self) -> Iterator[tuple[Path, int, float]]:
        """(path, bytes, last use) of every file."""
        for base, _, names in os.walk(self.folder):
            for name in names:
                path = Path(base, name)
                with contextlib.suppress(OSError):
                    stat = path.stat()
                    yield path, stat.st_size, stat.st_mtime


def _remove(path: str | Path) -> bool:
    """Whether a file is gone; one that cannot be removed (a read-only folder) is no error here."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True
