"""Jobs as values: what a client submits, what the server adds, the states and the ways between them."""

import threading
import time
import uuid
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec


class JobState(StrEnum):
    """Where a job is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    LOST = "lost"  # what ran it died


# state -> the states that may follow. Trying again makes a new job, so what is finished stays as it was
TRANSITIONS: Mapping[JobState, frozenset[JobState]] = {
    JobState.QUEUED: frozenset({JobState.RUNNING, JobState.CANCELLED}),
    JobState.RUNNING: frozenset(
        {JobState.QUEUED, JobState.DONE, JobState.FAILED, JobState.CANCELLED, JobState.LOST},
    ),
    JobState.DONE: frozenset(),
    JobState.FAILED: frozenset(),
    JobState.CANCELLED: frozenset(),
    JobState.LOST: frozenset(),
}
FINISHED = frozenset(state for state, following in TRANSITIONS.items() if not following)


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for.

    Attributes:
        document: The workflow, kept to the byte.
        id: The caller's own, or empty for a new one, which sorts by time as text.
        targets: Node ids to run for; None for all that the workflow saves or shows.
        priority: Smaller comes first; equal ones in the order they came.
        client: Who asks.
        extra: JSON data that the server keeps and does not read.
        key: Idempotency key: asking again with it gives the job that there is.
        retry_of: Id of the job that this one does again.
        title: What people call it.
        webhook: An address that is told when it has ended.
        labels: Names and texts of the client's own, by which it finds the job again.
    """

    document: bytes
    id: str = ""
    targets: list[str] | None = None
    priority: float = 0
    client: str = ""
    extra: dict[str, Any] = {}
    key: str | None = None
    retry_of: str | None = None
    title: str = ""
    webhook: str | None = None
    labels: dict[str, str] = {}


class Job(Submission, frozen=True, kw_only=True):
    """A submission and what became of it. Times are Unix seconds.

    Attributes:
        number: Counts up over all jobs, never used twice; what cursors are made of.
        state: Where it is.
        created: When it was accepted.
        started: When it was last taken; None before.
        ended: When it finished; None before.
        reason: Why it failed, was lost or cancelled.
        outcome: JSON data about the run: seconds, nodes run and cached, failures.
    """

    number: int
    state: JobState
    created: float
    started: float | None = None
    ended: float | None = None
    reason: str = ""
    outcome: dict[str, Any] = {}


class Transition(msgspec.Struct, frozen=True):
    """A job came into a state."""

    state: JobState
    time: float
    reason: str


class Result(msgspec.Struct, frozen=True):
    """One thing that a job's node showed people.

    Attributes:
        number: Counts up over all results, as a cursor.
        job: Id.
        node: Id in the job's document.
        kind: Such as ``images``.
        position: Among the items of this kind, of this node.
        item: JSON data, such as ``{"filename": ..., "subfolder": ..., "type": ...}``.
        title: Of the job.
        job_number: Of the job.
        time: When it ended.
    """

    number: int
    job: str
    node: str
    kind: str
    position: int
    item: Any
    title: str = ""
    job_number: int = 0
    time: float = 0.0


class Ids:
    """UUIDs of version 7 (RFC 9562, 6.2 method 3): sorted as text, they are in the order in which they were made."""

    def __init__(self) -> None:
        self._last = 0
        self._lock = threading.Lock()

    def new(self) -> str:
        """An id that sorts after all that were made here before."""
        with self._lock:
            milliseconds, rest = divmod(time.time_ns(), 1_000_000)
            self._last = max(self._last + 1, milliseconds << 12 | (rest << 12) // 1_000_000)
            moment = self._last
        high = (moment >> 12) << 16 | 0x7000 | moment & 0xFFF
        low = 0x8000_0000_0000_0000 | uuid.uuid4().int & 0x3FFF_FFFF_FFFF_FFFF
        return str(uuid.UUID(int=high << 64 | low))
