"""One websocket: what waits to be sent on it. Nobody waits for its client."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from aiohttp import WSCloseCode, web

from graphengine.compat.comfyui.messages import picture_frame, picture_frame_with_metadata

MOST = 16 * 2**20  # characters that wait for a client; one that is further behind is dropped
WITH_METADATA = "supports_preview_metadata"


class Listener:
    """A client on a websocket.

    Texts and what is given wait in a line, in order. Of previews only the newest waits, and goes when nothing else
    does, so that a slow client loses those first.

    Attributes:
        id: As which it is known; jobs name it as theirs.
        since: When it came (unix seconds).
        features: What it said that it can do; None before it has said anything.
    """

    def __init__(self, id: str, socket: web.WebSocketResponse, transport: asyncio.Transport | None) -> None:
        self.id, self.since = id, time.time()
        self.features: dict[str, Any] | None = None
        self._socket, self._transport = socket, transport
        self._line: deque[str | Callable[[], bytes]] = deque()
        self._waiting = 0
        self._preview: bytes | None = None
        self._something = asyncio.Event()

    @property
    def knows_metadata(self) -> bool:
        """Whether pictures say which node they are of; else they are taken for the one that was last said to run."""
        return (self.features or {}).get(WITH_METADATA) is True

    def say(self, text: str) -> None:
        """Send a text frame soon; a client with too much waiting is cut off, and may come again."""
        self._line.append(text)
        self._waiting += len(text)
        self._something.set()
        if self._waiting > MOST and self._transport is not None:
            self._line.clear()
            self._waiting = 0
            self._transport.abort()

    def give(self, frame: Callable[[], bytes]) -> None:
        """Send a binary frame in its turn; it is made then, in a thread, or left out if its file has gone."""
        self._line.append(frame)
        self._something.set()

    def wants_previews(self, created: float) -> bool:
        """Whether to show it previews of a job that came at a time.

        A script that posts first, then listens, and says nothing of its features, takes every picture for its result.
        """
        return self.features is not None or self.since < created

    def show(self, job: str, node: str, picture: bytes) -> None:
        """Send a preview (JPEG) when nothing else waits, in the place of one that still does."""
        self._preview = self.framed(job, node, picture, "image/jpeg")
        self._something.set()

    def framed(self, job: str, node: str, picture: bytes, type: str) -> bytes:
        """A picture in the layout that the client knows."""
        if self.knows_metadata:
            return picture_frame_with_metadata(job, node, picture, type)
        return picture_frame(picture, type)

    def hide(self) -> None:
        """Send no preview that still waits: its job has ended, or another node is said to run."""
        self._preview = None

    async def keep_sending(self) -> None:
        """Send what waits, until cancelled or the client is gone."""
        with suppress(ConnectionError):
            while True:
                await self._something.wait()
                self._something.clear()
                while self._line:
                    await self._send(self._line.popleft())
                if self._preview is not None:
                    preview, self._preview = self._preview, None
                    self._something.set()  # texts may have come meanwhile
                    await self._socket.send_bytes(preview)

    async def _send(self, next: str | Callable[[], bytes]) -> None:
        if isinstance(next, str):
            self._waiting -= len(next)
            await self._socket.send_str(next)
            return
        with suppress(FileNotFoundError):
            await self._socket.send_bytes(await asyncio.to_thread(next))

    async def close(self) -> None:
        """Say goodbye, since the service ends."""
        with suppress(ConnectionError):
            await self._socket.close(code=WSCloseCode.GOING_AWAY)
