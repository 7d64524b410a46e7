"""Lets go of what is old, a little at a time: nobody waits long for it, and no picture in the output is touched."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from graphengine.graph.errors import GraphengineError
from graphengine.server.config import Retention
from graphengine.server.service import Service
from graphengine.server.space import give_back, trim, used_bytes

log = logging.getLogger("graphengine.server")

ROWS_EVERY, FILES_EVERY = 60.0, 600.0  # seconds
PAUSE = 0.02  # seconds between two bites
LEAST = 100  # jobs that stay, however full the database is


@asynccontextmanager
async def retaining(service: Service, wanted: Retention, thumbnails: Path, temp: Path) -> AsyncIterator[None]:
    """A context in which no more is kept than wanted: looked after at its start, and every few minutes."""

    def trim_files() -> Awaitable[None]:
        return asyncio.to_thread(prune_files, wanted, thumbnails, temp)

    tasks = [
        asyncio.create_task(_every(ROWS_EVERY, lambda: prune_rows(service, wanted))),
        asyncio.create_task(_every(FILES_EVERY, trim_files)),
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def prune_rows(service: Service, wanted: Retention) -> None:
    """Delete jobs that have ended and are beyond what is wanted, and old states of documents; shrink the file."""
    while gone := await service.jobs.prune(await _keep_jobs(service, wanted), wanted.job_seconds):
        _tell(service, gone)
        await asyncio.sleep(PAUSE)
    await service.documents.prune()
    shrunk = False
    while await service.store.write(give_back):
        shrunk = True
        await asyncio.sleep(PAUSE)
    if shrunk:
        await service.store.fold()


def prune_files(wanted: Retention, thumbnails: Path, temp: Path) -> None:
    """Delete thumbnails and temporary files beyond what is wanted."""
    trim(thumbnails, wanted.thumbnail_bytes)
    trim(temp, wanted.temp_bytes, wanted.temp_seconds)


async def _keep_jobs(service: Service, wanted: Retention) -> int:
    full = await service.store.read(used_bytes) > wanted.database_bytes
    return min(LEAST, wanted.jobs) if full else wanted.jobs


def _tell(service: Service, gone: Iterable[str]) -> None:
    for id in gone:
        service.hub.publish("deleted", {}, job=id)


async def _every(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await work()
        except (GraphengineError, OSError) as error:  # such as a full disk: the next time may go better
            log.warning("Old things cannot be let go of: %s", error)
        await asyncio.sleep(seconds)
