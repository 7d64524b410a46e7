"""One websocket: what waits to be sent on it. Nobody waits for its client."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from graphengine.compat.comfyui.messages import picture_frame, picture_frame_with_metadata
from graphengine.server.frames import PIECE, Channel, Frame

MOST = 16 * 2**20  # bytes that wait for a client; one that is further behind is dropped
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

    def __init__(self, id: str, channel: Channel) -> None:
        self.id, self.since = id, time.time()
        self.features: dict[str, Any] | None = None
        self._channel = channel
        self._line: deque[Frame | Callable[[], bytes]] = deque()
        self._waiting = 0
        self._newest: Frame | None = None
        self._preview: bytes | None = None
        self._something = asyncio.Event()

    @property
    def knows_metadata(self) -> bool:
        """Whether pictures say which node they are of; else they are taken for the one that was last said to run."""
        return (self.features or {}).get(WITH_METADATA) is True

    def say(self, frame: Frame) -> None:
        """Send a frame soon; a client with too much waiting is cut off, and may come again."""
        self._line.append(frame)
        self._waiting += len(frame.whole)
        self._something.set()
        if self._waiting > MOST:
            self._line.clear()
            self._waiting = 0
            self._channel.drop()

    def say_newest(self, frame: Frame) -> None:
        """Send a frame of which only the newest counts: in the place of the one before, while nothing follows it."""
        if self._newest is not None and self._line and self._line[-1] is self._newest:
            self._waiting -= len(self._newest.whole)
            self._line.pop()
        self._newest = frame
        self.say(frame)

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
                    await self._send_next()
                if self._preview is not None:
                    preview, self._preview = self._preview, None
                    self._something.set()  # texts may have come meanwhile
                    await self._channel.send(Frame.binary(preview))

    async def _send_next(self) -> None:
        """Send what is first in the line, with the frames behind it that go into one piece."""
        first = self._line.popleft()
        if not isinstance(first, Frame):
            with suppress(FileNotFoundError):
                await self._channel.send(Frame.binary(await asyncio.to_thread(first)))
            return
        frames, size = [first], len(first.whole)
        while self._line and size < PIECE and isinstance(following := self._line[0], Frame):
            frames.append(following)
            size += len(following.whole)
            self._line.popleft()
        self._waiting -= size
        await self._channel.send(*frames)

    async def close(self) -> None:
        """Say goodbye, since the service ends."""
        with suppress(ConnectionError):
            await self._channel.close()
