"""Many websocket clients that listen to all events, in a process of its own.

    python benchmarks/listeners.py ADDRESS CLIENTS JOBS

Prints a line when all are connected, and how many events each heard once all have heard of the end of so many jobs.

They run on the processors of the service that is measured, so they do what they must: read whole frames (RFC 6455, 5.2)
and take from their text the number of each event, which must be the one after the last, and the ends of jobs.
"""

import asyncio
import base64
import json
import os
import re
import sys
from urllib.parse import urlsplit

PATH = "/api/v1/events/socket"
NUMBER = re.compile(rb'\{"number":(\d+),"kind":')
DONE = b'"data":{"state":"done"'
LONGER = 126  # this length and the next say that the real one follows, in two bytes or in eight
ROOM = 2**18  # bytes that are read at a time


class Listener(asyncio.BufferedProtocol):
    """A client.

    Args:
        jobs: How many end.

    Attributes:
        opened: Done when it is connected; its result is nothing.
        heard: Done at the end; its result is how many events came.
    """

    def __init__(self, address: str, jobs: int) -> None:
        loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[None] = loop.create_future()
        self.heard: asyncio.Future[int] = loop.create_future()
        self._address, self._left = address, jobs
        self._room, self._bytes = memoryview(bytearray(ROOM)), bytearray()
        self._last = self._count = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET {PATH} HTTP/1.1",
            f"Host: {self._address}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
        ]
        transport.write("\r\n".join([*lines, "", ""]).encode())

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._room

    def buffer_updated(self, nbytes: int) -> None:
        self._bytes += self._room[:nbytes]
        if not self.opened.done():
            head, end, rest = self._bytes.partition(b"\r\n\r\n")
            if not end:
                return
            assert head.startswith(b"HTTP/1.1 101 "), head
            self.opened.set_result(None)
            self._bytes = rest
        while (frame := self._frame()) is not None:
            self._hear(frame)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.heard.done():
            self.heard.set_exception(RuntimeError("the service closed the socket"))

    def _frame(self) -> bytes | None:
        """The next whole frame's payload, taken out of what came; servers do not mask theirs."""
        held = self._bytes
        if len(held) < 2:
            return None
        begin, length = 2, held[1]
        if length >= LONGER:
            begin = 4 if length == LONGER else 10
            length = int.from_bytes(held[2:begin])
        if len(held) < begin + length:
            return None
        payload = bytes(held[begin : begin + length])
        del held[: begin + length]
        return payload

    def _hear(self, text: bytes) -> None:
        numbers = [int(number) for number in NUMBER.findall(text)]
        if not self._last:  # the number that it begins after
            self._last = numbers.pop(0)
        assert numbers == [*range(self._last + 1, self._last + 1 + len(numbers))], "events were lost or out of order"
        self._last += len(numbers)
        self._count += len(numbers)
        self._left -= text.count(DONE)
        if self._left <= 0 and not self.heard.done():
            self.heard.set_result(self._count)


async def main(address: str, clients: int, jobs: int) -> None:
    loop, place = asyncio.get_running_loop(), urlsplit(address)
    made = [
        await loop.create_connection(lambda: Listener(place.netloc, jobs), place.hostname, place.port)
        for _ in range(clients)
    ]
    listeners = [listener for _, listener in made]
    await asyncio.gather(*(listener.opened for listener in listeners))
    print("connected", flush=True)
    print(json.dumps(await asyncio.gather(*(listener.heard for listener in listeners))), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
