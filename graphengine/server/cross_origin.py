"""Answers for pages of other origins that the operator allows (Fetch standard, 3.2): to no other, and never to ``*``.

Cookies are not shared with them: such a page sends the token as ``Authorization: Bearer``, or in a websocket's address.
"""

from collections.abc import Awaitable, Callable, Collection
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

METHODS = "GET, HEAD, POST, PUT, DELETE"
TAKEN = (
    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, If-Modified-Since, Last-Event-ID, Range, "
    "Comfy-User"
)
SHOWN = "Accept-Ranges, Content-Disposition, Content-Length, Content-Range, ETag, Location, Retry-After"
REMEMBERED = "600"  # seconds that a browser may go by an answer to its question
VARYING = ("Origin", "Access-Control-Request-Private-Network")


def answer_preflight(allowed: Collection[str]) -> Any:
    """The middleware that answers a browser's question before a request of an allowed page; it carries no token."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        asks = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        if not asks or allowed_origin(request, allowed) is None:
            return await handler(request)
        headers = {
            "Access-Control-Allow-Methods": METHODS,
            "Access-Control-Allow-Headers": TAKEN,
            "Access-Control-Max-Age": REMEMBERED,
        }
        if request.headers.get("Access-Control-Request-Private-Network") == "true":
            headers["Access-Control-Allow-Private-Network"] = "true"
        return web.Response(status=204, headers=headers)

    return middleware


def share(allowed: Collection[str]) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """A signal handler for ``on_response_prepare``: every answer to an allowed page says that the page may read it."""

    async def handler(request: web.Request, response: web.StreamResponse) -> None:
        headers = response.headers
        headers["Vary"] = ", ".join([*headers.popall("Vary", []), *VARYING])  # also where no page asked, for caches
        origin = allowed_origin(request, allowed)
        if origin is not None:
            headers["Access-Control-Allow-Origin"] = origin
            headers["Access-Control-Expose-Headers"] = SHOWN

    return handler


def allowed_origin(request: web.Request, allowed: Collection[str]) -> str | None:
    """The origin that a request comes from, if it is an allowed one."""
    origins = request.headers.getall("Origin", [])
    if len(origins) != 1 or origins[0].lower() not in allowed:
        return None
    return origins[0]
