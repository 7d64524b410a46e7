"""The small bodies of commands."""

from typing import Any, TypeVar

import msgspec
from aiohttp import web

from graphengine.server.answers import Refusal
from graphengine.server.bodies import read_bytes

S = TypeVar("S", bound=msgspec.Struct)
MOST = 2**20


class Command(msgspec.Struct):
    """What ``/queue``, ``/history``, ``/interrupt`` and ``/free`` are told.

    Attributes:
        clear: All of them.
        delete: Ids of jobs.
        prompt_id: The one job that is meant.
        unload_models, free_memory: What to let go of.
    """

    clear: Any = False
    delete: list[Any] | None = None
    prompt_id: Any = None
    unload_models: Any = False
    free_memory: Any = False


async def read_command(request: web.Request) -> Command:
    """The command. Raises as ``read_as``."""
    return await read_as(request, Command)


async def read_as(request: web.Request, kind: type[S]) -> S:
    """The body; one that says nothing where there is none.

    Raises:
        Refusal: It is no such command.
    """
    data = await read_bytes(request, MOST)
    try:
        return msgspec.json.decode(data, type=kind) if data.strip() else kind()
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal(400, "bad_json", f"The body is no command: {error}.", "Send a JSON object, or nothing.") from None
