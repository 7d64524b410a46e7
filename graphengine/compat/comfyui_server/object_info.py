"""Node kinds: ``/object_info``."""

import asyncio

from aiohttp import web

from graphengine.compat.comfyui_server.state import STATE
from graphengine.server.conditions import has_state
from graphengine.server.routes import Route

PAGE = "Comfy-User"  # a header that ComfyUI's page sends with every call


async def all_kinds(request: web.Request) -> web.Response:
    """All kinds; nothing, when the client has them as they are."""
    state = request.app[STATE]
    async with state.listing:
        data, tag = await asyncio.to_thread(state.kinds.all, PAGE in request.headers)
    headers = {"ETag": tag, "Cache-Control": "no-cache", "Vary": PAGE}
    if has_state(request, tag.strip('"')):
        return web.Response(status=304, headers=headers)
    return web.Response(body=data, content_type="application/json", charset="utf-8", headers=headers)


async def one_kind(request: web.Request) -> web.Response:
    """One kind; an empty object when there is none."""
    data = await asyncio.to_thread(request.app[STATE].kinds.one, request.match_info["kind"])
    return web.Response(body=data, content_type="application/json", charset="utf-8")


ROUTES = (
    Route("GET", "/object_info", all_kinds, "All node kinds.", compatible=True),
    Route("GET", "/object_info/{kind:.+}", one_kind, "A node kind.", compatible=True),
)
