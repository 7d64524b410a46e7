"""One owner for a store: a small SQLite file beside it, whose write lock is held as long as the owner lives.

The operating system lets go of the lock when the process ends, however it ends, and SQLite makes it the same on every
system. Readers are not kept out, so whoever is refused reads there who has it.
"""

import os
import sqlite3
from pathlib import Path

from graphengine.server.errors import StoreError


class Ownership:
    """The right to write a store, until ``release``.

    Raises:
        StoreError: Another process has it, or the lock's file cannot be used.
    """

    def __init__(self, store: Path) -> None:
        self.path = store.with_name(f"{store.name}.lock")
        self.store = store
        try:
            self._connection = sqlite3.connect(self.path, timeout=0, isolation_level=None, check_same_thread=False)
        except sqlite3.Error as error:
            raise self._unusable(error) from error
        try:
            self._take()
        except BaseException:
            self._connection.close()
            raise

    def _take(self) -> None:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.execute("CREATE TABLE IF NOT EXISTS owner (process INTEGER)")
            self._connection.execute("DELETE FROM owner")
            self._connection.execute("INSERT INTO owner VALUES (?)", (os.getpid(),))
            self._connection.execute("COMMIT")  # to be read by others, which need not wait for the lock
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise self._unusable(error) from error
            raise StoreError(
                f"{self.store} is in use by another server{self._named()}.",
                "Stop that one, or start this one with another home folder.",
            ) from error

    def _named(self) -> str:
        try:
            found = self._connection.execute("SELECT process FROM owner").fetchone()
        except sqlite3.Error:  # it is being written just now
            return ""
        return f" (process {found[0]})" if found else ""

    def _unusable(self, error: sqlite3.Error) -> StoreError:
        return StoreError(
            f"The lock {self.path} cannot be used: {error}.",
            "Make its folder writable; if the file itself is damaged, delete it.",
        )

    def release(self) -> None:
        """Let another process have the store."""
        self._connection.close()
