"""Documents in the store: each function is part of one transaction. Names are as ``documents`` writes them."""

from collections.abc import Collection, Sequence
from math import inf
from sqlite3 import Connection

import msgspec

from graphengine.server import contents, job_rows
from graphengine.server.errors import Conflict, NotFound

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
KEPT_DELETED = 30 * DAY

# (versions younger than this, one is kept in each stretch of this length), seconds. Each stretch is a multiple of the
# one before, so that what is the last of a long one is never dropped from a short one
THINNING = ((10 * MINUTE, 0.0), (HOUR, MINUTE), (DAY, 10 * MINUTE), (30 * DAY, DAY), (inf, 30 * DAY))


class Entry(msgspec.Struct, frozen=True):
    """A document, as a list shows it.

    Attributes:
        name: With its folders, ``/`` between them.
        version: The one saved last; None when there is only a draft.
        time: When that was, or when the draft was kept; Unix seconds.
        bytes: Its size.
        draft: Whether there is something unsaved.
    """

    name: str
    version: int | None
    time: float
    bytes: int
    draft: bool


class Version(msgspec.Struct, frozen=True):
    """A saved state: its number, when it was saved (Unix seconds), its size, and what people call it, if they do."""

    version: int
    time: float
    bytes: int
    name: str


class Draft(msgspec.Struct, frozen=True):
    """An unsaved state, the version that it began from (None for none), when it was kept, and what it is known by."""

    data: bytes
    based_on: int | None
    time: float
    tag: str


def entries(connection: Connection, prefix: str) -> list[Entry]:
    """The documents and lone drafts whose names begin so, by name."""
    query = """
        SELECT d.name, version, v.time, length(data), EXISTS (SELECT 1 FROM drafts WHERE name = d.name)
        FROM documents d
        JOIN versions v ON version = (SELECT max(version) FROM versions WHERE document = d.id)
        JOIN contents ON contents.id = v.content
        WHERE deleted IS NULL AND substr(d.name, 1, length(?1)) = ?1
        UNION ALL
        SELECT name, NULL, time, length(data), 1
        FROM drafts JOIN contents ON contents.id = content
        WHERE substr(name, 1, length(?1)) = ?1
            AND NOT EXISTS (SELECT 1 FROM documents d WHERE d.name = drafts.name AND deleted IS NULL)
        ORDER BY 1
    """
    return [
        Entry(name, version, time, size, bool(draft))
        for name, version, time, size, draft in connection.execute(query, (prefix,))
    ]


def read(connection: Connection, name: str, version: int | None = None) -> tuple[bytes, int]:
    """Contents and number of a version of a document, by default the last.

    Raises:
        NotFound: There is no such document, or it has no such version.
    """
    query = """
        SELECT data, version FROM versions JOIN contents ON contents.id = content
        WHERE document = ?1 AND version = coalesce(?2, (SELECT max(version) FROM versions WHERE document = ?1))
    """
    row = connection.execute(query, (_document(connection, name), version)).fetchone()
    if row is None:
        raise _no_version(name, version)
    return row[0], row[1]


def last_version(connection: Connection, name: str) -> int:
    """The number of the version saved last. Raises as ``read``."""
    query = "SELECT max(version) FROM versions WHERE document = ?"
    return int(connection.execute(query, (_document(connection, name),)).fetchone()[0])


def history(connection: Connection, name: str) -> list[Version]:
    """The versions of a document, the newest first. Raises as ``read``."""
    query = """
        SELECT version, time, length(data), name FROM versions JOIN contents ON contents.id = content
        WHERE document = ? ORDER BY version DESC
    """
    return [Version(*row) for row in connection.execute(query, (_document(connection, name),))]


def name_version(connection: Connection, name: str, version: int, called: str) -> None:
    """Say what people call a version, by which it stays; nothing takes the name away. Raises as ``read``."""
    query = "UPDATE versions SET name = ? WHERE document = ? AND version = ?"
    if not connection.execute(query, (called, _document(connection, name), version)).rowcount:
        raise _no_version(name, version)


def _no_version(name: str, version: int | None) -> NotFound:
    return NotFound(f"The document '{name}' has no version {version} (any more).", "See its history.")


def save(
    connection: Connection, name: str, data: bytes, based_on: int | None, now: float, was: str | None = None
) -> int:
    """The number of the version that has these contents.

    Args:
        was: The name that it had until now, as a draft: what ran by that, if no document has it, goes by the new one.

    Raises:
        Conflict: It is based on another version than the last.
    """
    version = _save(connection, name, data, based_on, now)
    if was is not None and _find(connection, was) is None:
        job_rows.retitle(connection, was, name)
    return version


def _save(connection: Connection, name: str, data: bytes, based_on: int | None, now: float) -> int:
    document = _find(connection, name)
    current = None if document is None else last_version(connection, name)
    if current is not None and read(connection, name)[0] == data:  # asked again, perhaps after a lost answer
        drop_draft(connection, name)
        return current
    if based_on != current:
        raise _outdated(name, based_on, current)
    if document is None:
        document = connection.execute("INSERT INTO documents (name) VALUES (?)", (name,)).lastrowid
    added = connection.execute(
        "INSERT INTO versions (document, time, content) VALUES (?, ?, ?)",
        (document, now, contents.put(connection, data)),
    )
    drop_draft(connection, name)
    _thin(connection, document, now)
    return int(added.lastrowid or 0)


def _outdated(name: str, based_on: int | None, current: int | None) -> Conflict:
    edited = "a new document" if based_on is None else f"version {based_on}"
    there = "it is not there (any more)" if current is None else f"version {current} is there now"
    return Conflict(
        f"The save of '{name}' is based on {edited}, but {there}.",
        "Read it again, or save under another name.",
        current,
    )


def surplus(times: Sequence[float], now: float) -> set[int]:
    """The positions of versions, oldest first, that ``THINNING`` does not keep; the last one is always kept."""
    kept: dict[tuple[float, float], int] = {}
    for position, moment in enumerate(times):
        stretch = next(stretch for age, stretch in THINNING if now - moment < age)
        kept[stretch, moment // stretch if stretch else position] = position
    return set(range(len(times) - 1)) - set(kept.values())


def _thin(connection: Connection, document: int | None, now: float) -> None:
    query = "SELECT version, time, content, name FROM versions WHERE document = ? ORDER BY version"
    versions = connection.execute(query, (document,)).fetchall()
    many = [versions[position] for position in surplus([time for _, time, _, _ in versions], now)]
    gone = [(version, content) for version, _, content, name in many if not name]
    connection.executemany("DELETE FROM versions WHERE version = ?", [(version,) for version, _ in gone])
    contents.drop_unused(connection, [content for _, content in gone])


def thin_next(connection: Connection, last: int, now: float) -> int | None:
    """Drop versions that are too many of the document that comes after one (by id); its id, None when none does."""
    row = connection.execute("SELECT id FROM documents WHERE id > ? ORDER BY id LIMIT 1", (last,)).fetchone()
    if row is None:
        return None
    _thin(connection, row[0], now)
    return int(row[0])


def keep_draft(
    connection: Connection, name: str, data: bytes, based_on: int | None, now: float, known: Collection[str] | None
) -> str:
    """Keep an unsaved state in the place of the one before; its tag. Raises as ``drop_draft``."""
    tag = contents.digest(data).hex()
    drop_draft(connection, name, None if known is None else {*known, tag})  # the same again is no other
    content = contents.put(connection, data)
    connection.execute("INSERT INTO drafts VALUES (?, ?, ?, ?)", (name, now, based_on, content))
    return tag


def read_draft(connection: Connection, name: str) -> Draft | None:
    """What is unsaved, if anything is."""
    query = """
        SELECT data, based_on, time, lower(hex(digest)) FROM drafts JOIN contents ON contents.id = content
        WHERE name = ?
    """
    row = connection.execute(query, (name,)).fetchone()
    return None if row is None else Draft(*row)


def drop_draft(connection: Connection, name: str, known: Collection[str] | None = None) -> None:
    """Forget what is unsaved, if anything is.

    Args:
        connection: In whose transaction.
        name: Of which document.
        known: The tags of those that may go; None for whatever is there.

    Raises:
        Conflict: There is one that may not.
    """
    draft = None if known is None else read_draft(connection, name)
    if known is not None and draft is not None and draft.tag not in known:
        raise Conflict(f"Another draft of '{name}' was kept meanwhile.", "Read it, and send its ETag to write over it.")
    dropped = connection.execute("DELETE FROM drafts WHERE name = ? RETURNING content", (name,)).fetchall()
    contents.drop_unused(connection, [content for (content,) in dropped])


def rename(connection: Connection, name: str, new: str) -> None:
    """Give a document another name, by which what ran of it goes too.

    Raises:
        NotFound: There is no such document.
        Conflict: The other name is taken.
    """
    document = _document(connection, name)
    if new != name:
        _refuse_taken(connection, new)
        connection.execute("UPDATE documents SET name = ? WHERE id = ?", (new, document))
        connection.execute("UPDATE drafts SET name = ? WHERE name = ?", (new, name))
        job_rows.retitle(connection, name, new)


def delete(connection: Connection, name: str, now: float) -> None:
    """Mark a document deleted. Raises as ``read``."""
    connection.execute("UPDATE documents SET deleted = ? WHERE id = ?", (now, _document(connection, name)))
    drop_draft(connection, name)


def forget_deleted(connection: Connection, now: float) -> None:
    """Forget for good the documents that were deleted long ago."""
    old = "SELECT id FROM documents WHERE deleted < ?"
    used = connection.execute(
        f"SELECT content FROM versions WHERE document IN ({old})", (now - KEPT_DELETED,)
    ).fetchall()
    connection.execute(f"DELETE FROM documents WHERE id IN ({old})", (now - KEPT_DELETED,))
    contents.drop_unused(connection, [content for (content,) in used])


def undelete(connection: Connection, name: str) -> int:
    """Bring back the document of this name that was deleted last; its version.

    Raises:
        NotFound: There is none.
        Conflict: There is a document of that name. A draft is none: it is what somebody has unsaved of this one.
    """
    query = "SELECT id FROM documents WHERE name = ? AND deleted IS NOT NULL ORDER BY deleted DESC, id DESC"
    row = connection.execute(query, (name,)).fetchone()
    if row is None:
        raise NotFound(f"No document '{name}' was deleted in the last {KEPT_DELETED / DAY:.0f} days.")
    if _find(connection, name) is not None:
        raise _taken(name)
    connection.execute("UPDATE documents SET deleted = NULL WHERE id = ?", row)
    return last_version(connection, name)


def _find(connection: Connection, name: str) -> int | None:
    row = connection.execute("SELECT id FROM documents WHERE name = ? AND deleted IS NULL", (name,)).fetchone()
    return None if row is None else int(row[0])


def _document(connection: Connection, name: str) -> int:
    document = _find(connection, name)
    if document is None:
        raise NotFound(f"There is no document '{name}'.", "List the documents that there are.")
    return document


def _refuse_taken(connection: Connection, name: str) -> None:
    if _find(connection, name) is not None or read_draft(connection, name) is not None:
        raise _taken(name)


def _taken(name: str) -> Conflict:
    return Conflict(f"There is a document or a draft '{name}' already.", "Choose another name, or move that one first.")
