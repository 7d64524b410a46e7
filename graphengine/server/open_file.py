"""Opening the store's file: looked at before it is touched, brought to this version's tables, errors in plain words."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from graphengine.server.errors import StoreError
from graphengine.server.schema import MIGRATIONS

APPLICATION = 0x67726665  # "grfe", in the file's header
CHECKED_AT_OPEN = 32 * 2**20  # bytes, some 50 ms; a larger file would keep the start waiting
BUSY_SECONDS = 10  # how long a backup or another reader may hold us up
LOG_PAGES = 4000  # 16 MB of log before it is folded into the file, which waits for the disk


def open_writer(path: Path, migrations: Sequence[str] = MIGRATIONS) -> sqlite3.Connection:
    """A connection that writes, with all tables of this version.

    Raises:
        StoreError: The file is no database of ours, damaged or of a newer version; it is left as it was.
    """
    try:
        new = not path.exists() or not path.stat().st_size
        if not new:
            _look(path, len(migrations))
        connection = _connect(path, "rwc")
    except (sqlite3.Error, OSError) as error:
        raise store_error(path, error, "open") from error
    try:
        if new:
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # must come first; see ``space``
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}")
        connection.execute("PRAGMA journal_size_limit = 67108864")
        _migrate(connection, migrations)
        connection.execute("PRAGMA foreign_keys = ON")
    except sqlite3.Error as error:
        connection.close()
        raise store_error(path, error, "open") from error
    return connection


def open_reader(path: Path) -> sqlite3.Connection:
    """A connection that cannot write."""
    return _connect(path, "ro")


def fold_log(path: Path) -> None:
    """Write what is in the log into the file, which takes its true size then; writers and readers go on meanwhile."""
    connection = _connect(path, "rw")
    try:
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
    except sqlite3.Error as error:
        raise store_error(path, error, "write") from error
    finally:
        connection.close()


def store_error(path: Path, error: Exception, doing: str) -> StoreError:
    """What happened to the file, with the cure for the kinds that people meet."""
    said, code = str(error), getattr(error, "sqlite_errorcode", 0) & 0xFF  # what is above says more, to SQLite's makers
    if said.startswith("Could not decode"):  # so Python's driver tells of a damaged text, all of which it quotes
        said, code = "database disk image is malformed", sqlite3.SQLITE_CORRUPT
    return StoreError(f"Cannot {doing} {path}: {said}.", CURES.get(code, ""))


CURES = {
    sqlite3.SQLITE_FULL: "Free some space there; what was saved before is safe.",
    sqlite3.SQLITE_IOERR: "Free some space there or see to the disk; what was saved before is safe.",
    sqlite3.SQLITE_READONLY: "Make the file and its folder writable.",
    sqlite3.SQLITE_CANTOPEN: "Make its folder, and let this user write there.",
    sqlite3.SQLITE_BUSY: "Another program holds the file: close it.",
    sqlite3.SQLITE_NOTADB: "Move the file away (a new one is made), or put a backup in its place.",
    sqlite3.SQLITE_CORRUPT: "Put a backup in its place, or save what can be read with: sqlite3 FILE .recover",
}


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
    )


def _look(path: Path, newest: int) -> None:
    """Raise when the file is not ours to write; it is opened for reading only."""
    connection = _connect(path, "ro")
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        if application != APPLICATION:
            raise StoreError(f"{path} is a database of another program.", "Move it away, or name another home folder.")
        if version > newest:
            raise StoreError(
                f"{path} was written by a newer graphengine: its tables are of version {version}, known is {newest}.",
                "Install the newer graphengine again, or name another home folder.",
            )
        if path.stat().st_size <= CHECKED_AT_OPEN:
            _check(path, connection)
    finally:
        connection.close()


def _check(path: Path, connection: sqlite3.Connection) -> None:
    found = [row[0] for row in connection.execute("PRAGMA quick_check(3)")]
    if found != ["ok"]:
        raise StoreError(f"{path} is damaged: {'; '.join(found)}.", CURES[sqlite3.SQLITE_CORRUPT])


def _migrate(connection: sqlite3.Connection, migrations: Sequence[str]) -> None:
    """Bring the tables to the newest version, each step whole or not at all."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    for number, script in enumerate(migrations[version:], version + 1):
        try:
            connection.executescript(
                f"BEGIN; {script}; PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {number}; COMMIT"
            )
        except sqlite3.Error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
