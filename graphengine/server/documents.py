"""Workflows that the server keeps by name: saved versions, one draft each, history, and a while of undelete.

Who saves says which version the save is based on, so two editors never overwrite each other unseen. Version numbers
count over all documents: a number tells which document it is of, even after another took over the name.
"""

import time
from collections.abc import Collection
from functools import partial
from pathlib import Path
from sqlite3 import Connection
from unicodedata import normalize

from graphengine.file_names import named_in
from graphengine.graph.document import MAX_BYTES
from graphengine.graph.errors import DocumentError
from graphengine.server import document_rows as rows
from graphengine.server.document_rows import Draft, Entry, Version
from graphengine.server.store import Store


class Documents:
    """The named documents of a store.

    Every name is checked as names of files are (``CallError``); every call also raises ``CallError`` when the document
    that it is about is not there, and ``DocumentError`` for contents beyond ``MAX_BYTES``.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def entries(self, folder: str = "") -> list[Entry]:
        """The documents in a folder and those below it (empty: all), by name; those with only a draft too."""
        prefix = f"{plain_name(folder)}/" if folder else ""
        return await self._store.read(lambda connection: rows.entries(connection, prefix))

    async def read(self, name: str, version: int | None = None) -> tuple[bytes, int]:
        """The contents and number of a version, the last one by default."""
        name = plain_name(name)
        return await self._store.read(lambda connection: rows.read(connection, name, version))

    async def save(self, name: str, data: bytes, based_on: int | None, was: str | None = None) -> int:
        """The number of the new version; of the last one when that has these very bytes already. Ends the draft.

        Args:
            name: Which document.
            data: Its contents.
            based_on: The version that was edited; None for a new document.
            was: The name that it had until now, as a draft: what ran by that goes by the new one.

        Raises:
            Conflict: Another version was saved meanwhile; ``current`` names it (None: the document is gone).
        """
        name, data = plain_name(name), _within_limit(data)
        was = None if was is None else plain_name(was)
        return await self._store.write(lambda connection: rows.save(connection, name, data, based_on, time.time(), was))

    async def draft(self, name: str, data: bytes, based_on: int | None, known: Collection[str] | None = None) -> str:
        """Keep an unsaved state in the place of the one before; its tag. The document need not be there yet.

        Args:
            name: Which document.
            data: The unsaved state.
            based_on: The version that was edited; None for a new document.
            known: Tags of the drafts that may be written over; None for any.

        Raises:
            Conflict: There is another draft than those.
        """
        name, data = plain_name(name), _within_limit(data)
        now = time.time()
        return await self._store.write(lambda connection: rows.keep_draft(connection, name, data, based_on, now, known))

    async def read_draft(self, name: str) -> Draft | None:
        """What is unsaved, if anything is."""
        name = plain_name(name)
        return await self._store.read(lambda connection: rows.read_draft(connection, name))

    async def drop_draft(self, name: str, known: Collection[str] | None = None) -> None:
        """Forget what is unsaved, if anything is; ``known`` and what is raised are as of ``draft``."""
        name = plain_name(name)
        await self._store.write(lambda connection: rows.drop_draft(connection, name, known))

    async def history(self, name: str) -> list[Version]:
        """The versions that are kept, the newest first; older ones without a name get fewer, by ``THINNING``."""
        name = plain_name(name)
        return await self._store.read(lambda connection: rows.history(connection, name))

    async def name_version(self, name: str, version: int, called: str) -> str:
        """Say what people call a version, which stays from then on, or nothing; the name as it is kept."""
        name, called = plain_name(name), called.strip()
        await self._store.write(lambda connection: rows.name_version(connection, name, version, called))
        return called

    async def restore(self, name: str, version: int) -> int:
        """Save an old version again, as a new one; its number."""
        name = plain_name(name)

        def work(connection: Connection) -> int:
            data, _ = rows.read(connection, name, version)
            return rows.save(connection, name, data, rows.last_version(connection, name), time.time())

        return await self._store.write(work)

    async def rename(self, name: str, new: str) -> None:
        """Give a document another name, with its history and draft.

        Raises:
            Conflict: There is a document or a draft of that name.
        """
        name, new = plain_name(name), plain_name(new)
        await self._store.write(lambda connection: rows.rename(connection, name, new))

    async def delete(self, name: str) -> None:
        """Remove a document and its draft; its versions are kept for ``KEPT_DELETED`` seconds."""
        name = plain_name(name)
        await self._store.write(lambda connection: rows.delete(connection, name, time.time()))

    async def prune(self) -> None:
        """Let go of documents deleted long ago, and of versions without a name that ``THINNING`` does not keep."""
        await self._store.write(lambda connection: rows.forget_deleted(connection, time.time()))
        last: int | None = 0
        while last is not None:
            last = await self._store.write(partial(rows.thin_next, last=last, now=time.time()))

    async def undelete(self, name: str) -> int:
        """Bring back the document of this name that was deleted last; its version.

        Raises:
            Conflict: There is a document or a draft of that name.
        """
        name = plain_name(name)
        return await self._store.write(lambda connection: rows.undelete(connection, name))


def plain_name(name: str) -> str:
    """The one way to write a document's name."""
    root = Path("documents")
    return named_in(root, normalize("NFC", name)).relative_to(root).as_posix()


def _within_limit(data: bytes) -> bytes:
    if len(data) > MAX_BYTES:
        raise DocumentError(f"The document has {len(data):,} bytes; the limit is {MAX_BYTES:,}.")
    return data
