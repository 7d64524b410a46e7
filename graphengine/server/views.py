"""Jobs, queue and results as clients see them. Times are Unix seconds."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import msgspec

from graphengine.server.job import Job, JobState, Result, Transition
from graphengine.server.media import named_kind
from graphengine.server.progress import NodeProgress
from graphengine.server.routes import API


class WorkerView(msgspec.Struct, frozen=True):
    """A worker: the device it was given, and whether it is ready for jobs."""

    device: str
    ready: bool


class Health(msgspec.Struct, frozen=True):
    """Whether the service is well (it answers, so it is), a worker is ready for jobs, and how many jobs wait."""

    status: str = "ok"
    ready: bool = False
    waiting: int = 0
    workers: list[WorkerView] = []


class JobView(msgspec.Struct, frozen=True, kw_only=True):
    """A job without its workflow.

    Attributes:
        id: Its name.
        number: Counts up over all jobs; what pages of a list are asked for by.
        state: Where it is.
        title, client, key: As they were submitted.
        priority: Smaller comes first.
        targets: Ids of nodes to run to; null for all outputs.
        retry_of: Id of the job that it does again.
        created, started, ended: When it was accepted, last taken, and finished.
        reason: Why it failed, was lost or cancelled.
        labels: Those that it was submitted with.
        outcome: Of a job that ended: device; seconds; ran, cached and blocked (ids of nodes); failures.
    """

    id: str
    number: int
    state: JobState
    title: str
    client: str
    key: str | None
    priority: float
    targets: list[str] | None
    retry_of: str | None
    created: float
    started: float | None
    ended: float | None
    reason: str
    labels: dict[str, str]
    outcome: dict[str, Any]


class ResultView(Result, frozen=True, kw_only=True):
    """A result, and where to get it.

    Attributes:
        type: Content type of the file, if it is one that its name tells.
        file: Where the file is, if it is one.
        thumbnail: Where a small picture of it is, if it is a picture.
    """

    type: str | None
    file: str | None
    thumbnail: str | None


class ResultList(msgspec.Struct, frozen=True):
    results: list[ResultView]


class JobDetail(JobView, frozen=True, kw_only=True):
    """A job with all that became of it.

    Attributes:
        event: Ask for the events after this one to miss none, and to hear hardly any twice.
        transitions: The states that it has been in, in order.
        results: What its nodes showed people; known once it has ended.
        progress: Node -> how far it is, while the job runs.
    """

    event: int
    transitions: list[Transition]
    results: list[ResultView]
    progress: dict[str, NodeProgress] | None


class JobList(msgspec.Struct, frozen=True):
    """Jobs; ``event`` as in a single one."""

    event: int
    jobs: list[JobView]


class QueueView(msgspec.Struct, frozen=True):
    """What runs and what waits.

    Attributes:
        event: Ask for the events after this one.
        paused: Whether no job is taken.
        running: Now.
        waiting: The first of those that wait, in the order in which they will run.
        counts: State -> how many jobs are kept in it.
    """

    event: int
    paused: bool
    running: list[JobView]
    waiting: list[JobView]
    counts: dict[JobState, int]


def job_view(job: Job) -> JobView:
    """A job as clients see it."""
    return JobView(**{name: getattr(job, name) for name in JobView.__struct_fields__})


def job_detail(
    job: Job,
    event: int,
    transitions: list[Transition],
    results: list[Result],
    progress: Mapping[str, NodeProgress] | None,
) -> JobDetail:
    """A job with all that became of it."""
    fields = {name: getattr(job, name) for name in JobView.__struct_fields__}
    return JobDetail(
        **fields,
        event=event,
        transitions=transitions,
        results=[result_view(result) for result in results],
        progress=None if progress is None else dict(progress),
    )


def result_view(result: Result) -> ResultView:
    """A result with the addresses of its file and thumbnail."""
    fields = {name: getattr(result, name) for name in Result.__struct_fields__}
    place = _place(result.item)
    kind = named_kind(place) if place else None
    picture = place is not None and kind is not None and kind.pillow is not None
    return ResultView(
        **fields,
        type=kind.type if kind else None,
        file=f"{API}/files/{place}" if place else None,
        thumbnail=f"{API}/thumbnails/{place}" if picture else None,
    )


def _place(item: Any) -> str | None:
    """Type and name of a file, as part of an address."""
    if not isinstance(item, dict) or not isinstance(item.get("filename"), str):
        return None
    parts = (item.get("type") or "output", item.get("subfolder") or "", item["filename"])
    return quote("/".join(str(part) for part in parts if part), safe="/")
