"""The log as ComfyUI's page shows it: the first line of each record, without paths of this machine and requests."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime

from aiohttp import web

from graphengine.compat.comfyui_server.audience import Audience
from graphengine.server.hiding import hide
from graphengine.server.logs import RECENT


def log_lines(hidden: Mapping[str, str]) -> list[dict[str, str]]:
    """The last records as clients take them, the oldest first; ``hidden`` are paths that no answer names."""
    return [_entry(time, line, hidden) for time, line in list(RECENT.lines)]


def _entry(time: float, line: str, hidden: Mapping[str, str]) -> dict[str, str]:
    text = hide(line.partition("\n")[0], hidden)
    return {"t": datetime.fromtimestamp(time, UTC).isoformat(), "m": f"{text}\n"}


def keep_telling_log(
    audience: Audience, hidden: Mapping[str, str]
) -> Callable[[web.Application], AbstractAsyncContextManager[None]]:
    """A context of the application, during which those who want to hear the log."""

    @asynccontextmanager
    async def context(app: web.Application) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()

        def listen(time: float, line: str) -> None:
            loop.call_soon_threadsafe(audience.tell_log, _entry(time, line, hidden))

        RECENT.listeners.add(listen)
        yield
        RECENT.listeners.discard(listen)

    return context
