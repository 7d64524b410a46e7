"""The token: who has it may do everything, who has it not may do nothing but ask for health.

It is made at the first start that needs one and shown once, as a link. Kept is its SHA-256: a token has 256 random
bits, so there is no dictionary to try and a slow hash would add nothing. Taken are ``Authorization: Bearer``, the
cookie that the link sets, and ``?token=`` in the link and for websockets, where scripts of a page can set no header.
"""

import asyncio
import hashlib
import hmac
import secrets
from collections import OrderedDict
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from graphengine.file_writing import write_aside
from graphengine.graph.errors import CallError
from graphengine.server.answers import Refusal
from graphengine.server.routes import route_of
from graphengine.server.security import wants_websocket

QUERY = "token"
FIRST_DELAY, LONGEST_DELAY = 0.05, 3.0  # seconds that a wrong token waits for its answer
REMEMBERED = 1024  # addresses with wrong tokens


def digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode(errors="surrogateescape")).hexdigest()


def token_of(home: Path, new: bool = False) -> tuple[str, str | None]:
    """The kept digest, and the token itself when it was made just now.

    Args:
        home: The token's digest is in ``server/token`` below it, for its owner alone.
        new: Make another; the old one is no longer taken.

    Raises:
        CallError: The file is there, but holds no digest.
    """
    path = home / "server" / "token"
    if path.exists() and not new:
        kept = path.read_text(errors="replace").strip()
        if len(kept) != 64 or not set(kept) <= set("0123456789abcdef"):
            raise CallError(f"{path} holds no token.", "Start once with --new-token.")
        path.chmod(0o600)
        return kept, None
    token = secrets.token_urlsafe(32)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_aside(path, digest(token).encode())
    path.chmod(0o600)
    return digest(token), token


class Failures:
    """Counts wrong tokens an address, to answer each later than the last."""

    def __init__(self) -> None:
        self._counts: OrderedDict[str, int] = OrderedDict()

    def delay(self, address: str) -> float:
        """Count one more; the seconds that its answer is to wait."""
        count = self._counts.pop(address, 0) + 1
        self._counts[address] = count
        if len(self._counts) > REMEMBERED:
            self._counts.popitem(last=False)
        return min(FIRST_DELAY * 2 ** min(count - 1, 10), LONGEST_DELAY)

    def forget(self, address: str) -> None:
        """The right token came from there."""
        self._counts.pop(address, None)

    def __len__(self) -> int:
        return len(self._counts)


def check_token(kept: str) -> Any:
    """The middleware that asks for the token everywhere but at open routes.

    Args:
        kept: The token's digest.
    """
    failures = Failures()

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        route, address = route_of(request), request.remote or ""
        given = _given(request)
        if any(_same(token, kept) for token in given):
            failures.forget(address)
            if _is_link(request, kept):
                return _without_token(request)
            return await handler(request)
        if route and route.open:
            return await handler(request)
        if given:
            await asyncio.sleep(failures.delay(address))
        raise Refusal(
            401, "token_required", "The token is wrong." if given else "There is no token.",
            "Open the link that was printed at the first start, or send 'Authorization: Bearer TOKEN'; "
            "'graphengine serve --new-token' makes another.", {"WWW-Authenticate": "Bearer"},
        )  # fmt: skip

    return middleware


def cookie_name(request: web.Request) -> str:
    """The name of our cookie. Browsers keep cookies a host, not a port, so two services would share one name."""
    socket = request.transport.get_extra_info("sockname") if request.transport else None
    return f"graphengine_{socket[1] if isinstance(socket, tuple) else 0}"


def link(address: str, token: str) -> str:
    """The address that a browser takes the token from."""
    return f"{address}/?{QUERY}={token}"


def _given(request: web.Request) -> list[str]:
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    reads = request.method == "GET"
    found = (
        bearer.strip() if scheme.lower() == "bearer" else None,
        request.cookies.get(cookie_name(request)),
        request.query.get(QUERY) if reads else None,
    )
    return [token for token in found if token]


def _same(token: str, kept: str) -> bool:
    return hmac.compare_digest(digest(token), kept)


def _is_link(request: web.Request, kept: str) -> bool:
    token = request.query.get(QUERY)
    return bool(token) and request.method == "GET" and not wants_websocket(request) and _same(token or "", kept)


def _without_token(request: web.Request) -> web.Response:
    """Send the browser to the same place without the token, which it keeps in a cookie from now on."""
    rest = request.rel_url.without_query_params(QUERY)
    place = "/" + str(rest).lstrip("/\\")  # '//elsewhere' would lead to another host
    answer = web.Response(status=303, headers={"Location": place})
    token = request.query.get(QUERY) or ""
    answer.set_cookie(
        cookie_name(request), token, httponly=True, samesite="Strict", path="/", max_age=365 * 86400,
        secure=request.headers.get("X-Forwarded-Proto") == "https",
    )  # fmt: skip
    return answer
