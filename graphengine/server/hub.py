"""Who hears what happens: numbered events to any number of listeners, each at its own pace.

Events are kept in one list that all listeners read, each from the number where it is, so publishing costs the same for
one and for fifty, a slow listener holds up nobody, and one that comes back reads on where it was. Whoever is so far
behind that events are no longer held gets a ``reset`` instead and reads the state anew.

All are told at common moments, of all that happened until then: whoever keeps up gets the very list that the others
get, so what is made of it can be made once for all of them.

Previews are beside this: only the newest of a job is kept, and no listener gets more than ten a second.

Everything here belongs to one event loop; nothing is locked.
"""

import time
from asyncio import Future, TimerHandle, get_running_loop
from collections.abc import Callable, Collection, Sequence
from typing import Any, Self
from weakref import WeakSet

import msgspec

from graphengine.server.encoding import to_json

EASY = 4  # listeners, beyond whom the pause grows with their number


class Message(msgspec.Struct, frozen=True, eq=False):
    """An event.

    Attributes:
        number: Counts up, also over restarts.
        kind: What happened.
        job: Id of the job that it is about, if it is about one.
        client: Who submitted that job, if anybody said.
        data: What else there is to say; not to be changed.
        json: All of it but ``client``, encoded once for everybody.
    """

    number: int
    kind: str
    job: str | None
    client: str | None
    data: Any
    json: bytes


class Preview(msgspec.Struct, frozen=True):
    """A picture of what a node works on: encoded bytes of a media type. ``number`` counts previews alone."""

    number: int
    job: str
    node: str
    type: str
    data: bytes


class Hub:
    """Takes events and previews, and has them ready for its subscriptions.

    Args:
        capacity: How many events are held at least.
        max_bytes: How much JSON is held at least, if that is less.
        pause: Seconds from one common moment to the next, so that many events make few writes; longer for many
            listeners, so that all of them together cost little.
        preview_pause: Seconds between two previews to a listener.
    """

    def __init__(
        self, capacity: int = 8192, max_bytes: int = 32 * 2**20, pause: float = 0.005, preview_pause: float = 0.1
    ) -> None:
        self._pause = pause
        self.preview_pause = preview_pause
        self.closed = False
        self._capacity = capacity
        self._max_bytes = max_bytes
        self._messages: list[Message] = []
        self._first = time.time_ns() // 1000  # the number of the first message held; past all those of an earlier life
        self._bytes = 0
        self._previews: dict[str, Preview] = {}
        self._preview_number = 0
        self._told = self.newest  # at the last common moment
        self._batch: tuple[int, Sequence[Message]] = (0, ())  # what was read last, and the number that it begins at
        self._turn: TimerHandle | None = None  # the next common moment, once there is something to tell
        self._ready = 0.0  # when it may be, by the loop's clock
        self._waiting: set[Future[None]] = set()
        self._listeners: WeakSet[Subscription] = WeakSet()

    @property
    def pause(self) -> float:
        """Seconds from one common moment to the next."""
        return self._pause * max(1, sum(one.listeners() for one in self._listeners) / EASY)

    @property
    def newest(self) -> int:
        """The number of the newest event."""
        return self._first + len(self._messages) - 1

    def publish(self, kind: str, data: Any, *, job: str | None = None, client: str | None = None) -> int:
        """Give everybody an event; its number. ``data`` is what JSON, dataclasses and structs can hold."""
        message = _message(self._first + len(self._messages), kind, data, job, client)
        self._messages.append(message)
        self._bytes += len(message.json)
        if len(self._messages) > 2 * self._capacity or self._bytes > 2 * self._max_bytes:
            self._forget()
        self.tell()
        return message.number

    def publish_preview(self, job: str, node: str, data: bytes, type: str) -> None:
        """Give everybody a picture, in the place of the job's last one where that was not sent yet."""
        self._preview_number += 1
        self._previews[job] = Preview(self._preview_number, job, node, type, data)
        self.tell()

    def clear_preview(self, job: str) -> None:
        """Send no preview of a job any more: to be called before its end is published."""
        self._previews.pop(job, None)

    def subscribe(
        self,
        after: int | None = None,
        *,
        jobs: Collection[str] | None = None,
        kinds: Collection[str] | None = None,
        listeners: Callable[[], int] = lambda: 1,
    ) -> "Subscription":
        """What happens from now on, or after the event of a number.

        Args:
            after: The last number that the listener knows. If later ones are no longer held (or it is of another
                server), a ``reset`` comes first.
            jobs: Only events and previews of these.
            kinds: Only events of these; previews are of kind ``preview``.
            listeners: How many hear what is read; ``pause`` grows with them.
        """
        held = after is None or self._first - 1 <= after <= self.newest
        start = (self.newest if after is None else after) + 1
        subscription = Subscription(self, start if held else 0, jobs, kinds, listeners)
        self._listeners.add(subscription)
        self.tell()
        return subscription

    def close(self) -> None:
        """End all subscriptions, once they have read what there is."""
        self.closed = True
        self._wake()

    def tell(self) -> None:
        """Let all who listen read what there is, at the next common moment."""
        if self._turn is None and self._listeners:
            self._turn = get_running_loop().call_at(self._ready, self._wake)

    @property
    def told(self) -> int:
        """The number of the newest event that may be read: what came after it waits for the next common moment."""
        return self.newest if self._turn is None else self._told

    def since(self, number: int) -> Sequence[Message] | None:
        """All that may be read from a number on, not to be changed; None when some of it is no longer held."""
        if number < self._first:
            return None
        told = self.told
        if number > told:
            return ()
        begin, batch = self._batch
        if begin != number or batch[-1].number != told:
            batch = self._messages[number - self._first : told + 1 - self._first]
            self._batch = (number, batch)
        return batch

    def previews_since(self, number: int) -> list[Preview]:
        """The newest previews of all jobs, those that came after one."""
        return [preview for preview in self._previews.values() if preview.number > number]

    async def changed(self, by: float | None) -> None:
        """Until something is published, or the loop's clock is at ``by``."""
        loop = get_running_loop()
        future = loop.create_future()
        timer = None if by is None else loop.call_at(by, _set, future)
        self._waiting.add(future)
        try:
            await future
        finally:
            self._waiting.discard(future)
            if timer is not None:
                timer.cancel()

    def _wake(self) -> None:
        if self._turn is not None:
            self._turn.cancel()
            self._turn = None
        self._told = self.newest
        self._ready = get_running_loop().time() + self.pause
        for future in self._waiting:
            _set(future)
        self._waiting.clear()

    def _forget(self) -> None:
        """Drop the oldest messages down to the limits; done rarely, so that it costs little for each."""
        drop = max(0, len(self._messages) - self._capacity)
        self._bytes -= sum(len(message.json) for message in self._messages[:drop])
        while self._bytes > self._max_bytes and drop < len(self._messages) - 1:
            self._bytes -= len(self._messages[drop].json)
            drop += 1
        del self._messages[:drop]
        self._first += drop


class Subscription:
    """What one listener hears: an asynchronous iterator of lists, each with everything that there is, in order.

    Previews come last in a list. Whoever stops listening just stops; an iteration that is cancelled loses nothing.
    """

    def __init__(
        self,
        hub: Hub,
        start: int,
        jobs: Collection[str] | None,
        kinds: Collection[str] | None,
        listeners: Callable[[], int],
    ) -> None:
        self._hub, self.listeners = hub, listeners
        self._next = start
        self._jobs = None if jobs is None else frozenset(jobs)
        self._kinds = None if kinds is None else frozenset(kinds)
        self._seen = 0  # the number of the last preview
        self._preview_ready = 0.0  # when the next preview may go, by the loop's clock

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Sequence[Message | Preview]:
        hub, clock = self._hub, get_running_loop().time
        while True:
            messages, previews = self._new_messages(), self._new_previews()
            if previews and clock() >= self._preview_ready:
                self._seen = max(preview.number for preview in previews)
                self._preview_ready = clock() + len(previews) * hub.preview_pause
                return [*messages, *previews]
            if messages:
                return messages
            if hub.closed:
                raise StopAsyncIteration
            await hub.changed(self._preview_ready if previews else None)

    def _new_messages(self) -> Sequence[Message]:
        """What came since the last time, or one ``reset``."""
        hub = self._hub
        messages = hub.since(self._next)
        if messages is None:
            self._next = hub.newest + 1
            return [_message(hub.newest, "reset", {"after": hub.newest}, None, None)]
        self._next += len(messages)
        if self._jobs is None and self._kinds is None:
            return messages
        return [message for message in messages if self._wanted(message.job, message.kind)]

    def _new_previews(self) -> list[Preview]:
        previews = self._hub.previews_since(self._seen)
        return [preview for preview in previews if self._wanted(preview.job, "preview")]

    def _wanted(self, job: str | None, kind: str) -> bool:
        return (self._jobs is None or job in self._jobs) and (self._kinds is None or kind in self._kinds)


def _message(number: int, kind: str, data: Any, job: str | None, client: str | None) -> Message:
    body = {"number": number, "kind": kind, "time": time.time(), "job": job, "data": data}
    if job is None:
        del body["job"]
    return Message(number, kind, job, client, data, to_json(body))


def _set(future: Future[None]) -> None:
    if not future.done():
        future.set_result(None)
