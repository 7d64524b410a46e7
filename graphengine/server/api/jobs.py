"""Jobs: submitted, planned, listed, shown, cancelled, done again, deleted."""

from typing import Annotated, Any, Literal

import msgspec
from aiohttp import web

from graphengine.server.answers import Refusal, json_answer
from graphengine.server.api.nodes import Values
from graphengine.server.bodies import read_json
from graphengine.server.job import JobState
from graphengine.server.keys import SERVICE, SERVING
from graphengine.server.outward import LONGEST
from graphengine.server.query import Page, read_query
from graphengine.server.routes import API, Route
from graphengine.server.views import JobDetail, JobList, JobView, job_view

Line = Annotated[str, msgspec.Meta(max_length=200)]
Id = Annotated[str, msgspec.Meta(pattern="^([A-Za-z0-9_-]{1,64})?$")]
Labels = Annotated[dict[Line, Annotated[str, msgspec.Meta(max_length=1000)]], msgspec.Meta(max_length=16)]
KEY = "Idempotency-Key"


class Submit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A workflow to run.

    Attributes:
        workflow: Of any format that is understood.
        set: Values to set first.
        targets: Ids or titles of nodes to run to; all outputs when null.
        id: The caller's own name for the job; empty for a new one.
        key: Asking again with it gives the same job (or the header ``Idempotency-Key``).
        priority: Smaller comes first.
        title: What people call it; the next plan of that title is told against this run.
        client: Who asks.
        webhook: An address that is told when it has ended.
        labels: Names and texts of the caller's own, given back with the job and not read here.
    """

    workflow: Any
    set: Values = {}
    targets: list[str] | None = None
    id: Id = ""
    key: Line | None = None
    priority: float = 0
    title: Line = ""
    client: Line = ""
    webhook: Annotated[str, msgspec.Meta(max_length=LONGEST)] | None = None
    labels: Labels = {}


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A workflow to plan; fields as for a job."""

    workflow: Any
    set: Values = {}
    targets: list[str] | None = None
    title: Line = ""


class Planned(msgspec.Struct, frozen=True):
    """What running would do.

    Attributes:
        run: Node that would run -> why.
        cached: Nodes whose values are taken from the cache.
        order: All nodes that are needed, sources first.
        seconds: What those to run took the last time; 0 when that is not known.
    """

    run: dict[str, list[str]]
    cached: list[str]
    order: list[str]
    seconds: float


class Jobs(Page, frozen=True):
    """Which jobs to list: of these states, with a label of this name, with this title; or all."""

    state: tuple[JobState, ...] = ()
    label: Line | None = None
    title: Line | None = None


class Move(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a waiting job goes: before another job (by id), or to an end of the queue."""

    before: str | None = None
    to: Literal["front", "back"] | None = None


async def submit(request: web.Request) -> web.Response:
    """Accept a workflow as a job: 201 when it is new, 200 when its key was used for the same before."""
    service = request.app[SERVICE]
    asked: Submit = await read_json(request, request.app[SERVING].limits, Submit)
    job, new = await service.submit(
        service.read(asked.workflow, asked.set),
        asked.targets,
        id=asked.id,
        key=idempotency_key(request.headers.get(KEY), asked.key),
        priority=asked.priority,
        title=asked.title,
        client=asked.client,
        webhook=asked.webhook,
        labels=asked.labels,
    )
    return json_answer(job_view(job), 201 if new else 200, {"Location": f"{API}/jobs/{job.id}"})


def idempotency_key(header: str | None, field: str | None) -> str | None:
    """The key of a submission.

    Raises:
        Refusal: The header and the body name two.
    """
    if header and field and header != field:
        raise Refusal(400, "two_keys", f"There are two keys, {header[:100]!r} and {field[:100]!r}.", "Send one.")
    return header or field or None


async def plan(request: web.Request) -> web.Response:
    """Say what running a workflow would do."""
    service = request.app[SERVICE]
    asked: Plan = await read_json(request, request.app[SERVING].limits, Plan)
    return json_answer(await service.plan(service.read(asked.workflow, asked.set), asked.targets, asked.title))


async def jobs(request: web.Request) -> web.Response:
    """A page of jobs."""
    asked, service = read_query(request, Jobs), request.app[SERVICE]
    event = service.hub.newest
    found = await service.jobs.page(
        asked.state,
        limit=asked.limit,
        before=asked.before,
        after=asked.after,
        label=asked.label,
        title=asked.title,
    )
    return json_answer(JobList(event, [job_view(job) for job in found]))


async def job(request: web.Request) -> web.Response:
    """A job, whole but for its workflow."""
    return json_answer(await request.app[SERVICE].show(request.match_info["id"]))


async def workflow(request: web.Request) -> web.Response:
    """The workflow that a job runs, to the byte."""
    found = await request.app[SERVICE].jobs.show(request.match_info["id"])
    return web.Response(body=found.document, content_type="application/json")


async def cancel(request: web.Request) -> web.Response:
    """Cancel a job."""
    return json_answer(job_view(await request.app[SERVICE].cancel(request.match_info["id"])))


async def retry(request: web.Request) -> web.Response:
    """Submit a job that ended again."""
    again = await request.app[SERVICE].retry(request.match_info["id"])
    return json_answer(job_view(again), 201, {"Location": f"{API}/jobs/{again.id}"})


async def move(request: web.Request) -> web.Response:
    """Give a waiting job another place."""
    asked: Move = await read_json(request, request.app[SERVING].limits, Move)
    await request.app[SERVICE].move(request.match_info["id"], asked.before, asked.to)
    return web.Response(status=204)


async def delete(request: web.Request) -> web.Response:
    """Forget a job that ended."""
    await request.app[SERVICE].delete(request.match_info["id"])
    return web.Response(status=204)


ONE = f"{API}/jobs/{{id}}"
ROUTES = (
    Route("POST", f"{API}/jobs", submit, "Run a workflow.", Submit, answer=JobView, statuses=(201, 200)),
    Route("POST", f"{API}/plan", plan, "What running a workflow would do, and why.", Plan, answer=Planned),
    Route("GET", f"{API}/jobs", jobs, "Jobs, the newest first.", query=Jobs, answer=JobList),
    Route("GET", ONE, job, "A job: states, results, and how far it is.", answer=JobDetail),
    Route("GET", f"{ONE}/workflow", workflow, "The workflow that a job runs.", answer=dict[str, Any]),
    Route("POST", f"{ONE}/cancel", cancel, "Cancel a job that waits or runs.", answer=JobView),
    Route("POST", f"{ONE}/retry", retry, "Do a job again that ended.", answer=JobView, statuses=(201,)),
    Route("POST", f"{ONE}/move", move, "Give a waiting job another place in the queue.", Move, statuses=(204,)),
    Route("DELETE", ONE, delete, "Forget a job that ended; its files stay.", statuses=(204,)),
)
