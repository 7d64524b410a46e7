"""Websockets, opened with their limits."""

from aiohttp import web

from graphengine.server.config import Limits

HEARTBEAT = 30.0  # seconds between pings; who answers none is gone


async def open_websocket(request: web.Request, limits: Limits) -> web.WebSocketResponse:
    """The request as a websocket: a message of more than ``limits.message_bytes`` closes it (code 1009).

    Nothing is compressed: a copy of each event would be, for each client.
    """
    socket = web.WebSocketResponse(max_msg_size=limits.message_bytes, heartbeat=HEARTBEAT, compress=False)
    await socket.prepare(request)
    return socket
