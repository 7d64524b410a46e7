"""The log, for ComfyUI's page."""

from typing import Any

import msgspec
from aiohttp import web

from graphengine.compat.comfyui_server.bodies import read_as
from graphengine.compat.comfyui_server.log_lines import log_lines
from graphengine.compat.comfyui_server.state import STATE
from graphengine.server.answers import json_answer
from graphengine.server.hiding import hidden_paths
from graphengine.server.keys import SETTINGS
from graphengine.server.routes import Route


class Hearing(msgspec.Struct):
    """Who wants to hear the log, or no more."""

    clientId: Any = ""
    enabled: Any = False


def _lines(request: web.Request) -> list[dict[str, str]]:
    return log_lines(hidden_paths(request.app[SETTINGS]))


async def whole(request: web.Request) -> web.Response:
    """The log as one text."""
    return json_answer("".join(line["m"] for line in _lines(request)))


async def raw(request: web.Request) -> web.Response:
    """The log by records."""
    return json_answer({"entries": _lines(request), "size": {"cols": 80, "rows": 24}})


async def subscribe(request: web.Request) -> web.Response:
    """Let a client hear the log from now on, or no more."""
    asked = await read_as(request, Hearing)
    request.app[STATE].audience.hear_log(str(asked.clientId), wanted=bool(asked.enabled))
    return web.Response()


ROUTES = (
    Route("GET", "/internal/logs", whole, "The log.", compatible=True),
    Route("GET", "/internal/logs/raw", raw, "The log by records.", compatible=True),
    Route("PATCH", "/internal/logs/subscribe", subscribe, "Hear the log.", compatible=True),
)
