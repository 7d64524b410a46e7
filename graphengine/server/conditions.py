"""Conditions of requests: whether what is asked for is needed."""

from aiohttp import web


def has_state(request: web.BaseRequest, tag: str) -> bool:
    """Whether the client has this state already, by ``If-None-Match`` (RFC 9110, 13.1.2); the answer is a 304 then.

    Args:
        request: It names what the client has.
        tag: The ETag of what is there now, without quotes.
    """
    return any(given.value in (tag, "*") for given in request.if_none_match or ())
