"""What the service is, and whether it is well."""

import os
import platform
from typing import Any

from aiohttp import web

import graphengine
from graphengine.packs.find import find
from graphengine.server.answers import json_answer
from graphengine.server.figures import figures
from graphengine.server.keys import SERVICE, SERVING, SETTINGS
from graphengine.server.metrics import MEDIA, exposition
from graphengine.server.openapi import describe
from graphengine.server.routes import API, Route
from graphengine.server.routes import ROUTES as TABLE
from graphengine.server.views import Health


async def health(request: web.Request) -> web.Response:
    """Whether it is well."""
    service = request.app.get(SERVICE)
    return json_answer(await service.health() if service else Health())


async def system(request: web.Request) -> web.Response:
    """Facts for a report of a problem: versions, the platform, packs; no paths."""
    serving, settings = request.app[SERVING], request.app[SETTINGS]
    builtin, *others = settings.pack_folders
    found = find(builtin, others)
    facts: dict[str, Any] = {
        "version": graphengine.__version__,
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "processors": os.cpu_count(),
        "workers": serving.workers,
        "offline": serving.offline,
        "packs": [{"name": pack.name, "version": pack.version, "builtin": pack.builtin} for pack in found.packs],
    }
    return json_answer(facts)


async def metrics(request: web.Request) -> web.Response:
    """Figures for Prometheus."""
    text = exposition(await figures(request.app[SERVICE]))
    return web.Response(body=text.encode(), headers={"Content-Type": MEDIA})


async def openapi(request: web.Request) -> web.Response:
    """The description of this interface."""
    table: tuple[Route, ...] = request.app[TABLE]
    return json_answer(describe(table))


ROUTES = (
    Route("GET", f"{API}/health", health, "Whether the service is well.", answer=Health, open=True),
    Route("GET", f"{API}/system", system, "Versions, platform and packs.", answer=dict[str, Any]),
    Route("GET", f"{API}/metrics", metrics, "Figures for Prometheus.", gives=MEDIA),
    Route("GET", f"{API}/openapi.json", openapi, "This description.", answer=dict[str, Any]),
)
