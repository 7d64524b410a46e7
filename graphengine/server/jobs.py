"""Jobs that last: submitted, taken in order, finished, found again. Each call is one transaction of the store.

Who wants to know that something happened asks the hub; nothing here tells anybody.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from heapq import merge
from itertools import count, islice
from sqlite3 import Connection
from typing import Any, Self

from graphengine.server import job_lists, job_queue, job_rows
from graphengine.server.job import FINISHED, Ids, Job, JobState, Result, Submission, Transition
from graphengine.server.job_lists import Listed, Wanted
from graphengine.server.job_rows import Produced
from graphengine.server.store import Store

STOPPED = "The server stopped while it ran."
REMEMBERED, SMALLEST = 2**20, 2048  # bytes of jobs that were taken lately; of one without its document
PRUNED = 100  # jobs in one go, so that others need not wait long


class Jobs:
    """All jobs of a server; ``open`` makes one."""

    def __init__(self, store: Store, top_rank: int) -> None:
        self._store = store
        self._ids = Ids()
        self._ranks = count(top_rank + job_queue.STEP, job_queue.STEP)
        self._arrived = asyncio.Event()
        self._arrived.set()
        self._taken: OrderedDict[str, Job] = OrderedDict()
        self._taken_bytes = 0

    @classmethod
    async def open(cls, store: Store) -> Self:
        """The jobs of a store. Those that were running when the server last ended are lost: nobody runs them now."""

        def lose_running(connection: Connection) -> int:
            for id in job_rows.in_states(connection, [JobState.RUNNING]):
                job_rows.change(connection, id, JobState.LOST, time.time(), STOPPED)
            return job_queue.top_rank(connection)

        return cls(store, await store.write(lose_running))

    async def submit(self, wanted: Submission) -> tuple[Job, bool]:
        """The job, which waits in the queue from now on, and whether it is new.

        It is not when its idempotency key was used before, for the same document and targets.

        Raises:
            Conflict: The key was used for something else, or the id is taken.
        """
        id, rank, now = wanted.id or self._ids.new(), next(self._ranks), time.time()
        submitted = await self._store.write(lambda connection: job_rows.insert(connection, wanted, id, rank, now))
        self._arrived.set()
        return submitted

    async def take(self) -> Job | None:
        """The job whose turn it is, now running; None when the queue is empty or paused.

        A caller that can be cancelled does so in ``wait``: a job that was taken is the caller's to run or ``requeue``.
        """
        self._arrived.clear()  # before looking: what arrives meanwhile sets it again
        job = await self._store.write(lambda connection: job_queue.take(connection, time.time()))
        if job is not None:
            self._arrived.set()
        return self._remembered(job)

    def taken(self, id: str) -> Job | None:
        """A job as it was when it was taken, if that was lately; for what never changes, such as its document."""
        return self._taken.get(id)

    def _remembered(self, job: Job | None) -> Job | None:
        if job is not None and job.id not in self._taken:
            self._taken[job.id] = job
            self._taken_bytes += SMALLEST + len(job.document)
            while self._taken_bytes > REMEMBERED and len(self._taken) > 1:
                _, first = self._taken.popitem(last=False)
                self._taken_bytes -= SMALLEST + len(first.document)
        return job

    async def wait(self) -> None:
        """Until there may be a job to take."""
        await self._arrived.wait()

    async def finish(
        self,
        id: str,
        state: JobState,
        reason: str = "",
        outcome: Mapping[str, Any] | None = None,
        results: Produced | None = None,
        take: bool = False,
    ) -> Job | None:
        """End a running job, with all that it produced (node -> kind -> items), at once.

        Args:
            take: Also ``take`` the next job, which is returned: one write in the place of two.

        Raises:
            CallError: There is no such job.
            Conflict: It does not run.
        """

        def work(connection: Connection) -> Job | None:
            now = time.time()
            number = job_rows.change(connection, id, state, now, reason)
            job_rows.keep_outcome(connection, number, outcome or {}, results or {})
            return job_queue.take(connection, now) if take else None

        return self._remembered(await self._store.write(work))

    async def requeue(self, id: str, reason: str = "") -> None:
        """Put a running job back to the place in the queue that it had. Raises as ``finish``."""
        await self._store.write(
            lambda connection: job_rows.change(connection, id, JobState.QUEUED, time.time(), reason)
        )
        self._arrived.set()

    async def cancel_queued(self, ids: Iterable[str], reason: str = "") -> list[str]:
        """Cancel those that still wait; the ids of those."""
        wanted = list(ids)
        return await self._store.write(
            lambda connection: _cancel(connection, job_rows.among(connection, wanted, [JobState.QUEUED]), reason)
        )

    async def clear(self, reason: str = "") -> list[str]:
        """Cancel all that wait; their ids."""
        return await self._store.write(
            lambda connection: _cancel(connection, job_rows.in_states(connection, [JobState.QUEUED]), reason)
        )

    async def move_before(self, id: str, other: str) -> None:
        """Let a waiting job come right before another one, whose priority it takes.

        Raises:
            CallError: There is no such job.
            Conflict: One of them does not wait.
        """
        await self._store.write(lambda connection: job_queue.move_before(connection, id, other))

    async def move_to_front(self, id: str) -> None:
        """Let a waiting job come first. Raises as ``move_before``."""
        await self._store.write(lambda connection: job_queue.move_to_front(connection, id))

    async def move_to_back(self, id: str) -> None:
        """Let a waiting job come last. Raises as ``move_before``."""
        rank = next(self._ranks)
        await self._store.write(lambda connection: job_queue.move_to_back(connection, id, rank))

    async def pause(self) -> None:
        """Let no job be taken, also after a restart, until ``resume``."""
        await self._store.write(job_queue.pause)

    async def resume(self) -> None:
        """Let jobs be taken again."""
        await self._store.write(job_queue.resume)
        self._arrived.set()

    async def paused(self) -> bool:
        """Whether no job is taken."""
        return await self._store.read(job_queue.paused)

    async def show(self, id: str) -> Job:
        """A job with its document.

        Raises:
            CallError: There is no such job.
        """
        return await self._store.read(lambda connection: job_rows.find(connection, id))

    async def transitions(self, id: str) -> list[Transition]:
        """The states that a job has been in, in order."""
        return await self._store.read(lambda connection: job_rows.transitions(connection, id))

    async def waiting(self, limit: int = 100) -> list[Job]:
        """The jobs that come next, in order, without their documents."""
        return await self._store.read(lambda connection: job_queue.waiting(connection, limit))

    async def page(
        self,
        states: Collection[JobState] = (),
        *,
        limit: int = 50,
        before: int | None = None,
        after: int | None = None,
        documents: bool = False,
        label: str | None = None,
        title: str | None = None,
    ) -> list[Job]:
        """Jobs, the newest first; from ``after`` on, the oldest first.

        Args:
            states: Only those in one of them; empty for all.
            limit: How many at most.
            before: Only those with a smaller number.
            after: Only those with a larger number.
            documents: Whether to read their documents too, which are empty otherwise.
            label: Only those with a label of this name.
            title: Only those with this title.
        """

        def work(connection: Connection) -> list[Job]:
            pages = [  # each state has its index; together they would be sorted whole
                job_rows.page(connection, state, limit, before, after, documents, label, title)
                for state in set(states) or [None]
            ]
            return list(islice(merge(*pages, key=lambda job: job.number, reverse=after is None), limit))

        return await self._store.read(work)

    async def ran(self, *, newest: int | None = None, skip: int = 0) -> list[str]:
        """Ids of the jobs that ran and have ended, in the order in which they did.

        Args:
            newest: Only so many, of those that ended last; with ``skip`` of those after it.
            skip: Leave out so many that ended first.
        """
        return await self._store.read(lambda connection: job_rows.ran(connection, newest, skip))

    async def listed(self, wanted: Wanted) -> tuple[list[Listed], int]:
        """A part of a long list, little of each job, and how many jobs the whole of it has."""
        return await self._store.read(lambda connection: job_lists.listed(connection, wanted))

    async def listed_one(self, id: str) -> Listed | None:
        """A job as lists have it; None if none would."""
        return await self._store.read(lambda connection: job_lists.find(connection, id))

    async def place(self, id: str) -> float:
        """A number for a job that has ended: its own, but larger than those of all that ended before it.

        Raises:
            CallError: There is no such job.
        """
        return await self._store.read(lambda connection: job_rows.place(connection, id))

    async def results(
        self, job: str | None = None, *, limit: int = 100, before: int | None = None, after: int | None = None
    ) -> list[Result]:
        """What jobs (or one) produced, the newest first; from ``after`` on (0 for all), the oldest first."""
        return await self._store.read(
            lambda connection: [*job_rows.results(connection, job, limit, before, after)],
        )

    async def counts(self) -> dict[JobState, int]:
        """How many jobs there are in each state."""
        return await self._store.read(_counts)

    async def delete(self, ids: Iterable[str]) -> list[str]:
        """Delete those that are finished, with their results; the ids of those."""
        wanted = [*ids]

        def work(connection: Connection) -> list[str]:
            found = job_rows.among(connection, wanted, FINISHED)
            job_rows.delete(connection, found)
            return found

        return await self._store.write(work)

    async def prune(self, keep_jobs: int, keep_seconds: float) -> list[str]:
        """Delete finished jobs beyond the ``keep_jobs`` that ended last, and those that ended ``keep_seconds`` ago.

        At most ``PRUNED`` in one go, those that ended first; the ids of those. Call again until there are none.
        """
        oldest = time.time() - keep_seconds

        def work(connection: Connection) -> list[str]:
            surplus = sum(_counts(connection)[state] for state in FINISHED) - keep_jobs
            query = "SELECT id, ended FROM jobs WHERE ended IS NOT NULL ORDER BY ended, number LIMIT ?"
            rows = connection.execute(query, (PRUNED,)).fetchall()
            found = [id for place, (id, ended) in enumerate(rows) if place < surplus or ended < oldest]
            job_rows.delete(connection, found)
            return found

        return await self._store.write(work)


def _cancel(connection: Connection, ids: list[str], reason: str) -> list[str]:
    for id in ids:
        job_rows.change(connection, id, JobState.CANCELLED, time.time(), reason)
    return ids


def _counts(connection: Connection) -> dict[JobState, int]:
    return {JobState(state): jobs for state, jobs in connection.execute("SELECT state, jobs FROM counts")}
