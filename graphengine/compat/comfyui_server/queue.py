"""The queue: ``/queue``, ``/interrupt``, ``/free``."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from aiohttp import web

from graphengine.compat.comfyui_server.bodies import read_command
from graphengine.compat.comfyui_server.items import Items, readable
from graphengine.compat.comfyui_server.state import STATE
from graphengine.graph.errors import GraphengineError
from graphengine.server.answers import json_answer
from graphengine.server.job import Job, JobState
from graphengine.server.keys import SERVICE
from graphengine.server.routes import Route
from graphengine.server.service import Service

MOST = 100_000  # jobs that are listed


async def get_queue(request: web.Request) -> web.Response:
    """What runs and what waits, in order."""
    jobs, items = request.app[SERVICE].jobs, request.app[STATE].items
    waiting = await jobs.waiting(limit=MOST)  # before what runs: a job that is taken meanwhile is in both, not in none
    running = await jobs.page([JobState.RUNNING], limit=MOST)
    taken = {job.id for job in running}
    listed = {
        "queue_running": await _encoded(items, running[::-1]),
        "queue_pending": await _encoded(items, [job for job in waiting if job.id not in taken]),
    }
    return json_answer(listed)


async def post_queue(request: web.Request) -> web.Response:
    """Take all jobs, or some, out of the queue."""
    command, runner = await read_command(request), request.app[SERVICE].runner
    if command.clear:
        await runner.cancel_waiting()
    if command.delete:
        await runner.cancel_waiting(map(str, command.delete))
    return web.Response()


async def interrupt(request: web.Request) -> web.Response:
    """Stop what runs, or one job if it does."""
    asked, runner = (await read_command(request)).prompt_id, request.app[SERVICE].runner
    for job in runner.running:
        if asked in (None, "") or job.id == str(asked):
            await runner.cancel(job.id)
    return web.Response()


async def free(request: web.Request) -> web.Response:
    """Have the workers let go of memory, as soon as they are between jobs; nobody waits for that."""
    command, service, state = await read_command(request), request.app[SERVICE], request.app[STATE]
    names = [*(["models"] if command.unload_models else ()), *(["models", "cache"] if command.free_memory else ())]
    if names:
        errand = asyncio.create_task(_free(service, sorted(set(names))))
        state.errands.add(errand)
        errand.add_done_callback(state.errands.discard)
    return web.Response()


async def _free(service: Service, names: list[str]) -> None:
    for place in service.runner.places:
        with suppress(GraphengineError):  # a worker that has died holds nothing
            await place.worker.ask("free", targets=names)


async def _encoded(items: Items, jobs: Sequence[Job]) -> list[Any]:
    found = [await readable(job.id, items.queued(job)) for job in jobs]
    return [item for item in found if item is not None]


ROUTES = (
    Route("GET", "/queue", get_queue, "What runs and what waits.", compatible=True),
    Route("POST", "/queue", post_queue, "Take jobs out of the queue.", compatible=True),
    Route("POST", "/interrupt", interrupt, "Stop what runs.", compatible=True),
    Route("POST", "/free", free, "Let go of memory.", compatible=True),
)
