"""Bytes kept once by their digest, inside a transaction of the store."""

import hashlib
from collections.abc import Iterable
from sqlite3 import Connection

UNUSED = """
DELETE FROM contents WHERE id = ?1
    AND NOT EXISTS (SELECT 1 FROM jobs WHERE content = ?1)
    AND NOT EXISTS (SELECT 1 FROM versions WHERE content = ?1)
    AND NOT EXISTS (SELECT 1 FROM drafts WHERE content = ?1)
"""


def digest(data: bytes) -> bytes:
    """What bytes are known by."""
    return hashlib.sha256(data).digest()


def put(connection: Connection, data: bytes) -> int:
    """The id under which these bytes are kept, from now on if not before."""
    key = digest(data)
    found = connection.execute("SELECT id FROM contents WHERE digest = ?", (key,)).fetchone()
    if found is not None:
        return int(found[0])
    added = connection.execute("INSERT INTO contents (digest, data) VALUES (?, ?)", (key, data))
    return int(added.lastrowid or 0)


def drop_unused(connection: Connection, ids: Iterable[int]) -> None:
    """Remove those of the contents that nothing refers to any more."""
    connection.executemany(UNUSED, [(id,) for id in set(ids)])
