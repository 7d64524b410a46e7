"""Who listens on websockets, and what is told to whom: one task reads the hub's events for all of them.

A job's messages go to its owner, the client that it names; how long the queue is, to everybody. What clients wait for
(``executing`` of no node) is told when the hub tells the job's last state, and the history has it by then.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from aiohttp import web

from graphengine.compat.comfyui.messages import ENDINGS, Message, Narrator, last_message, text_frame
from graphengine.compat.comfyui_server.items import Items, ending
from graphengine.compat.comfyui_server.listener import Listener
from graphengine.compat.comfyui_server.outline import Outline, outline
from graphengine.files import FileRef
from graphengine.graph.errors import CallError
from graphengine.server.encoding import to_json
from graphengine.server.frames import Frame
from graphengine.server.hub import Message as Event
from graphengine.server.hub import Preview
from graphengine.server.job import FINISHED, JobState
from graphengine.server.service import Service

log = logging.getLogger("graphengine.server")

MOST = 1_000_000  # jobs that wait
TO_WEBSOCKET = frozenset({"SaveImageWebsocket"})  # kinds whose pictures go to the client whole


@dataclass(frozen=True)
class Telling:
    """What is told of a job.

    Attributes:
        owner: Its client.
        created: When it came (unix seconds).
        narrator: Makes messages of its events.
    """

    owner: str
    created: float
    narrator: Narrator


class Audience:
    """The listeners of a service.

    Args:
        service: Whose hub is listened to.
        items: Forget jobs that are deleted.
    """

    def __init__(self, service: Service, items: Items) -> None:
        self._service, self._items = service, items
        self._listeners: dict[str, Listener] = {}  # id -> the one that came last
        self._open: set[Listener] = set()
        self._live: dict[str, str] = {}  # job that waits or runs -> its owner
        self._tellings: dict[str, Telling] = {}  # job that runs -> what is told of it
        self._log_hearers: set[str] = set()  # ids of listeners

    def enter(self, listener: Listener) -> None:
        """Take a listener in, as the receiver of what is for its id, and tell it where things are."""
        self._open.add(listener)
        self._listeners[listener.id] = listener
        listener.say(_frame("status", self._status() | {"sid": listener.id}))
        for telling in self._tellings.values():
            node = next(iter(telling.narrator.running), None)
            if telling.owner == listener.id and node is not None:
                listener.say(_frame("executing", {"node": telling.narrator.posted(node)}))

    def leave(self, listener: Listener) -> None:
        """Forget a listener, not the one that has taken its place."""
        self._open.discard(listener)
        if self._listeners.get(listener.id) is listener:
            del self._listeners[listener.id]
            self._log_hearers.discard(listener.id)

    def hear_log(self, id: str, *, wanted: bool) -> None:
        """Let a listener that is there hear the log, or no more."""
        if wanted and id in self._listeners:
            self._log_hearers.add(id)
        else:
            self._log_hearers.discard(id)

    def tell_log(self, entry: Mapping[str, Any]) -> None:
        """Tell a record of the log to those who hear it."""
        for id in self._log_hearers:
            self._say(id, ("logs", {"entries": [entry]}))

    async def close(self) -> None:
        """Say goodbye to everybody."""
        await asyncio.gather(*(listener.close() for listener in list(self._open)))

    async def keep_telling(self) -> None:
        """Tell what happens, until the service ends."""
        subscription = self._service.hub.subscribe(listeners=lambda: len(self._open))
        with _Logged("reset", None):
            await self._catch_up()
        async for batch in subscription:
            for event in batch:
                with _Logged("preview" if isinstance(event, Preview) else event.kind, event.job):
                    await self._hear(event)
            for job, telling in self._tellings.items():
                with _Logged("progress_state", job):
                    self._tell_progress(telling)

    async def _hear(self, event: Event | Preview) -> None:
        if isinstance(event, Preview):
            self._show(event)
        elif event.kind == "reset":
            await self._catch_up()
        elif event.kind == "state" and event.job is not None:
            await self._tell_state(event, event.job)
        elif event.kind == "deleted" and event.job is not None:
            self._items.forget(event.job)
        elif event.job is not None and event.client:
            await self._tell_event(event, event.job, event.client)

    async def _catch_up(self) -> None:
        """Look where jobs are, since what happened to them was not heard; tell the ends of those that have ended."""
        states, before = (JobState.QUEUED, JobState.RUNNING), len(self._live)
        self._live = {job.id: job.client for job in await self._service.jobs.page(states, limit=MOST)}
        for id in [id for id in self._tellings if id not in self._live]:
            with suppress(CallError):  # it was deleted meanwhile
                job = await self._service.jobs.show(id)
                self._tell_end(id, job.state, job.reason)
            self._say(self._tellings.pop(id).owner, last_message(id))
        if before != len(self._live):
            self._tell_status()

    async def _tell_state(self, event: Event, job: str) -> None:
        state = JobState(event.data["state"])
        before, owner = len(self._live), self._live.get(job, "")
        if state in FINISHED:
            self._live.pop(job, None)
            with _Logged("state", job):  # clients wait for what is said last
                self._tell_end(job, state, event.data["reason"])
        else:
            self._live[job] = event.client or owner
        if state is JobState.QUEUED:
            self._tellings.pop(job, None)
        if before != len(self._live) or state is JobState.RUNNING:
            self._tell_status()
        if state in FINISHED:
            ran = self._tellings.pop(job, None) is not None
            if ran or not self._runs_for(owner):
                self._say(owner, last_message(job))
        if state is JobState.RUNNING and event.client:
            await self._telling(job, event.client)

    def _runs_for(self, owner: str) -> bool:
        """Whether a job of a client runs: its page takes ``executing`` of no node for the end of that one."""
        return any(telling.owner == owner for telling in self._tellings.values())

    async def _tell_event(self, event: Event, job: str, owner: str) -> None:
        if job in self._live:
            telling = await self._telling(job, owner)
            self._give(telling, event.kind, event.data["node"], event.data)
            self._tell(telling, event.kind, event.data["node"], event.data)

    def _tell_progress(self, telling: Telling) -> None:
        for message in telling.narrator.states():
            self._say(telling.owner, message)

    def _tell_end(self, job: str, state: JobState, reason: str) -> None:
        """What is still to be said of a job whose worker could not, since it died or refused the job."""
        telling = self._tellings.get(job)
        if telling is None:
            return
        if telling.owner in self._listeners:
            self._listeners[telling.owner].hide()
        said = telling.narrator.said
        if not said or said[-1][0] not in ENDINGS.values():
            self._tell(telling, "planned", "", {"cached": [], "run": []})
            self._tell(telling, "ended", "", ending(state, reason))

    async def _telling(self, job: str, owner: str) -> Telling:
        if job not in self._tellings:
            try:
                jobs = self._service.jobs
                found = jobs.taken(job) or await jobs.show(job)
                known, created = outline(found.document), found.created
            except CallError:  # it was deleted meanwhile
                known, created = Outline({}, {}, {}), 0.0
            self._tellings[job] = Telling(owner, created, Narrator(job, *known))
        return self._tellings[job]

    def _tell(self, telling: Telling, kind: str, node: str, data: Mapping[str, Any]) -> None:
        for message in telling.narrator.tell({"kind": kind, "node": node, "data": data}, time.time()):
            self._say(telling.owner, message)

    def _give(self, telling: Telling, kind: str, node: str, data: Mapping[str, Any]) -> None:
        """Binary frames: a text that a node says, and whole pictures of a node that saves them to the websocket."""
        listener = self._listeners.get(telling.owner)
        if listener is None:
            return
        if kind == "text" and listener.wants_previews(telling.created):
            listener.give(lambda: text_frame(telling.narrator.posted(node), data["text"]))
        if kind == "finished" and telling.narrator.kinds.get(node) in TO_WEBSOCKET:
            self._say(telling.owner, telling.narrator.executing(node))
            for item in data["results"].get("images", ()):
                path = self._service.engine.files.path(FileRef(**item))
                listener.give(partial(_picture, listener, telling.narrator.job, telling.narrator.posted(node), path))

    def _show(self, preview: Preview) -> None:
        telling = self._tellings.get(preview.job)
        listener = self._listeners.get(telling.owner) if telling else None
        if not (telling and listener and listener.wants_previews(telling.created)):
            return
        if listener.knows_metadata or preview.node == telling.narrator.current:
            listener.show(preview.job, telling.narrator.posted(preview.node), preview.data)

    def _say(self, owner: str, message: Message) -> None:
        listener = self._listeners.get(owner)
        if listener is None:
            return
        if message[0] == "executing" and not listener.knows_metadata:
            listener.hide()
        listener.say(_frame(*message))

    def _tell_status(self) -> None:
        frame = _frame("status", self._status())
        for listener in self._open:
            listener.say_newest(frame)

    def _status(self) -> dict[str, Any]:
        return {"status": {"exec_info": {"queue_remaining": len(self._live)}}}


def keep_telling(audience: Audience) -> Callable[[web.Application], AbstractAsyncContextManager[None]]:
    """A context of the application, during which the audience is told."""

    @asynccontextmanager
    async def context(app: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(audience.keep_telling())
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    return context


class _Logged:
    """What cannot be told is logged, and does not silence what follows: one task tells all clients."""

    __slots__ = ("_job", "_kind")

    def __init__(self, kind: str, job: str | None) -> None:
        self._kind, self._job = kind, job

    def __enter__(self) -> None:
        pass

    def __exit__(self, type: Any, error: BaseException | None, trace: Any) -> bool:
        if isinstance(error, Exception):  # whatever it is
            log.error(
                "event '%s' of job '%s' cannot be told to websockets", self._kind, self._job or "", exc_info=error
            )
        return isinstance(error, Exception)


def _picture(listener: Listener, job: str, node: str, path: Path) -> bytes:
    return listener.framed(job, node, path.read_bytes(), "image/png")


def _frame(type: str, data: Mapping[str, Any]) -> Frame:
    return Frame.text(to_json({"type": type, "data": data}))
