"""A served application for tests: the ten lines that each would repeat."""

import asyncio
import socket
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import replace

from aiohttp.test_utils import TestClient, TestServer

from graphengine.server.answers import json_answer
from graphengine.server.app import make_app
from graphengine.server.config import Limits, Serving
from graphengine.server.keys import SERVING
from graphengine.server.routes import Route
from graphengine.server.serve import bind, running
from graphengine.server.sockets import open_websocket
from graphengine.settings import Settings


async def echo(request):
    return json_answer({"bytes": len(await request.read())})


async def ws(request):
    socket = await open_websocket(request, request.app[SERVING].limits)
    await socket.send_str("hello")
    async for _ in socket:
        pass
    return socket


async def broken(request):
    raise ValueError(f"no such thing in {request.app.__class__} of /home/secret/place")


ROUTES = (
    Route("POST", "/api/v1/echo", echo, "Our own."),
    Route("DELETE", "/api/v1/echo", echo, "Our own."),
    Route("POST", "/prompt", echo, "Compatible.", compatible=True),
    Route("GET", "/ws", ws, "A websocket.", compatible=True),
    Route("GET", "/broken", broken, "Fails."),
)


@asynccontextmanager
async def client(home, serving=None, token=None, routes=()):
    app = make_app(Settings(home=home), serving or Serving(), token, (*ROUTES, *routes))
    async with TestClient(TestServer(app)) as served:
        yield served


@asynccontextmanager
async def real(home, limits=None, routes=(), drain=0.2):
    """The application behind real sockets of ours, with the gate and the timeouts of ``serve``; gives the port."""
    (listening,) = bind(("127.0.0.1",), 0)
    serving = replace(Serving(drain_seconds=drain), limits=limits or Limits())
    with closing(listening):
        async with running(make_app(Settings(home=home), serving, None, (*ROUTES, *routes)), serving, [listening]):
            yield listening.getsockname()[1]


@asynccontextmanager
async def connected(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def rest(reader):
    """What still comes, until the connection ends; a connection that was cut ends too."""
    data = bytearray()
    with suppress(ConnectionError):
        while chunk := await reader.read(2**16):
            data += chunk
    return bytes(data)


async def raw(port, data, wait=5.0):
    """What is answered to these bytes until the connection ends."""
    async with connected(port) as (reader, writer), asyncio.timeout(wait):
        writer.write(data)
        return await rest(reader)


def free_port():
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]
