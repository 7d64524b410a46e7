"""Tells webhooks how jobs ended: beside the runs, which never wait for it, and again until it is heard.

What is to be told is in the store, so a restart or a crash loses none of it; one may be told twice, with the same id.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial

import msgspec
from aiohttp import ClientError
from yarl import URL

from graphengine.graph.errors import GraphengineError
from graphengine.server import deliveries
from graphengine.server.deliveries import Delivery
from graphengine.server.encoding import to_json
from graphengine.server.errors import NotFound
from graphengine.server.service import Service
from graphengine.server.signature import signed
from graphengine.server.views import JobDetail

log = logging.getLogger("graphengine.server")

AGAIN = (5.0, 30.0, 120.0, 600.0, 3600.0, 10800.0, 21600.0)  # seconds before each further try
TOGETHER = 16  # that are told at a time
MOST = 10_000  # that wait; the oldest are given up
GATHER = 0.1  # seconds that ends wait for others
TROUBLE = 5.0  # seconds until the store is asked again when it cannot be used
LARGEST = 2**20  # bytes of a message; a larger one goes without outcome and results
GONE = 410  # the status by which a receiver says that it wants no more


@asynccontextmanager
async def telling(service: Service, secret: bytes) -> AsyncIterator[None]:
    """A context in which webhooks are told."""
    task = asyncio.create_task(Webhooks(service, secret).keep_telling())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


class Webhooks:
    """What is to be told.

    Args:
        service: Whose jobs they are.
        secret: Messages are signed with; see ``signed``.
    """

    def __init__(self, service: Service, secret: bytes = b"") -> None:
        self._service, self._secret = service, secret

    async def keep_telling(self) -> None:
        """Tell what is due, until the service ends."""
        ends = self._service.hub.subscribe(kinds=("state",))
        while True:
            try:
                pause = await self.tell_due()
            except GraphengineError as error:  # such as a full disk
                log.warning("Webhooks wait: %s", error)
                pause = TROUBLE
            try:
                await asyncio.wait_for(anext(ends), pause)
            except TimeoutError:
                pass
            except StopAsyncIteration:
                return
            await asyncio.sleep(GATHER)

    async def tell_due(self) -> float | None:
        """Tell all that is due; seconds until the next is, None when there is none."""
        store = self._service.store
        if dropped := await store.write(partial(deliveries.drop_beyond, most=MOST)):
            log.warning("%d jobs' ends are told to no webhook: more than %d waited.", dropped, MOST)
        while found := await store.read(partial(deliveries.due, now=time.time(), limit=TOGETHER)):
            await asyncio.gather(*map(self._tell, found))
        due = await store.read(deliveries.next_due)
        return None if due is None else max(0.0, due - time.time())

    async def _tell(self, one: Delivery) -> None:
        problem = await self._problem(one)
        store, host = self._service.store, URL(one.url).host
        if not problem:
            await store.write(partial(deliveries.done, number=one.number))
        elif one.tries < len(AGAIN) and problem != str(GONE):
            log.info("job %s: webhook at %s not told (%s), tried again", one.job, host, problem)
            await store.write(partial(deliveries.later, number=one.number, due=time.time() + AGAIN[one.tries]))
        else:
            log.warning("job %s: webhook at %s given up (%s)", one.job, host, problem)
            await store.write(partial(deliveries.done, number=one.number))

    async def _problem(self, one: Delivery) -> str:
        """Tell it once; why that failed."""
        try:
            body = message(await self._service.show(one.job))
            id = f"job_{one.number}_{one.created * 1e6:.0f}"  # what a client chose as a job's id may be no header
            headers = {"Content-Type": "application/json", **signed(self._secret, id, int(time.time()), body)}
            status = await self._service.outward.post(one.url, body, headers)
        except NotFound:  # it was deleted meanwhile, and this with it
            return ""
        except TimeoutError:
            return "no answer in time"
        except (ClientError, OSError, GraphengineError) as error:
            return f"{error}"
        return "" if 200 <= status < 300 else str(status)


def message(job: JobDetail) -> bytes:
    """What is told: type, time and data of an event, as JSON. The data is what ``/api/v1/jobs/ID`` answers."""
    ended = datetime.fromtimestamp(job.ended or job.created, UTC).isoformat()
    event = {"type": f"job.{job.state}", "timestamp": ended, "data": job}
    body = to_json(event)
    if len(body) <= LARGEST:
        return body
    return to_json(event | {"data": msgspec.structs.replace(job, outcome={}, results=[])})
