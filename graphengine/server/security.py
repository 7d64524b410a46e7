"""Middlewares that let nobody in who does not belong; each asks one pure decision.

    check_host     the Host header names us: a page that had its name rebound to our address does not
    check_origin   what changes state, and every websocket, comes from our own page or from no page
    check_media    what changes state under /api/v1 has the content type that its route takes

The token is in ``tokens``, limits are in ``flood`` and ``bodies``.
"""

from collections.abc import Collection, Sequence
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from graphengine.graph.errors import CallError
from graphengine.server.answers import Refusal
from graphengine.server.config import Serving
from graphengine.server.origins import Host, host_problem, is_origin, origin_problem, parse_host
from graphengine.server.routes import route_of

READS = frozenset({"GET", "HEAD", "OPTIONS"})


def check_host(serving: Serving) -> Any:
    """The middleware that refuses a Host header that is not ours.

    Raises:
        CallError: A name of ``serving.hosts`` is none.
    """
    allowed = allowed_hosts(serving.hosts)

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        problem = host_problem(request.headers.getall("Host", []), _listening(request), allowed)
        if problem:
            raise Refusal(403, "host_refused", problem, "Start with --allow-host NAME if that name leads here.")
        return await handler(request)

    return middleware


def check_origin(allowed: Collection[str]) -> Any:
    """The middleware that refuses what a foreign page makes a browser send, unless its origin is allowed."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method not in READS or wants_websocket(request):
            headers = request.headers
            problem = origin_problem(
                headers.getall("Origin", []), headers.getall("Host", []), headers.get("Sec-Fetch-Site"), allowed
            )
            if problem:
                raise Refusal(403, "origin_refused", problem, "Use the page that this service serves, or a program.")
        return await handler(request)

    return middleware


@web.middleware
async def check_media(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse a body of a content type that a form of a foreign page could have."""
    route = route_of(request)
    if route and route.takes_only_its_media and request.method not in READS:
        bare = request.method == "DELETE" and not request.body_exists
        if not bare and request.content_type != route.media:
            given = request.headers.get("Content-Type", "none")[:100]
            raise Refusal(
                415, "media_refused", f"The content type is {given!r}.", f"Send 'Content-Type: {route.media}'."
            )
    return await handler(request)


def allowed_hosts(names: Sequence[str]) -> frozenset[Host]:
    """Configured names, taken apart.

    Raises:
        CallError: One is no host.
    """
    hosts = {name: parse_host(name) for name in names}
    for name, host in hosts.items():
        if host is None:
            raise CallError(f"{name!r} is no host.", "Give a name such as studio.example or studio.example:9000.")
    return frozenset(host for host in hosts.values() if host)


def allowed_origins(names: Sequence[str]) -> frozenset[str]:
    """Configured origins, as browsers write them.

    Raises:
        CallError: One is no origin.
    """
    origins = frozenset(name.lower().rstrip("/") for name in names)
    for origin in origins:
        if not is_origin(origin):
            raise CallError(f"{origin!r} is no origin.", "Give one such as https://studio.example, without a path.")
    return origins


def wants_websocket(request: web.Request) -> bool:
    """Whether the request asks to become a websocket."""
    return request.headers.get("Upgrade", "").lower() == "websocket"


def _listening(request: web.Request) -> tuple[str, int]:
    name = request.transport.get_extra_info("sockname") if request.transport else None
    return (name[0], name[1]) if isinstance(name, tuple) else ("", 0)
