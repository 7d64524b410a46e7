"""Bodies of requests: JSON limited in bytes and depth, and a watch over bodies that trickle."""

import asyncio
from contextlib import suppress
from typing import Any, TypeVar

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

from graphengine.server.answers import Refusal, SlowBody
from graphengine.server.config import Limits

T = TypeVar("T")


async def read_json(request: web.Request, limits: Limits, type: type[T] | Any = Any) -> T:
    """The JSON body of a request, as a type that msgspec knows.

    Raises:
        Refusal: It is too large, too deep, not JSON, or not of that type; the message says where.
        SlowBody: It trickles.
    """
    data = await read_bytes(request, limits.json_bytes)
    try:
        value = msgspec.json.decode(data)
        check_depth(value, limits.json_depth)
        converted: T = msgspec.convert(value, type)
    except RecursionError:
        raise _too_deep(limits.json_depth) from None
    except msgspec.ValidationError as error:
        raise Refusal(
            400, "bad_body", f"The body does not fit: {error}.", "The description of this route helps."
        ) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refusal(400, "bad_json", f"The body is no JSON: {error}.", "Send JSON in UTF-8.") from None
    return converted


async def read_bytes(request: web.Request, most: int) -> bytes:
    """The body of a request.

    Raises:
        Refusal: It has more than ``most`` bytes.
    """
    if (request.content_length or 0) > most:
        raise too_large(most)
    data = bytearray()
    async for chunk in request.content.iter_any():
        data += chunk
        if len(data) > most:
            raise too_large(most)
    return bytes(data)


def check_depth(value: Any, most: int) -> None:
    """Refuse a value with more than ``most`` levels of lists and dicts in each other; walked level by level."""
    level = [value] if isinstance(value, (dict, list)) else []
    for _ in range(most):
        level = [
            item
            for parent in level
            for item in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(item, (dict, list))
        ]
    if level:
        raise _too_deep(most)


def too_large(most: int) -> Refusal:
    """The refusal of a body of too many bytes."""
    size = f"{most / 2**20:.0f} MB" if most >= 2**20 else f"{most} bytes"
    return Refusal(413, "too_large", f"The body has more than {size}.", "Send less.", {"Connection": "close"})


def _too_deep(most: int) -> Refusal:
    return Refusal(400, "too_deep", f"The JSON has more than {most} levels in each other.", "Send flatter JSON.")


def watch_bodies(limits: Limits) -> Any:
    """The middleware that ends a request whose body trickles: it holds a handler, and memory, for nothing."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not request.body_exists or request.content.is_eof():  # all of it came with the headers
            return await handler(request)
        watch = asyncio.create_task(_watch(request, limits))
        try:
            return await handler(request)
        finally:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch

    return middleware


async def _watch(request: web.Request, limits: Limits) -> None:
    content, before = request.content, 0
    while not content.is_eof():
        await asyncio.sleep(limits.body_seconds)
        transport = request.transport
        if transport is None or content.is_eof():
            return
        ours_to_read = isinstance(transport, asyncio.ReadTransport) and not transport.is_reading()
        if content.total_bytes - before < limits.body_rate * limits.body_seconds and not ours_to_read:
            content.set_exception(SlowBody(f"The body came at less than {limits.body_rate} bytes a second."))
            return
        before = content.total_bytes
