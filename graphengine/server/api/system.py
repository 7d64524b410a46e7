"""What the service is, and whether it is well."""

import os
import platform
from typing import Any

from aiohttp import web

import graphengine
from graphengine.packs.find import find
from graphengine.server.answers import json_answer
from graphengine.server.keys import SERVING, SETTINGS
from graphengine.server.routes import API, Route


async def health(request: web.Request) -> web.Response:
    """Answers, so it is well."""
    return json_answer({"status": "ok"})


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


ROUTES = (
    Route("GET", f"{API}/health", health, "Whether the service is well.", answer=dict[str, str], open=True),
    Route("GET", f"{API}/system", system, "Versions, platform and packs.", answer=dict[str, Any]),
)
