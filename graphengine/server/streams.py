"""Events on their way to one client, as server-sent events or over a websocket.

What waits for a client waits in the hub, once for all: a client's own buffer is bounded by its transport's, since each
piece is written when the one before has gone. Who takes nothing for ``STUCK`` seconds is dropped, and reads on later
from the number that it knows.
"""

import asyncio
import struct
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence

import msgspec
from aiohttp import web

from graphengine.server.frames import PIECE, Channel, Frame, in_time
from graphengine.server.hub import Message, Preview, Subscription

KEEP_ALIVE = 15.0  # seconds without an event until a comment says that the stream lives
HEADERS = {"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"}  # which keeps nginx from gathering it


async def send_stream(request: web.Request, subscription: Subscription, newest: int) -> web.StreamResponse:
    """Answer with server-sent events (WHATWG HTML, 9.2) until the client goes or the server stops.

    Each has its number as ``id``, and the message's JSON as ``data``. Previews are not sent.

    Args:
        newest: The number that the client reads on from, should it lose the connection before the first event.
    """
    response = web.StreamResponse(headers=HEADERS)
    await response.prepare(request)
    if request.method == "HEAD":
        return response
    try:
        await in_time(request, response.write(b"id: %d\nretry: 1000\n\n" % newest))
        async for batch in _batches(subscription):
            lines = [b"id: %d\ndata: %b\n\n" % (one.number, one.json) for one in batch if isinstance(one, Message)]
            for piece in _pieces(lines if batch else [b":\n\n"], b""):
                await in_time(request, response.write(piece))
    except ConnectionError:
        pass  # the client is gone
    return response


async def send_frames(
    request: web.Request, socket: web.WebSocketResponse, subscription: Subscription, newest: int
) -> None:
    """Send frames until the client goes or the server stops.

    A text frame is a JSON array of events; the first holds one of kind ``begin``, with the number that the client
    reads on from. A binary frame is a preview: four bytes, the length of a JSON header (big-endian); the header; the
    encoded picture.
    """
    writing = asyncio.create_task(_write_frames(request, socket, subscription, newest))
    reading = asyncio.create_task(_read(socket))
    await asyncio.wait([writing, reading], return_when=asyncio.FIRST_COMPLETED)
    for task in (writing, reading):
        task.cancel()
    await asyncio.gather(writing, reading, return_exceptions=True)
    await socket.close()


async def _write_frames(
    request: web.Request, socket: web.WebSocketResponse, subscription: Subscription, newest: int
) -> None:
    channel = Channel(request, socket)
    await channel.send(Frame.text(msgspec.json.encode([{"number": newest, "kind": "begin", "data": {}}])))
    async for batch in subscription:
        for frame in FRAMED.of(batch):
            await channel.send(frame)


class _Framed:
    """The frames of a batch, made once for all those who keep up: they are told the same list."""

    def __init__(self) -> None:
        self._batch: Sequence[Message | Preview] = ()
        self._frames: Sequence[Frame] = ()

    def of(self, batch: Sequence[Message | Preview]) -> Sequence[Frame]:
        if batch is not self._batch:
            texts = _pieces((one.json for one in batch if isinstance(one, Message)), b",")
            frames = [Frame.text(b"[%b]" % text) for text in texts]
            frames += [Frame.binary(preview_frame(one)) for one in batch if isinstance(one, Preview)]
            self._batch, self._frames = batch, frames
        return self._frames


FRAMED = _Framed()


async def _read(socket: web.WebSocketResponse) -> None:
    """Hear pings and the end; what a client says otherwise means nothing."""
    async for _ in socket:
        pass


def preview_frame(preview: Preview) -> bytes:
    """A preview as a binary frame."""
    header = msgspec.json.encode({"job": preview.job, "node": preview.node, "type": preview.type})
    return struct.pack(">I", len(header)) + header + preview.data


async def _batches(subscription: Subscription) -> AsyncIterator[Sequence[Message | Preview]]:
    """The batches of a subscription; an empty one after each ``KEEP_ALIVE`` seconds without any."""
    while True:
        try:
            yield await asyncio.wait_for(anext(subscription), KEEP_ALIVE)
        except TimeoutError:
            yield []
        except StopAsyncIteration:
            return


def _pieces(parts: Iterable[bytes], between: bytes) -> Iterator[bytes]:
    """The parts joined to pieces of about ``PIECE`` bytes."""
    held: list[bytes] = []
    size = 0
    for part in parts:
        held.append(part)
        size += len(part)
        if size >= PIECE:
            yield between.join(held)
            held, size = [], 0
    if held:
        yield between.join(held)
