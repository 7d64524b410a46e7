"""The websocket ``/ws``."""

import asyncio
import uuid
from contextlib import suppress

import msgspec
from aiohttp import WSMsgType, web

from graphengine.compat.comfyui_server.listener import Listener
from graphengine.compat.comfyui_server.state import STATE
from graphengine.compat.comfyui_server.system import features_of
from graphengine.server.encoding import to_json
from graphengine.server.frames import Channel, Frame
from graphengine.server.keys import SERVING
from graphengine.server.routes import Route
from graphengine.server.sockets import open_websocket

LONGEST_ID = 256


async def live(request: web.Request) -> web.StreamResponse:
    """Tell a client what happens, until it leaves."""
    id = request.query.get("clientId", "")[:LONGEST_ID] or uuid.uuid4().hex
    socket = await open_websocket(request, request.app[SERVING].limits)
    listener = Listener(id, Channel(request, socket))
    audience = request.app[STATE].audience
    audience.enter(listener)
    sending = asyncio.create_task(listener.keep_sending())
    try:
        await _listen(socket, listener, request.app[SERVING].limits.upload_bytes)
    finally:
        audience.leave(listener)
        sending.cancel()
        with suppress(asyncio.CancelledError):
            await sending
    return socket


async def _listen(socket: web.WebSocketResponse, listener: Listener, upload_bytes: int) -> None:
    """The first frame may say what the client can do; there is nothing else that it can say."""
    first = True
    async for frame in socket:
        if first and frame.type is WSMsgType.TEXT and (features := _features(frame.data)) is not None:
            listener.features = features
            listener.say(Frame.text(to_json({"type": "feature_flags", "data": features_of(upload_bytes)})))
        first = False


def _features(text: str) -> dict[str, object] | None:
    try:
        frame = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None
    if not isinstance(frame, dict) or frame.get("type") != "feature_flags":
        return None
    return frame["data"] if isinstance(frame.get("data"), dict) else None


ROUTES = (Route("GET", "/ws", live, "What happens, as it happens.", compatible=True),)
