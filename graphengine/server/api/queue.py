"""The queue: what runs and what waits."""

import msgspec
from aiohttp import web

from graphengine.server.answers import json_answer
from graphengine.server.keys import SERVICE
from graphengine.server.query import Limit, Query, read_query
from graphengine.server.routes import API, Route
from graphengine.server.views import QueueView


class Waiting(Query, frozen=True):
    """How many of the waiting jobs to show."""

    limit: Limit = 100


class Cleared(msgspec.Struct, frozen=True):
    """Ids of the jobs that were cancelled."""

    cancelled: list[str]


async def queue(request: web.Request) -> web.Response:
    """What runs and what waits."""
    return json_answer(await request.app[SERVICE].queue(read_query(request, Waiting).limit))


async def pause(request: web.Request) -> web.Response:
    """Take no job until told to."""
    await request.app[SERVICE].pause()
    return web.Response(status=204)


async def resume(request: web.Request) -> web.Response:
    """Take jobs again."""
    await request.app[SERVICE].resume()
    return web.Response(status=204)


async def clear(request: web.Request) -> web.Response:
    """Cancel all that wait."""
    return json_answer(Cleared(await request.app[SERVICE].runner.cancel_waiting(reason="The queue was cleared.")))


PATH = f"{API}/queue"
ROUTES = (
    Route("GET", PATH, queue, "What runs and what waits.", query=Waiting, answer=QueueView),
    Route("POST", f"{PATH}/pause", pause, "Let no job be taken; those that run go on.", statuses=(204,)),
    Route("POST", f"{PATH}/resume", resume, "Let jobs be taken again.", statuses=(204,)),
    Route("POST", f"{PATH}/clear", clear, "Cancel all jobs that wait.", answer=Cleared),
)
