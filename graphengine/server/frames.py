"""Frames of websockets (RFC 6455, 5.2), made here so that one text for fifty clients is framed once."""

import asyncio
import struct
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Self

from aiohttp import WSCloseCode, WSMsgType, web

STUCK = 30.0  # seconds without room for a piece, after which a client is dropped
PIECE = 2**16  # bytes that are written at a time
FINAL = 0x80  # the bit of a frame that is a whole message


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame: its type, its payload, and both as they are sent."""

    type: WSMsgType
    payload: bytes
    whole: bytes

    @classmethod
    def text(cls, payload: bytes) -> Self:
        """A frame of a text (UTF-8)."""
        return cls._unmasked(WSMsgType.TEXT, payload)

    @classmethod
    def binary(cls, payload: bytes) -> Self:
        """A frame of bytes."""
        return cls._unmasked(WSMsgType.BINARY, payload)

    @classmethod
    def _unmasked(cls, type: WSMsgType, payload: bytes) -> Self:
        size = len(payload)
        if size < 126:
            head = struct.pack(">BB", FINAL | type, size)
        elif size < 2**16:
            head = struct.pack(">BBH", FINAL | type, 126, size)
        else:
            head = struct.pack(">BBQ", FINAL | type, 127, size)
        return cls(type, payload, head + payload)


class Channel:
    """A websocket to which frames are written.

    Its own buffer is bounded by its transport's, since what is written waits until what was written before has gone.
    """

    def __init__(self, request: web.Request, socket: web.WebSocketResponse) -> None:
        self._request, self._socket = request, socket

    async def send(self, *frames: Frame) -> None:
        """Send frames, together some ``PIECE`` bytes unless it is one.

        Raises:
            ConnectionError: The client is gone, or was dropped since it took nothing for ``STUCK`` seconds.
        """
        transport = self._request.transport
        if transport is None or transport.get_write_buffer_size() or self._socket.closed:
            for frame in frames:  # which waits until there is room
                await in_time(self._request, self._socket.send_frame(frame.payload, frame.type))
        else:
            transport.write(_joined(frames))

    def drop(self) -> None:
        """Cut the client off; it may come again."""
        _abort(self._request)

    async def close(self) -> None:
        """Say goodbye, since the service ends."""
        await self._socket.close(code=WSCloseCode.GOING_AWAY)


def _joined(frames: Sequence[Frame]) -> bytes:
    return frames[0].whole if len(frames) == 1 else b"".join(frame.whole for frame in frames)


async def in_time(request: web.Request, write: Awaitable[None]) -> None:
    """Write, or drop the connection.

    Raises:
        ConnectionResetError: It was dropped, or is gone.
    """
    try:
        async with asyncio.timeout(STUCK):
            await write
    except TimeoutError:
        _abort(request)
        raise ConnectionResetError(f"The client took nothing for {STUCK:.0f} s.") from None


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
