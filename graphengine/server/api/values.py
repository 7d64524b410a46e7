"""Values: what people are shown of what went through an output."""

from typing import Any

import msgspec
from aiohttp import web

from graphengine.graph import document
from graphengine.graph.errors import CallError
from graphengine.server.answers import json_answer
from graphengine.server.bodies import read_json
from graphengine.server.keys import SERVICE, SERVING
from graphengine.server.routes import API, Route


class Glance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which value: of an output of a node, in what a job ran or in a workflow.

    Attributes:
        node: Its id.
        output: Its name.
        job: Id of the job.
        workflow: Of any format that is understood, in the place of a job.
    """

    node: str
    output: str
    job: str | None = None
    workflow: Any = None


class Value(msgspec.Struct, frozen=True):
    """What people are shown of a value.

    Attributes:
        kept: Whether it is still there; if not, running to the node makes it again.
        facts: By name, in order: texts, numbers, or lists of them.
        text: Itself, if it is one, or what it holds.
        bars: A histogram of its numbers, from the lowest to the highest.
        picture: A small JPEG, in base64.
    """

    kept: bool
    facts: dict[str, Any]
    text: str
    bars: list[float]
    picture: bytes | None


async def value(request: web.Request) -> web.Response:
    """Say what a value is."""
    service = request.app[SERVICE]
    asked: Glance = await read_json(request, request.app[SERVING].limits, Glance)
    if (asked.job is None) == (asked.workflow is None):
        raise CallError("A value is that of one run.", "Give either 'job', an id, or 'workflow'.")
    if asked.job is not None:
        data = (await service.jobs.show(asked.job)).document
    else:
        data = document.save(service.read(asked.workflow), indent=None)
    return json_answer(await service.value(data, asked.node, asked.output))


ROUTES = (Route("POST", f"{API}/value", value, "What a value is that went through an output.", Glance, answer=Value),)
