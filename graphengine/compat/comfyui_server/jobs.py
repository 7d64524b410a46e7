"""Jobs as newer pages read them, those that wait, run and have ended in one list: ``/api/jobs``.

Errors are texts here, as this page expects them.
"""

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from graphengine.compat.comfyui_server.items import Items, readable
from graphengine.compat.comfyui_server.state import STATE
from graphengine.server.answers import json_answer
from graphengine.server.job import FINISHED, JobState
from graphengine.server.job_lists import Listed, Wanted
from graphengine.server.keys import SERVICE
from graphengine.server.routes import Route

MOST = 10_000  # jobs in one answer
LARGEST = 2**63 - 1  # what the store counts by

STATES: Mapping[str, tuple[JobState, ...]] = {
    "pending": (JobState.QUEUED,),
    "in_progress": (JobState.RUNNING,),
    "completed": (JobState.DONE,),
    "failed": (JobState.FAILED, JobState.CANCELLED, JobState.LOST),
}
BROKEN = (JobState.FAILED, JobState.LOST)  # a list says of these what went wrong
STATUSES = {state: status for status, states in STATES.items() for state in states}
SORTS = {"created_at": False, "execution_duration": True}  # whether by how long they ran
ORDERS = {"asc": True, "desc": False}  # whether rising


class Unfit(Exception):
    """The query is none; its text says why."""


async def get_jobs(request: web.Request) -> web.Response:
    """A part of the list of all jobs, or of those of some states or of a workflow."""
    try:
        wanted, limit = _wanted(request.query)
    except Unfit as unfit:
        return json_answer({"error": str(unfit)}, 400)
    items = request.app[STATE].items
    listed, total = await request.app[SERVICE].jobs.listed(wanted)
    jobs = [_shown(job, await _ended(items, job) if job.state in BROKEN else None) for job in listed]
    more = wanted.skip + len(jobs) < total
    pagination = {"offset": wanted.skip, "limit": limit, "total": total, "has_more": more}
    return json_answer({"jobs": jobs, "pagination": pagination})


async def get_one(request: web.Request) -> web.Response:
    """One job, with all that it showed and what was posted if it has ended."""
    job = await request.app[SERVICE].jobs.listed_one(request.match_info["job_id"])
    if job is None:
        return json_answer({"error": "Job not found"}, 404)
    if job.state not in FINISHED:
        return json_answer(_shown(job))
    past = json.loads(bytes(await request.app[STATE].items.past(job.id)))
    _, _, graph, extra, _ = past["prompt"]
    more = {
        "outputs": past["outputs"],
        "execution_status": past["status"],
        "workflow": {"prompt": graph, "extra_data": extra},
    }
    return json_answer(_shown(job, past) | more)


def _shown(job: Listed, past: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A job as an item of the list; ``past`` is its item of the history, if it has ended and that is known."""
    told = {
        "id": job.id,
        "status": STATUSES[job.state],
        "priority": job.number if job.chosen is None else job.chosen,
        "create_time": round(job.created * 1000),
        **_times(job),
        **_error(past),
        "outputs_count": job.things,
    }
    if job.preview is not None:
        node, kind, item = job.preview
        told["preview_output"] = {**item, "nodeId": node, "mediaType": kind}
    if job.workflow is not None:
        told["workflow_id"] = job.workflow
    return told


def _times(job: Listed) -> dict[str, int]:
    """When it ran, once it has."""
    if job.started is None or job.ended is None:
        return {}
    return {"execution_start_time": round(job.started * 1000), "execution_end_time": round(job.ended * 1000)}


def _error(past: Mapping[str, Any] | None) -> dict[str, Any]:
    """What was told of its failure, if it failed."""
    messages = dict(past["status"]["messages"]) if past is not None else {}
    return {"execution_error": messages["execution_error"]} if "execution_error" in messages else {}


async def _ended(items: Items, job: Listed) -> Any:
    item = await readable(job.id, items.past(job.id))
    return None if item is None else json.loads(bytes(item))


def _wanted(query: Mapping[str, str]) -> tuple[Wanted, int | None]:
    """Which part of which list a query asks for, and its own limit.

    Raises:
        Unfit: It is none.
    """
    states = _states(query.get("status", ""))
    by_seconds = _one_of(SORTS, query, "sort_by", "created_at")
    rising = _one_of(ORDERS, query, "sort_order", "desc")
    limit = _number(query, "limit")
    if limit is not None and limit < 1:
        raise Unfit("limit must be a positive integer")
    skip = max(0, _number(query, "offset") or 0)
    most = MOST if limit is None else min(limit, MOST)
    return Wanted(states, query.get("workflow_id") or None, by_seconds, rising, skip, most), limit


def _states(text: str) -> list[JobState]:
    """The states of some statuses, with commas between them; all of them where none is named."""
    names = [name.strip().lower() for name in text.split(",")] if text else [*STATES]
    asked = [name for name in names if name]
    if wrong := [name for name in asked if name not in STATES]:
        raise Unfit(f"Invalid status value(s): {', '.join(wrong)}. Valid values: {', '.join(STATES)}")
    return [state for name in asked for state in STATES[name]]


def _one_of(choices: Mapping[str, bool], query: Mapping[str, str], name: str, usual: str) -> bool:
    chosen = query.get(name, usual).lower()
    if chosen not in choices:
        raise Unfit(f"{name} must be {' or '.join(map(repr, choices))}")
    return choices[chosen]


def _number(query: Mapping[str, str], name: str) -> int | None:
    if name not in query:
        return None
    try:
        return min(int(query[name]), LARGEST)
    except ValueError:
        raise Unfit(f"{name} must be an integer") from None


ROUTES = (
    Route("GET", "/api/jobs", get_jobs, "Jobs that wait, run or have ended.", compatible=True),
    Route("GET", "/api/jobs/{job_id}", get_one, "One job.", compatible=True),
)
