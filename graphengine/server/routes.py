"""Routes as data: the one table that requests are dispatched by, guarded by, and described from."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec
from aiohttp import HttpVersion11, web
from aiohttp.typedefs import Handler

API = "/api/v1"


@dataclass(frozen=True)
class Route:
    """What is done at a method and path.

    Attributes:
        method: ``GET`` also takes ``HEAD``.
        path: With ``{name}`` for a segment, ``{name:.+}`` for several.
        handler: Parses, calls one function, replies.
        summary: A sentence for the description.
        body: The type of the JSON body, if it has one.
        query: The type of the query's parameters, a struct.
        answer: The type of the JSON answer, if it is JSON.
        statuses: Of answers that tell no error.
        gives: The content type of the answer.
        compatible: Speaks another program's protocol: JSON is taken under any content type.
        open: Needs no token.
        media: The content type that a body must have.
    """

    method: str
    path: str
    handler: Handler
    summary: str
    body: Any = None
    query: type[msgspec.Struct] | None = None
    answer: Any = None
    statuses: tuple[int, ...] = (200,)
    gives: str = "application/json"
    compatible: bool = False
    open: bool = False
    media: str = "application/json"

    @property
    def takes_only_its_media(self) -> bool:
        """Whether a body of another content type is refused."""
        return self.path.startswith(f"{API}/") and not self.compatible


ROUTES = web.AppKey("ROUTES", tuple[Route, ...])
_ROUTE_OF = web.AppKey("_ROUTE_OF", dict[web.AbstractRoute, Route])


def add_routes(app: web.Application, routes: Iterable[Route]) -> None:
    """Put the table into an application, where ``route_of`` finds a request's row again."""
    table = tuple(routes)
    made: dict[web.AbstractRoute, Route] = {}
    for route in table:
        resource = app.router.add_resource(route.path)
        for method in ("GET", "HEAD") if route.method == "GET" else (route.method,):
            made[resource.add_route(method, route.handler, expect_handler=_continue)] = route
    app[ROUTES] = table
    app[_ROUTE_OF] = made


def route_of(request: web.Request) -> Route | None:
    """The row of the table that a request was dispatched by; None when there is none (404, 405)."""
    return request.app[_ROUTE_OF].get(request.match_info.route)


async def _continue(request: web.Request) -> None:
    """Ask for the body that a client holds back. Other expectations are passed over (RFC 9110, 10.1.1)."""
    if request.headers.get("Expect", "").lower() == "100-continue" and request.version >= HttpVersion11:
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # that was no part of the answer
