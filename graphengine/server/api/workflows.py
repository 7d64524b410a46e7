"""Workflows that are not kept here: the shipped ones to begin from, and those that a client sends to be read."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from graphengine import builtin
from graphengine.graph import document
from graphengine.server.answers import json_answer
from graphengine.server.bodies import read_bytes
from graphengine.server.errors import NotFound
from graphengine.server.keys import SERVICE, SERVING
from graphengine.server.media import BYTES
from graphengine.server.routes import API, Route

PICTURE = "image/jpeg"


class Templates(msgspec.Struct, frozen=True):
    """Names of the workflows to begin from."""

    templates: list[str]


async def templates(request: web.Request) -> web.Response:
    """The shipped workflows."""
    return json_answer(Templates(_names()))


async def template(request: web.Request) -> web.Response:
    """A shipped workflow, to the byte."""
    return web.Response(body=_file(request, ".json").read_bytes(), content_type="application/json")


async def picture(request: web.Request) -> web.Response:
    """What a shipped workflow makes."""
    return web.Response(body=_file(request, ".jpg").read_bytes(), content_type=PICTURE)


async def read(request: web.Request) -> web.Response:
    """The workflow of bytes of any format that is understood, pictures included, as a document of ours."""
    data = await read_bytes(request, request.app[SERVING].limits.upload_bytes)
    found = await asyncio.to_thread(request.app[SERVICE].engine.read, data)
    return web.Response(body=document.save(found), content_type="application/json")


def _file(request: web.Request, ending: str) -> Path:
    name = request.match_info["name"]
    if name not in _names():
        raise NotFound(f"There is no template '{name[:100]}'.", f"There are {', '.join(_names())}.")
    return builtin.WORKFLOWS / f"{name}{ending}"


def _names() -> list[str]:
    return sorted(path.stem for path in builtin.WORKFLOWS.glob("*.json"))


ROUTES = (
    Route("GET", f"{API}/templates", templates, "Names of workflows to begin from.", answer=Templates),
    Route("GET", f"{API}/templates/{{name}}", template, "A workflow to begin from.", answer=dict[str, Any]),
    Route("GET", f"{API}/templates/{{name}}/picture", picture, "A picture that it makes.", gives=PICTURE),
    Route(
        "POST", f"{API}/read", read, "The workflow of a file's bytes: any format, pictures included.",
        answer=dict[str, Any], media=BYTES,
    ),
)  # fmt: skip
