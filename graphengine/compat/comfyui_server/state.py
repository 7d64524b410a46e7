"""What the handlers here share, made with the application."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import web

from graphengine.compat.comfyui_server.audience import Audience, keep_telling
from graphengine.compat.comfyui_server.items import Items
from graphengine.compat.comfyui_server.kinds import Kinds
from graphengine.compat.comfyui_server.log_lines import keep_telling_log
from graphengine.compat.comfyui_server.posted import Posted, reader
from graphengine.server.hiding import hidden_paths
from graphengine.server.keys import SERVICE, SETTINGS


@dataclass(eq=False)
class State:
    """What lasts from request to request.

    Attributes:
        audience: Who listens on websockets.
        items: Jobs as they were last encoded.
        kinds: ``/object_info`` as it was last encoded.
        read_posted: Reads what is posted to ``/prompt``.
        listing: Held while kinds are encoded.
        settings: Held while the page's settings are changed.
        errands: What goes on after its request was answered.
    """

    audience: Audience
    items: Items
    kinds: Kinds
    read_posted: Callable[[bytes], Posted]
    listing: asyncio.Lock = field(default_factory=asyncio.Lock)
    settings: asyncio.Lock = field(default_factory=asyncio.Lock)
    errands: set[asyncio.Task[None]] = field(default_factory=set)


STATE = web.AppKey("COMFYUI", State)


def extend(app: web.Application) -> None:
    """Put the state into an application that has a service; see ``make_app``."""
    service = app[SERVICE]
    items = Items(service)
    audience = Audience(service, items)
    app[STATE] = State(audience, items, Kinds(service.engine), reader(service.engine))
    app.cleanup_ctx.append(keep_telling(audience))
    app.cleanup_ctx.append(keep_telling_log(audience, hidden_paths(app[SETTINGS])))

    async def close(app: web.Application) -> None:
        await audience.close()

    app.on_shutdown.append(close)
