"""Kinds of nodes, choices that depend on the machine, and what is wrong with a workflow."""

from typing import Annotated, Any

import msgspec
from aiohttp import web

from graphengine.server.answers import json_answer, no_such_file
from graphengine.server.bodies import read_json
from graphengine.server.catalogue import Kinds, KindView
from graphengine.server.checking import Checked
from graphengine.server.conditions import has_state
from graphengine.server.headers import PAGE_POLICY
from graphengine.server.keys import SERVICE, SERVING
from graphengine.server.media import BYTES
from graphengine.server.pages import static_answer
from graphengine.server.routes import API, Route

# NODE.INPUT, or a name of the workflow's interface -> value
Values = Annotated[dict[str, Any], msgspec.Meta(max_length=1000)]


class Check(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A workflow of any format to check, with values to set, and the nodes to run to (all outputs when null)."""

    workflow: Any
    set: Values = {}
    targets: list[str] | None = None


class Choices(msgspec.Struct, frozen=True):
    """What a source offers now."""

    source: str
    names: list[str]


async def nodes(request: web.Request) -> web.Response:
    """All kinds, from memory: 304 for who has them, compressed for who can read it."""
    catalogue = request.app[SERVICE].catalogue
    headers = {"ETag": f'W/"{catalogue.digest}"', "Cache-Control": "private, no-cache", "Vary": "Accept-Encoding"}
    if has_state(request, catalogue.digest):
        return web.Response(status=304, headers=headers)
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return web.Response(body=catalogue.compressed, content_type="application/json", headers=headers)
    return web.Response(body=catalogue.encoded, content_type="application/json", headers=headers)


async def kind(request: web.Request) -> web.Response:
    """One kind."""
    return json_answer(request.app[SERVICE].catalogue.kind(request.match_info["kind"]))


async def pack_file(request: web.Request) -> web.StreamResponse:
    """A file of the folder that a pack declares for the editor. It is asked for anew, so a change of it is seen."""
    pack = request.app[SERVICE].engine.index.packs.get(request.match_info["pack"])
    path = request.match_info["path"]
    if pack is None or not pack.web:
        raise no_such_file(path)
    return static_answer(pack.folder / pack.web, path, PAGE_POLICY, "no-cache")


async def choices(request: web.Request) -> web.Response:
    """The names that a source offers now."""
    source = request.match_info["source"]
    return json_answer(Choices(source, await request.app[SERVICE].names(source)))


async def check(request: web.Request) -> web.Response:
    """Check a workflow."""
    service = request.app[SERVICE]
    asked: Check = await read_json(request, request.app[SERVING].limits, Check)
    return json_answer(service.check(service.read(asked.workflow, asked.set), asked.targets))


ROUTES = (
    Route("GET", f"{API}/nodes", nodes, "All kinds of nodes, and all port types.", answer=Kinds),
    Route("GET", f"{API}/nodes/{{kind:.+}}", kind, "One kind.", answer=KindView),
    Route(
        "GET", f"{API}/packs/{{pack}}/web/{{path:.+}}", pack_file, "A file that a pack brings for the editor.",
        gives=BYTES,
    ),
    Route("GET", f"{API}/choices/{{source}}", choices, "The names that a source offers now.", answer=Choices),
    Route(
        "POST", f"{API}/check", check, "Every problem of a workflow, and what is known before a run.", Check,
        answer=Checked,
    ),
)  # fmt: skip
