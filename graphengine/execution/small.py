"""Small cache entries, together in one file: making a file costs more than most of them took to make.

Records are only ever appended, each by one write, so processes share the file without a lock, as they share the others.
What a record holds is checked by whoever decodes it; a write that a full disk cut short costs that record and, at most,
the next ones.
"""

import os
import struct
import threading
import time
from collections.abc import Iterator
from io import FileIO
from pathlib import Path
from typing import BinaryIO

HEAD = struct.Struct("<4sI32s")  # mark, length of what follows, key
MARK = b"gev1"
LARGEST = 4096  # bytes of an entry; a larger one has a file of its own
LOOK_EVERY = 0.02  # seconds between two looks for what other processes appended


class SmallEntries:
    """Bytes by key (32 bytes), the newest of each; of the oldest, half is forgotten when there are too many.

    Args:
        path: The file; made when first written to.
        limit: Bytes of it.
    """

    def __init__(self, path: Path, limit: int) -> None:
        self.path, self.limit = path, limit
        self._places: dict[bytes, tuple[int, int]] = {}  # key -> where its record begins, and the length of its data
        self._first = b""  # of the file that they are places in, which another process may have replaced
        self._scanned = 0
        self._seen = (0, 0, 0)  # what it looked like from outside
        self._looked = float("-inf")
        self._lock = threading.Lock()

    def read(self, key: bytes) -> bytes | None:
        """The data of a key, perhaps damaged, or None; also where the file cannot be read."""
        with self._lock:
            try:
                if self._is_due():
                    self._look()
                if key not in self._places:
                    return None
                with open(self.path, "rb") as file:
                    self._scan(file)
                    begin, length = self._places.get(key, (0, 0))
                    file.seek(begin)
                    record = file.read(HEAD.size + length)
            except OSError:  # gone, or another user's
                return None
            return record[HEAD.size :] if record.startswith(HEAD.pack(MARK, length, key)) else None

    def write(self, key: bytes, data: bytes) -> None:
        """Keep the data of a key.

        Raises:
            OSError: There is no room, or it must not be written.
        """
        with self._lock:
            with self._to_append() as file:
                file.write(HEAD.pack(MARK, len(data), key) + data)
                size = file.tell()
            self._looked = float("-inf")
            if size > self.limit:
                self._halve()

    def forget(self, key: bytes) -> None:
        """Find nothing under a key until it is written again."""
        with self._lock:
            self._places.pop(key, None)

    def _to_append(self) -> FileIO:
        try:
            return open(self.path, "ab", buffering=0)
        except FileNotFoundError:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            return open(self.path, "ab", buffering=0)

    def _is_due(self) -> bool:
        now = time.monotonic()
        due = now - self._looked >= LOOK_EVERY
        if due:
            self._looked = now
        return due

    def _look(self) -> None:
        """Open the file if it changed."""
        try:
            found = os.stat(self.path)
        except FileNotFoundError:
            self._places.clear()
            return
        seen = found.st_ino, found.st_mtime_ns, found.st_size
        if seen != self._seen:
            self._seen = seen
            with open(self.path, "rb") as file:
                self._scan(file)

    def _scan(self, file: BinaryIO) -> None:
        """Note the places of what was appended since the last time."""
        first, size = file.read(HEAD.size), os.fstat(file.fileno()).st_size
        if first != self._first or size < self._scanned:
            self._places.clear()
            self._first, self._scanned = first, 0
        if size > self._scanned:
            file.seek(self._scanned)
            before = self._scanned
            for key, begin, length in _records(file.read()):
                self._places[key] = (before + begin, length)
                self._scanned = before + begin + HEAD.size + length

    def _halve(self) -> None:
        """Keep the newest half, in a new file."""
        data = self.path.read_bytes()
        records = [(key, data[begin : begin + HEAD.size + length]) for key, begin, length in _records(data)]
        newest = dict(records[len(records) // 2 :])
        aside = self.path.with_name(f".{self.path.name}.{os.getpid()}.part")
        try:
            aside.write_bytes(b"".join(newest.values()))
            os.replace(aside, self.path)
        except OSError:
            aside.unlink(missing_ok=True)
            raise


def _records(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Of each whole record its key, where it begins, and how long its data are."""
    place = 0
    while place + HEAD.size <= len(data):
        mark, length, key = HEAD.unpack_from(data, place)
        after = place + HEAD.size + length
        if mark != MARK or length > LARGEST:  # after a write that was cut short
            place = data.find(MARK, place + 1)
            if place < 0:
                return
        elif after > len(data):
            return
        else:
            yield key, place, length
            place = after
