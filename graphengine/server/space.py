"""Room on the disk: what the database takes and gives back, and folders kept to a size and an age."""

import os
import time
from contextlib import suppress
from pathlib import Path
from sqlite3 import Connection

SPARE = 4  # a file keeps a part of this many free for rows to come: to give all back would only have it grow again
BITE = 256  # pages given back at once


def used_bytes(connection: Connection) -> int:
    """What the rows of a database take; free pages of its file do not count."""
    return (_pragma(connection, "page_count") - _pragma(connection, "freelist_count")) * _pragma(
        connection, "page_size"
    )


def give_back(connection: Connection) -> bool:
    """Let the file shrink by some of the pages that are free beyond the spare ones; whether that did anything."""
    free = _pragma(connection, "freelist_count")
    surplus = free - _pragma(connection, "page_count") // SPARE
    if surplus <= 0:
        return False
    for _ in range(min(surplus, BITE)):  # Python's driver takes but one step of the statement, however many it asks for
        connection.execute("PRAGMA incremental_vacuum(1)").fetchall()
    return _pragma(connection, "freelist_count") < free


def trim(folder: Path, most_bytes: int, most_seconds: float | None = None) -> int:
    """Delete the oldest files below a folder until it has at most so many bytes, and those that are too old.

    Returns:
        How many files were deleted.
    """
    files = sorted(_files(folder))
    total = sum(size for _, size, _ in files)
    oldest = None if most_seconds is None else time.time() - most_seconds
    gone = 0
    for written, size, path in files:
        if total <= most_bytes and (oldest is None or written >= oldest):
            break
        with suppress(OSError):  # it is gone already, or cannot be: the next one may
            os.unlink(path)
            gone += 1
        total -= size
    return gone


def _pragma(connection: Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def _files(folder: Path) -> list[tuple[float, int, str]]:
    """(when it was written, bytes, path) of each file; links are not followed."""
    found = []
    for base, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(base, name)
            with suppress(OSError):
                stat = os.lstat(path)
                found.append((stat.st_mtime, stat.st_size, path))
    return found
