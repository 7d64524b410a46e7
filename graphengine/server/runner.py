"""Hands waiting jobs to workers, tells the hub what happens, and records how each job ended.

One task for each worker: take a job, send it, wait until it ended or its worker died. A worker that dies is started
again at once; its job is ``lost``, with the reason.
"""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import cycle
from typing import Any, TypeVar

from graphengine.execution.events import Event
from graphengine.server.errors import Conflict, StoreError
from graphengine.server.hub import Hub
from graphengine.server.job import Job, JobState
from graphengine.server.jobs import Jobs
from graphengine.server.metrics import Durations
from graphengine.server.progress import NodeProgress, note
from graphengine.settings import Settings
from graphengine.worker.protocol import Cancel, Ended, FromWorker, Reported, Run, Shown
from graphengine.worker.supervisor import Supervised

log = logging.getLogger("graphengine.server")

T = TypeVar("T")
PAUSE = 1.0  # seconds until what could not be written is tried again
LONGEST_KEY = 80  # of a text in a PNG
RECORDING = 2.0  # seconds for the end of a job to be recorded when the server stops
GRACE = 10.0  # seconds that a cancelled job has before its worker is ended by force
AGAIN = (0.0, 1.0, 5.0, 30.0)  # seconds before a worker that keeps dying before it is ready is started again


@dataclass(eq=False)
class Place:
    """One worker and the job it has.

    Attributes:
        worker: The process.
        job: What it runs now.
        cancelled: Why, once its job was told to stop.
        progress: Of the job's nodes.
        over: Done when the job ended (how) or the worker died (why).
        failures: How often the worker died since it last ended a job.
        restarts: How often it was started again.
        starting: Held while it is.
    """

    worker: Supervised
    job: Job | None = None
    cancelled: str = ""
    progress: dict[str, NodeProgress] = field(default_factory=dict)
    over: asyncio.Future[Ended | str] | None = None
    failures: int = 0
    restarts: int = 0
    starting: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(eq=False)
class Runner:
    """Runs the jobs of a server.

    Attributes:
        jobs: Where they wait, and are recorded.
        hub: Told of all that happens to them.
        settings: Of the workers' engines.
        count: Workers.
        devices: Which they take in turn; that of the settings when empty.
    """

    jobs: Jobs
    hub: Hub
    settings: Settings
    count: int = 1
    devices: Sequence[str] = ()
    grace: float = GRACE
    places: list[Place] = field(default_factory=list)
    durations: Durations = field(default_factory=Durations)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _revivals: set[asyncio.Task[None]] = field(default_factory=set)
    _draining: asyncio.Event = field(default_factory=asyncio.Event)

    async def start(self) -> None:
        """Start the workers, and take jobs from now on."""
        for _, device in zip(range(self.count), cycle(self.devices or [self.settings.device]), strict=False):
            place = Place(Supervised(replace(self.settings, device=device), self))
            self.places.append(place)
            await place.worker.start()
            self._tasks.append(asyncio.create_task(self._keep_running(place)))

    async def stop(self, patience: float) -> None:
        """Take no more jobs; jobs that do not end within ``patience`` seconds go back to the queue."""
        self._draining.set()
        running = [place.over for place in self.places if place.over is not None]
        if running:
            await asyncio.wait(running, timeout=patience)
        for place, task in zip(self.places, self._tasks, strict=True):
            if place.over is not None and not place.over.done():
                task.cancel()
        await asyncio.wait(self._tasks, timeout=RECORDING)  # they end by themselves, and a job that is taken is kept
        tasks = [*self._tasks, *self._revivals]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for place in self.places:
            if place.job is not None:
                # its end was recorded meanwhile, or cannot be: the next start does
                with suppress(Conflict, StoreError):
                    await self._requeue(place.job)
                place.job = None
        await asyncio.gather(*(place.worker.stop(0.5) for place in self.places))

    async def cancel(self, id: str, reason: str = "It was cancelled.") -> bool:
        """Cancel a job that waits or runs; False when it has ended already.

        A running job stops when its node looks; after ``grace`` seconds its worker is ended by force.
        """
        for done in await self.jobs.cancel_queued([id], reason):
            self._tell(done, JobState.CANCELLED, reason)
            return True
        place = next((place for place in self.places if place.job is not None and place.job.id == id), None)
        if place is None:
            return False
        if not place.cancelled:
            place.cancelled = reason
            place.worker.send(Cancel(id))
            asyncio.get_running_loop().call_later(self.grace, self._end_by_force, place, id)
        return True

    async def cancel_waiting(self, ids: Iterable[str] | None = None, reason: str = "It was cancelled.") -> list[str]:
        """Cancel those of some jobs that still wait, or all that do; their ids."""
        done = await (self.jobs.clear(reason) if ids is None else self.jobs.cancel_queued(ids, reason))
        for id in done:
            self._tell(id, JobState.CANCELLED, reason)
        return done

    @property
    def running(self) -> list[Job]:
        """The jobs that run now."""
        return [place.job for place in self.places if place.job is not None]

    def progress(self, id: str) -> Mapping[str, NodeProgress] | None:
        """How far the nodes of a job are; None when it does not run."""
        return next((place.progress for place in self.places if place.job is not None and place.job.id == id), None)

    def submitted(self, job: Job) -> None:
        """Tell that a job waits now."""
        self._tell(job.id, JobState.QUEUED, client=job.client)

    async def ask(self, about: str, document: bytes = b"", targets: list[str] | None = None, name: str = "") -> Any:
        """What a worker answers to a question (``worker.protocol.Ask``): one without a job, if there is one.

        Raises:
            CallError: It cannot answer.
            WorkerDied: It ended before it did.
        """
        place = next((place for place in self.places if place.job is None), self.places[0])
        return await place.worker.ask(about, document, targets, name)

    async def ask_all(self, about: str, targets: list[str] | None = None, document: bytes = b"") -> list[Any]:
        """What each worker answers. Raises as ``ask``."""
        return await asyncio.gather(*(place.worker.ask(about, document, targets) for place in self.places))

    def heard(self, worker: Supervised, message: FromWorker) -> None:
        """What a worker says of its job."""
        place = self._place(worker)
        if place.job is None:
            return
        if isinstance(message, Reported):
            for event in message.events:
                note(place.progress, event)
                self._publish(place.job, event)
        elif isinstance(message, Shown):
            self.hub.publish_preview(place.job.id, message.node, message.picture, message.type)
        elif isinstance(message, Ended) and place.over is not None and not place.over.done():
            place.over.set_result(message)

    def died(self, worker: Supervised, reason: str) -> None:
        """A worker ended, though nobody had told it to."""
        log.warning("%s", reason)
        place = self._place(worker)
        if place.over is not None and not place.over.done():
            place.over.set_result(reason)
        elif place.job is None and not self._draining.is_set():
            place.failures += 1
            revival = asyncio.create_task(self._start_again(place))
            self._revivals.add(revival)
            revival.add_done_callback(self._revivals.discard)

    def _place(self, worker: Supervised) -> Place:
        return next(place for place in self.places if place.worker is worker)

    def _end_by_force(self, place: Place, id: str) -> None:
        if place.job is not None and place.job.id == id:
            place.worker.kill()

    async def _keep_running(self, place: Place) -> None:
        job = await self._next()
        while job is not None:
            if self._draining.is_set():  # it was taken while the server began to stop
                await self._requeue(job)
                return
            job = await self._run(place, job) or await self._next()

    async def _run(self, place: Place, job: Job) -> Job | None:
        """Run a job to its end; the next one, if it was taken together with that."""
        place.job, place.cancelled, place.progress = job, "", {}
        place.over = asyncio.get_running_loop().create_future()
        if not place.worker.alive:
            await self._start_again(place)
        self._tell(job.id, JobState.RUNNING, client=job.client)
        place.worker.send(Run(job.id, job.document, job.targets, job.title, _texts(job)))
        following = await self._record(place, job, await place.over)
        place.job = place.over = None
        return following

    async def _next(self) -> Job | None:
        """The job whose turn it is; None when the server stops."""
        while not self._draining.is_set():
            job = await lasting(self.jobs.take)
            if job is not None:
                return job
            waiting = asyncio.create_task(self.jobs.wait())
            draining = asyncio.create_task(self._draining.wait())
            await asyncio.wait([waiting, draining], return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            draining.cancel()
        return None

    async def _record(self, place: Place, job: Job, end: Ended | str) -> Job | None:
        if isinstance(end, Ended):
            place.failures = 0
            state = JobState(end.status)
            reason = place.cancelled if state is JobState.CANCELLED else _reason(end.outcome)
            return await self._finish(job, state, reason, end, take=not self._draining.is_set())
        if place.cancelled:
            await self._finish(job, JobState.CANCELLED, f"{place.cancelled} Its worker had to be ended by force.")
        else:
            place.failures += 1
            await self._finish(job, JobState.LOST, end)
        await self._start_again(place)
        return None

    async def _finish(
        self, job: Job, state: JobState, reason: str, end: Ended | None = None, take: bool = False
    ) -> Job | None:
        outcome, results = (end.outcome, end.results) if end else (None, None)
        following = await lasting(lambda: self.jobs.finish(job.id, state, reason, outcome, results, take=take))
        self.durations.add(time.time() - (job.started or job.created))
        self.hub.clear_preview(job.id)
        self._tell(job.id, state, reason, job.client)
        return following

    async def _start_again(self, place: Place) -> None:
        if self._draining.is_set():
            return
        async with place.starting:
            await asyncio.sleep(AGAIN[min(place.failures, len(AGAIN)) - 1] if place.failures else 0)
            if not place.worker.alive:
                await place.worker.start()
                place.restarts += 1

    async def _requeue(self, job: Job) -> None:
        await self.jobs.requeue(job.id)
        self._tell(job.id, JobState.QUEUED, "The server stopped while it ran.", job.client)

    def _publish(self, job: Job, event: Event) -> None:
        self.hub.publish(event.kind, {"node": event.node, **event.data}, job=job.id, client=job.client)

    def _tell(self, id: str, state: JobState, reason: str = "", client: str = "") -> None:
        self.hub.publish("state", {"state": state, "reason": reason}, job=id, client=client)


async def lasting(write: Callable[[], Awaitable[T]]) -> T:
    """What a write of the store gives, tried until it can be written: a full disk costs time, and no job."""
    while True:
        try:
            return await write()
        except StoreError as error:
            log.error("%s It is tried again in %g s.", error, PAUSE)
            await asyncio.sleep(PAUSE)


def _texts(job: Job) -> dict[str, str]:
    """What the client wants saved files to carry: ``embed`` of what it sent besides, as JSON by key, as far as a file
    can have such a key."""
    embed = job.extra.get("embed")
    named = embed.items() if isinstance(embed, dict) else ()
    return {key: json.dumps(value) for key, value in named if 0 < len(key) < LONGEST_KEY and key.isascii()}


def _reason(outcome: Mapping[str, Any]) -> str:
    """Why a job failed, in a line."""
    if outcome.get("message"):
        return str(outcome["message"])
    for failure in outcome.get("failures", ()):
        return f"node '{failure['node']}' ({failure['kind']}): {failure['message']}"
    return ""
