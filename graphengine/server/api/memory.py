"""Memory: who holds how much, and letting go of it."""

import msgspec
from aiohttp import web

from graphengine.server.answers import json_answer
from graphengine.server.bodies import read_json
from graphengine.server.figures import resident_bytes
from graphengine.server.keys import SERVICE, SERVING
from graphengine.server.routes import API, Route


class CacheMemory(msgspec.Struct, frozen=True):
    """Values kept: their bytes, their number, and how many bytes they may have."""

    bytes: int
    values: int
    limit: int


class ModelMemory(msgspec.Struct, frozen=True):
    """A model that is loaded."""

    name: str
    bytes: int


class DeviceMemory(msgspec.Struct, frozen=True):
    """A device that a worker computes on: the bytes of its memory, and how many of them nobody uses."""

    name: str
    bytes: int
    free: int


class WorkerMemory(msgspec.Struct, frozen=True):
    """What a worker holds; its devices are known once a node has used one."""

    cache: CacheMemory
    models: list[ModelMemory]
    devices: list[DeviceMemory]


class Memory(msgspec.Struct, frozen=True):
    """Bytes that this process holds, and what each worker does."""

    server: int
    workers: list[WorkerMemory]


class Free(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to let go of."""

    models: bool = False
    cache: bool = False


async def memory(request: web.Request) -> web.Response:
    """Who holds how much."""
    return json_answer({"server": resident_bytes(None), "workers": await request.app[SERVICE].memory()})


async def free(request: web.Request) -> web.Response:
    """Let go of what nothing uses now."""
    asked: Free = await read_json(request, request.app[SERVING].limits, Free)
    workers = await request.app[SERVICE].free(asked.models, asked.cache)
    return json_answer({"server": resident_bytes(None), "workers": workers})


ROUTES = (
    Route("GET", f"{API}/memory", memory, "Who holds how much memory.", answer=Memory),
    Route("POST", f"{API}/memory/free", free, "Let go of models or cached values.", Free, answer=Memory),
)
