"""What the server is: memory, versions, features."""

import importlib.metadata
import os
import sys
from functools import cache
from typing import Any

from aiohttp import web

from graphengine.server.answers import json_answer
from graphengine.server.keys import SERVICE, SERVING
from graphengine.server.routes import Route

# of what clients expect to talk to: they compare these
VERSION, PAGE_VERSION, TEMPLATES_VERSION = "0.3.64", "1.27.10", "0.1.95"


def features_of(upload_bytes: int) -> dict[str, Any]:
    """What the server can do, as clients are told."""
    return {"supports_preview_metadata": True, "max_upload_size": upload_bytes}


async def features(request: web.Request) -> web.Response:
    """The features, for those without a websocket."""
    return json_answer(features_of(request.app[SERVING].limits.upload_bytes))


async def system_stats(request: web.Request) -> web.Response:
    """Memory and versions. The server never loads torch: what a device has is known once a worker used it."""
    import psutil  # here, so that a start does not wait for it

    memory = psutil.virtual_memory()
    system = {
        "os": os.name,
        "ram_total": memory.total,
        "ram_free": memory.available,
        "comfyui_version": VERSION,
        "required_frontend_version": PAGE_VERSION,
        "installed_templates_version": TEMPLATES_VERSION,
        "required_templates_version": TEMPLATES_VERSION,
        "python_version": sys.version,
        "pytorch_version": _torch_version(),
        "embedded_python": False,
        "argv": ["graphengine", "serve"],
    }
    service = request.app[SERVICE]
    named = dict.fromkeys(place.worker.settings.device for place in service.runner.places)
    devices = await service.devices() or [
        ("cpu" if name == "auto" else name, memory.total, memory.available) for name in named
    ]
    return json_answer({"system": system, "devices": [_shown(*device) for device in devices]})


def _shown(name: str, total: int, free: int) -> dict[str, Any]:
    kind, _, index = name.partition(":")
    held = {"vram_total": total, "vram_free": free}
    held |= {f"torch_{key}": size for key, size in held.items()}
    return {"name": name, "type": kind, "index": int(index) if index.isdigit() else None, **held}


@cache
def _torch_version() -> str:
    try:
        return importlib.metadata.version("torch")
    except importlib.metadata.PackageNotFoundError:
        return ""


ROUTES = (
    Route("GET", "/system_stats", system_stats, "Memory and versions.", compatible=True),
    Route("GET", "/features", features, "What the server can do.", compatible=True),
)
