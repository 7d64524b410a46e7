"""What lasts: one SQLite file, written by one thread in groups and read by others.

Callers hand in functions of a connection. ``write`` returns once the work is committed. All that waits is committed
together, so a thousand small writes a second cost a few dozen transactions; each has its own savepoint, so the failure
of one touches no other.

``synchronous`` is NORMAL: what was acknowledged outlives the process, killed at any moment, since it is in the
system's hands; when the machine itself loses power the last moments may be missing, and the file is whole. With FULL
each commit waits for the disk, which holds small awaited writes one after another to a few hundred a second.
"""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from graphengine.server.errors import StoreError
from graphengine.server.open_file import fold_log, open_reader, open_writer, store_error
from graphengine.server.ownership import Ownership

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]
READERS = 2
GROUP = 256  # works in one transaction, so that the first does not wait for ever


@dataclass(frozen=True, eq=False, slots=True)
class Waiting:
    """A work and who waits for it."""

    work: Work[Any]
    future: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a work returned or raised."""

    value: Any = None
    error: Exception | None = None


class Store:
    """One SQLite file with the tables of ``schema``; made if it is not there.

    A work touches nothing but its connection, and neither begins nor ends transactions: it may be run again when a
    group fails as a whole. A caller that is cancelled gives up waiting, not the work.

    Args:
        path: The file; its folder must exist. ``<path>.lock`` beside it keeps a second server out.

    Raises:
        StoreError: It is in use, no database of ours, damaged, of a newer version, or cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._owner = Ownership(path)
        self._idle: queue.SimpleQueue[sqlite3.Connection] = queue.SimpleQueue()
        try:
            self._writer = open_writer(path)
            for _ in range(READERS):
                self._idle.put(open_reader(path))
        except BaseException:
            self._owner.release()
            raise
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-read")
        self._queue: queue.SimpleQueue[Waiting | None] = queue.SimpleQueue()
        self._closed = False
        self._closing = threading.Lock()
        self._thread = threading.Thread(target=self._serve, name="store-write", daemon=True)
        self._thread.start()

    async def write(self, work: Work[T]) -> T:
        """What ``work`` returns, once what it wrote is committed.

        Raises:
            StoreError: There is no room, the file is damaged, or the store is closed; nothing of this work is kept.
            Exception: What the work itself raised; nothing of it is kept.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        with self._closing:
            self._refuse_closed()
            self._queue.put(Waiting(work, future, loop))
        return await future

    async def read(self, work: Work[T]) -> T:
        """What ``work`` returns of one state of the store, which includes every write acknowledged before.

        Raises:
            StoreError: The file is damaged, or the store is closed.
        """
        self._refuse_closed()
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    async def fold(self) -> None:
        """Let the file take its true size now, not when its log is full; nobody waits for it.

        Raises:
            StoreError: There is no room, the file is damaged, or the store is closed.
        """
        self._refuse_closed()
        await asyncio.to_thread(fold_log, self.path)

    def close(self) -> None:
        """Finish what waits, fold the log into the file and let go of it; calling it again does nothing."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._queue.put(None)
        self._thread.join()
        self._readers.shutdown()
        for _ in range(READERS):
            self._idle.get().close()
        self._writer.close()  # the last connection folds the log in; what does not fit stays in the log
        self._owner.release()

    def _refuse_closed(self) -> None:
        if self._closed:
            raise StoreError(f"The store {self.path} is closed.", "The server is stopping: ask again when it is back.")

    def _read(self, work: Work[T]) -> T:
        connection = self._idle.get()
        try:
            connection.execute("BEGIN")
            return work(connection)
        except sqlite3.Error as error:
            raise store_error(self.path, error, "read") from error
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            self._idle.put(connection)

    def _serve(self) -> None:
        """The writer thread: take what waits, commit it, and only then tell."""
        more = True
        while more:
            group, more = self._next_group()
            outcomes = self._together(group) if len(group) > 1 else None
            if outcomes is None:
                outcomes = [self._alone(waiting.work) for waiting in group]
            _tell(group, outcomes)

    def _next_group(self) -> tuple[list[Waiting], bool]:
        """What waits (at least one, unless it is the end), and whether more may come."""
        group: list[Waiting] = []
        while len(group) < GROUP:
            try:
                waiting = self._queue.get(block=not group)
            except queue.Empty:
                break
            if waiting is None:
                return group, False
            group.append(waiting)
        return group, True

    def _together(self, group: Sequence[Waiting]) -> list[Outcome] | None:
        """The outcomes of works committed as one; None when the whole failed and nothing of it is kept."""
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            outcomes = [self._in_savepoint(waiting.work) for waiting in group]
            self._writer.execute("COMMIT")
        except sqlite3.Error:
            self._roll_back()
            return None
        return outcomes

    def _in_savepoint(self, work: Work[Any]) -> Outcome:
        """The outcome of one work of a group.

        Raises:
            sqlite3.Error: After which the whole transaction is in doubt: SQLite may have ended it.
        """
        self._writer.execute("SAVEPOINT work")
        try:
            outcome = Outcome(work(self._writer))
        except sqlite3.Error:
            raise
        except Exception as error:  # noqa: BLE001 - the caller gets it
            self._writer.execute("ROLLBACK TO work")
            outcome = Outcome(error=error)
        self._writer.execute("RELEASE work")
        return outcome

    def _alone(self, work: Work[Any]) -> Outcome:
        """The outcome of one work in a transaction of its own."""
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            value = work(self._writer)
            self._writer.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            return Outcome(error=store_error(self.path, error, "write"))
        except Exception as error:  # noqa: BLE001 - the caller gets it
            self._roll_back()
            return Outcome(error=error)
        return Outcome(value)

    def _roll_back(self) -> None:
        if self._writer.in_transaction:  # SQLite may have done it by itself
            with suppress(sqlite3.Error):  # then the next BEGIN fails, and is told to whoever asked
                self._writer.execute("ROLLBACK")


def _tell(group: Sequence[Waiting], outcomes: Sequence[Outcome]) -> None:
    """Wake every loop once, with all that is for it."""
    for loop in {waiting.loop for waiting in group}:
        mine = [(w.future, outcome) for w, outcome in zip(group, outcomes, strict=True) if w.loop is loop]
        with suppress(RuntimeError):  # the loop has ended, and with it who waited
            loop.call_soon_threadsafe(_resolve, mine)


def _resolve(outcomes: Sequence[tuple[asyncio.Future[Any], Outcome]]) -> None:
    for future, outcome in outcomes:
        if future.cancelled():
            continue
        if outcome.error is None:
            future.set_result(outcome.value)
        else:
            future.set_exception(outcome.error)
