"""Errors as answers: one JSON shape, ``{"error": {"code", "message", "cure"}}``, for everything that goes wrong.

An answer never holds a traceback or a path of this machine. What nobody foresaw is logged whole under an id, and the
answer names the id.
"""

import asyncio
import errno
import logging
import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

from graphengine.graph.errors import CallError, CheckError, DocumentError, GraphengineError
from graphengine.server.errors import Busy, Conflict, NotFound, StoreError
from graphengine.server.hiding import hide
from graphengine.worker.supervisor import WorkerDied

# what our errors mean in HTTP; the first that fits
ANSWERS: Mapping[type[GraphengineError], tuple[int, str]] = {
    Conflict: (409, "conflict"),
    NotFound: (404, "not_found"),
    Busy: (503, "busy"),
    CheckError: (422, "check"),
    StoreError: (507, "store"),
    WorkerDied: (503, "worker"),
    DocumentError: (400, "document"),
    CallError: (400, "bad_call"),
    GraphengineError: (400, "error"),
}

QUIET = "error-status=200"
ERROR_STATUS = "Error-Status"  # the header

NO_ROOM = (errno.ENOSPC, errno.EDQUOT)

log = logging.getLogger("graphengine.server")


class Refusal(GraphengineError):
    """A request is refused.

    Args:
        status: Of HTTP.
        code: For programs, such as ``host_refused``.
        message: What was wrong, with the actual values.
        cure: What to do about it.
        headers: More headers of the answer.
    """

    def __init__(
        self, status: int, code: str, message: str, cure: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message, cure)
        self.status = status
        self.code = code
        self.headers = dict(headers or {})


def no_such_file(name: str) -> Refusal:
    """The refusal for a file that is not there."""
    return Refusal(404, "no_such_file", f"There is no file {name[:200]!r}.", "It may have been moved or deleted.")


class SlowBody(TimeoutError):
    """A request's body came too slowly; a TimeoutError, which aiohttp takes quietly when it looks for the rest."""


def json_answer(data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """Any data as a JSON answer."""
    return web.Response(
        body=msgspec.json.encode(data), status=status, headers=headers, content_type="application/json", charset="utf-8"
    )


def error_answer(
    status: int, code: str, message: str, cure: str = "", headers: Mapping[str, str] | None = None, **more: Any
) -> web.Response:
    """An error as an answer."""
    return json_answer({"error": {"code": code, "message": message, "cure": cure, **more}}, status, headers)


@web.middleware
async def quiet_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give an error the status 200, and its own in a header, where a client prefers that (RFC 7240).

    Browsers write each answer of 400 and more to the console, as if the page had a fault.
    """
    answer = await handler(request)
    if answer.status >= 400 and request.headers.get("Prefer") == QUIET and not answer.prepared:
        answer.headers.update({ERROR_STATUS: str(answer.status), "Preference-Applied": QUIET})
        answer.set_status(200)
    return answer


def answer_errors(hidden: Mapping[str, str]) -> Any:
    """The middleware that makes whatever is raised inside into an answer.

    Args:
        hidden: Paths of this machine -> what stands for them in answers.
    """

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException as error:
            if error.status < 400:
                raise
            return of_http(error, request)
        except Refusal as error:
            return error_answer(
                error.status, error.code, hide(error.message, hidden), hide(error.cure, hidden), error.headers
            )
        except GraphengineError as error:
            return _of_ours(error, hidden)
        except SlowBody as error:
            return error_answer(408, "slow_body", str(error), "Send it faster.", {"Connection": "close"})
        except web.RequestPayloadError:
            cure = "Send it whole, as its headers say."
            return error_answer(400, "bad_body", "The body cannot be read.", cure, {"Connection": "close"})
        except (ConnectionError, asyncio.CancelledError):
            raise
        except OSError as error:
            return _of_disk(error, hidden) if error.errno in NO_ROOM else _unknown(error, request)
        except Exception as error:  # noqa: BLE001  the door of a request: one that fails must not stop the rest
            return _unknown(error, request)

    return middleware


def _of_ours(error: GraphengineError, hidden: Mapping[str, str]) -> web.Response:
    status, code = next(answer for kind, answer in ANSWERS.items() if isinstance(error, kind))
    more: dict[str, Any] = {}
    if isinstance(error, CheckError):
        more["problems"] = error.problems
    if isinstance(error, Conflict) and error.current is not None:
        more["current"] = error.current
    return error_answer(status, code, hide(error.message, hidden), hide(error.cure, hidden), **more)


def _of_disk(error: OSError, hidden: Mapping[str, str]) -> web.Response:
    place = hide(str(error.filename2 or error.filename or "it"), hidden)
    return error_answer(507, "no_space", f"There is no room for {place}.", "Free some space there, and send it again.")


def _unknown(error: Exception, request: web.Request) -> web.Response:
    id = secrets.token_hex(6)
    log.error("error %s in %s %s", id, request.method, request.rel_url.raw_path, exc_info=error)
    message = "The service failed at this request."
    return error_answer(500, "internal", message, f"The log tells more: look for {id}.", id=id)


def of_http(error: web.HTTPException, request: web.BaseRequest) -> web.Response:
    """The answer to what aiohttp itself refuses."""
    phrase = HTTPStatus(error.status).phrase
    kept = {name: error.headers[name] for name in ("Allow", "Retry-After") if name in error.headers}
    message, cure = f"{phrase}.", ""
    if error.status == 404:
        message = f"There is nothing at {request.rel_url.raw_path[:200]}."
    elif error.status == 405:
        message = f"{request.method} cannot be done at {request.rel_url.raw_path[:200]}."
        cure = f"It takes {kept['Allow']}." if kept.get("Allow") else ""
    elif error.status == 417:
        message = f"The expectation {request.headers.get('Expect', '')[:100]!r} is not known."
        cure = "Send no 'Expect', or '100-continue'."
    elif isinstance(error, web.HTTPRequestEntityTooLarge):
        return error_answer(413, "too_large", "The body is too large.", "Send less.", {"Connection": "close"})
    return error_answer(error.status, phrase.lower().replace(" ", "_"), message, cure, kept)
