"""A graph to run: ``/prompt``."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from graphengine.compat.comfyui import refusals
from graphengine.compat.comfyui.refusals import refusal
from graphengine.compat.comfyui_server.items import EMBED, EXTRA, NUMBER, number_of
from graphengine.compat.comfyui_server.posted import Posted, Refused, invalid
from graphengine.compat.comfyui_server.state import STATE
from graphengine.graph.characters import whole
from graphengine.graph.check import Analysis
from graphengine.graph.errors import CheckError, GraphengineError
from graphengine.graph.order import ancestors
from graphengine.graph.workflow import Workflow
from graphengine.server.answers import json_answer
from graphengine.server.bodies import read_bytes
from graphengine.server.errors import Conflict
from graphengine.server.job import JobState
from graphengine.server.keys import SERVICE, SERVING
from graphengine.server.routes import Route
from graphengine.server.service import Service

LONGEST_ID = 256
SECRETS = ("auth_token_comfy_org", "api_key_comfy_org")  # of others' accounts; they are kept nowhere
PNG_INFO, CLIENT = "extra_pnginfo", "client_id"


async def post_prompt(request: web.Request) -> web.Response:
    """Take a graph: those of its outputs that can run are queued, the others are told with what is wrong."""
    data = await read_bytes(request, request.app[SERVING].limits.json_bytes)
    try:
        return json_answer(await _submit(request.app[SERVICE], request.app[STATE].read_posted(data)))
    except Refused as refused:
        return json_answer(refused.answer, refused.status)


async def get_prompt(request: web.Request) -> web.Response:
    """How many jobs wait or run."""
    counts = await request.app[SERVICE].jobs.counts()
    live = counts.get(JobState.QUEUED, 0) + counts.get(JobState.RUNNING, 0)
    return json_answer({"exec_info": {"queue_remaining": live}})


async def _submit(service: Service, posted: Posted) -> dict[str, Any]:
    body, workflow = posted.body, posted.workflow
    analysis = _checked(service, workflow)
    targets = _targets(analysis, body.get("partial_execution_targets"))
    passing = _passing(analysis, targets)
    choose = service.engine.files.names
    if not passing:
        raise Refused(refusals.failed(analysis, targets, analysis.problems, choose))
    failing = [id for id in targets if id not in passing]
    errors = refusals.node_errors(analysis, failing, analysis.problems, choose) if failing else {}
    more = {**_identity(body), **_extra(body), "priority": await _priority(service, body)}
    try:
        job, _ = await service.submit(workflow, passing, **more)
    except CheckError as error:  # a file has gone just now
        raise Refused(refusals.failed(analysis, targets, error.problems, choose)) from None
    except Conflict as error:
        raise Refused(invalid(error), 409) from None
    return {"prompt_id": job.id, "number": number_of(job), "node_errors": errors}


def _checked(service: Service, workflow: Workflow) -> Analysis:
    """Everything that is wrong with a graph.

    Raises:
        Refused: It has a node of no kind that is there.
    """
    try:
        analysis = service.engine.check(workflow)
    except GraphengineError as error:
        raise Refused(invalid(error)) from None
    if (answer := refusals.unknown_kind(analysis)) is not None:
        raise Refused(answer)
    return analysis


def _targets(analysis: Analysis, asked: Any) -> list[str]:
    """The outputs to run to.

    Raises:
        Refused: There are none.
    """
    outputs = [id for id in analysis.workflow.nodes if analysis.specs[id].output]
    wanted = set(map(str, asked)) if isinstance(asked, list) else set(outputs)
    targets = [id for id in outputs if id in wanted]
    if not targets:
        raise Refused(refusal(*refusals.NO_OUTPUTS))
    return targets


def _passing(analysis: Analysis, targets: Sequence[str]) -> list[str]:
    """Those outputs that nothing is wrong before."""
    wrong = {problem.node for problem in analysis.problems}
    nodes = analysis.workflow.nodes
    if "" in wrong:
        return []
    return [id for id in targets if wrong.isdisjoint(ancestors(nodes, [id]))] if wrong else list(targets)


def _identity(body: Mapping[str, Any]) -> dict[str, str]:
    """Who asks, and the id that the job shall have.

    Raises:
        Refused: The id is too long, or one that no address can have.
    """
    id = whole(str(body["prompt_id"])) if body.get("prompt_id") is not None else ""
    if len(id) > LONGEST_ID:
        message = f"The prompt_id has {len(id)} characters; {LONGEST_ID} are allowed."
        raise Refused(refusal("invalid_prompt_id", message))
    if id in (".", ".."):
        message = f"The prompt_id '{id}' can be part of no address, so nobody could read what became of the job."
        raise Refused(refusal("invalid_prompt_id", message))
    return {"id": id, "client": whole(str(_data(body).get(CLIENT) or ""))[:LONGEST_ID]}


def _data(body: Mapping[str, Any]) -> dict[str, Any]:
    """What the client sent besides, without secrets; who asks is said beside it or in it."""
    given = body.get("extra_data")
    data = {key: value for key, value in given.items() if key not in SECRETS} if isinstance(given, dict) else {}
    return {**data, CLIENT: body[CLIENT]} if CLIENT in body else data


def _extra(body: Mapping[str, Any]) -> dict[str, Any]:
    """What came besides: kept with the job, and written into what it saves."""
    extra = _data(body)
    kept: dict[str, Any] = {}
    if isinstance(extra.get(PNG_INFO), dict):
        kept[EMBED] = extra.pop(PNG_INFO)
    chosen = _number(body)
    return {"extra": {EXTRA: extra, **kept, **({} if chosen is None else {NUMBER: chosen})}}


def _number(body: Mapping[str, Any]) -> float | None:
    """The number that the client chose.

    Raises:
        Refused: It is none.
    """
    given = body.get("number")
    if given is None:
        return None
    try:
        number = float(given)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise Refused(refusal("invalid_number", f"The number {str(given)[:100]!r} is none."))
    return number


async def _priority(service: Service, body: Mapping[str, Any]) -> float:
    """Where in the queue: at the number that was chosen, at the front, or after all that chose none."""
    chosen = _number(body)
    if chosen is not None:
        return chosen
    if not body.get("front"):
        return 0
    first = await service.jobs.waiting(limit=1)
    return min(0, first[0].priority) - 1 if first else -1


ROUTES = (
    Route("POST", "/prompt", post_prompt, "Run a graph.", compatible=True),
    Route("GET", "/prompt", get_prompt, "How many jobs wait or run.", compatible=True),
)
