"""JSON bodies of requests, as the types that routes take."""

import asyncio
import contextlib
from typing import Any

from aiohttp.streams import StreamReader
from aiohttp.test_utils import make_mocked_request

from graphengine.compat.comfyui_server.bodies import read_command
from graphengine.server.answers import Refusal
from graphengine.server.api.documents import Rename
from graphengine.server.api.jobs import Submit
from graphengine.server.bodies import check_depth, read_json
from graphengine.server.config import Limits
from tests.fuzz import seeds as good

ERRORS = ()
LIMITS = Limits(json_bytes=2**20, json_depth=20)


def seeds():
    return good.bodies()


def take(data):
    asyncio.run(_read(data))


async def _read(data):
    for read in (
        lambda request: read_json(request, LIMITS, Any),
        lambda request: read_json(request, LIMITS, Submit),
        lambda request: read_json(request, LIMITS, Rename),
        read_command,
    ):
        with contextlib.suppress(Refusal):
            check_depth(await read(_request(data)), LIMITS.json_depth)


def _request(data):
    content = StreamReader(_Connection(), 2**16, loop=asyncio.get_running_loop())
    content.feed_data(data)
    content.feed_eof()
    return make_mocked_request("POST", "/", payload=content)


class _Connection:
    """What a stream of bytes asks to slow down."""

    def resume_reading(self, **_):
        """All has come."""

    pause_reading = resume_reading
