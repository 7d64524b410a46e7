"""The history: ``/history``."""

from contextlib import suppress

from aiohttp import web

from graphengine.compat.comfyui_server.bodies import read_command
from graphengine.compat.comfyui_server.items import readable
from graphengine.compat.comfyui_server.state import STATE
from graphengine.graph.errors import CallError
from graphengine.server.answers import Refusal, json_answer
from graphengine.server.job import FINISHED
from graphengine.server.keys import SERVICE
from graphengine.server.routes import Route

MOST = 10_000


async def get_history(request: web.Request) -> web.Response:
    """Jobs that have ended, in the order in which they did: the newest, or those from an offset on."""
    newest, skip = _number(request, "max_items", MOST), _number(request, "offset", 0)
    ids = await request.app[SERVICE].jobs.ran(newest=min(newest, MOST), skip=skip)
    items = request.app[STATE].items
    found = {id: await readable(id, items.past(id)) for id in ids}
    return json_answer({id: item for id, item in found.items() if item is not None})


async def get_one(request: web.Request) -> web.Response:
    """One job, if it has ended."""
    id = request.match_info["prompt_id"]
    with suppress(CallError):
        job = await request.app[SERVICE].jobs.show(id)
        if job.state in FINISHED and job.started:
            return json_answer({id: await request.app[STATE].items.past(id)})
    return json_answer({})


async def post_history(request: web.Request) -> web.Response:
    """Forget all jobs that have ended, or some."""
    command, service = await read_command(request), request.app[SERVICE]
    if command.clear:
        await service.forget(await service.jobs.ran())
    if command.delete:
        await service.forget(map(str, command.delete))
    return web.Response()


def _number(request: web.Request, name: str, usual: int) -> int:
    text = request.query.get(name, "").strip()
    if not text or text == "-1":
        return usual
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Refusal(400, "bad_number", f"The {name} {text[:50]!r} is no number.", "Leave it out, or give one from 0.")
    return int(text)


ROUTES = (
    Route("GET", "/history", get_history, "Jobs that have ended.", compatible=True),
    Route("POST", "/history", post_history, "Forget jobs that have ended.", compatible=True),
    Route("GET", "/history/{prompt_id}", get_one, "A job that has ended.", compatible=True),
)
