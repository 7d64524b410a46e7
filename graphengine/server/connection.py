"""A connection of a client: aiohttp's, with answers in our shape also to what no middleware sees."""

import asyncio

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from graphengine.server.answers import error_answer, of_http
from graphengine.server.config import Limits
from graphengine.server.headers import put_headers
from graphengine.server.logs import AccessLog

LINGER = 2.0  # seconds that the rest of a refused body is read and thrown away, so that the client sees the answer


class Connection(RequestHandler):
    """What handles a connection.

    Args:
        server: Of the application.
    """

    __slots__ = ()

    def __init__(self, server: web.Server, limits: Limits) -> None:
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            access_log_class=AccessLog,
            keepalive_timeout=limits.header_seconds,  # counts from the connection, so it bounds headers too
            lingering_time=LINGER,
        )

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The answer to what is no HTTP, after which the connection ends."""
        super().handle_error(request, status, exc, message)  # logs it, and raises where another answer has begun
        if status >= 500:
            answer = error_answer(status, "internal", "The service failed at this request.", "The log tells more.")
        else:
            why = (message or "").partition("\n")[0].rstrip(":. ")[:200]  # below it stands what was sent, secrets too
            answer = error_answer(status, "bad_http", f"The request is no HTTP: {why}.", "Send HTTP/1.1.")
        put_headers(answer)
        answer.force_close()
        return answer

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Send an answer; where no route is, aiohttp looks at expectations before it asks any middleware."""
        if isinstance(resp, web.HTTPExpectationFailed):
            resp = of_http(resp, request)
        return await super().finish_response(request, resp, start_time)
