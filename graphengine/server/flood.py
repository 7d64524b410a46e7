"""How much one address may have open: connections, and requests in flight."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, cast

from aiohttp import web
from aiohttp.typedefs import Handler

from graphengine.server.answers import Refusal
from graphengine.server.config import Limits
from graphengine.server.connection import Connection


def limit_requests(limits: Limits) -> Any:
    """The middleware that refuses more requests at a time than an address may have."""
    flying: Counter[str] = Counter()

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        address = request.remote or ""
        if flying[address] >= limits.requests:
            raise Refusal(
                429, "too_many_requests", f"{limits.requests} requests of yours are in flight.",
                "Wait for one to end.", {"Retry-After": "1"},
            )  # fmt: skip
        flying[address] += 1
        try:
            return await handler(request)
        finally:
            flying[address] -= 1
            if not flying[address]:
                del flying[address]

    return middleware


class Gate(asyncio.Protocol):
    """Stands before a connection's handler: aborts the connection when its address has too many, else steps aside.

    aiohttp counts no connections, and each costs memory before its first byte.
    """

    def __init__(self, server: web.Server, limits: Limits) -> None:
        self._server = server
        self._limits = limits

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let the connection in, or not."""
        stream = cast(asyncio.Transport, transport)
        address = _address(stream.get_extra_info("peername"))
        if too_many(
            (_address(other.peername) for other in self._server.connections), address, self._limits.connections
        ):
            stream.abort()
            return
        handler = Connection(self._server, self._limits)
        stream.set_protocol(handler)
        handler.connection_made(stream)


def gated(server: web.Server, limits: Limits) -> Callable[[], Gate]:
    """A factory of protocols for ``loop.create_server``."""
    return lambda: Gate(server, limits)


def too_many(others: Iterable[str], address: str, most: int) -> bool:
    """Whether an address that has connections among ``others`` may have no other."""
    return sum(other == address for other in others) >= most


def _address(peer: Any) -> str:
    return str(peer[0]) if isinstance(peer, tuple) and peer else ""
