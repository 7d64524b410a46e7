"""Workflows to begin with: those that come with graphengine, and examples of packs.

A pack has them as ``NAME.json`` in one of ``FOLDERS``, with a picture ``NAME.jpg`` beside if it likes. They may have
any format that is understood; the page gets its own.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from aiohttp import web

from graphengine import builtin
from graphengine.compat.comfyui.editor_format import is_editor
from graphengine.engine import Engine
from graphengine.file_names import resolve_in
from graphengine.formats import write
from graphengine.graph import document
from graphengine.graph.errors import CallError
from graphengine.server.answers import json_answer, no_such_file
from graphengine.server.headers import FOREIGN_PAGE_POLICY
from graphengine.server.keys import SERVICE
from graphengine.server.pages import static_answer
from graphengine.server.routes import Route

OURS = "graphengine"
FOLDERS = ("example_workflows", "example", "examples", "workflow", "workflows")


async def templates(request: web.Request) -> web.Response:
    """Pack -> names of its examples."""
    folders = _folders(request.app[SERVICE].engine)
    return json_answer(await asyncio.to_thread(lambda: {name: _names(folder) for name, folder in folders.items()}))


async def template(request: web.Request) -> web.StreamResponse:
    """An example, or the picture of one."""
    engine = request.app[SERVICE].engine
    folder, name = _folders(engine).get(request.match_info["pack"]), request.match_info["name"]
    if folder is None:
        raise no_such_file(name)
    if not name.endswith(".json"):
        return static_answer(folder, name, FOREIGN_PAGE_POLICY)
    data = await asyncio.to_thread(_editor_graph, engine, folder, name)
    return web.Response(body=data, content_type="application/json", charset="utf-8")


async def index(request: web.Request) -> web.Response:
    """ComfyUI's own examples, of which there are none here; the page shows no others without this answer."""
    return json_answer([])


async def blueprints(request: web.Request) -> web.Response:
    """Sub-workflows that come with a server, by id, of which there are none here; the page asks at its start."""
    return json_answer({})


def _folders(engine: Engine) -> Mapping[str, Path]:
    candidates = ((pack.name, pack.folder / name) for pack in engine.index.packs.values() for name in FOLDERS[::-1])
    return {OURS: builtin.WORKFLOWS, **{pack: folder for pack, folder in candidates if folder.is_dir()}}


def _names(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.json"))


def _editor_graph(engine: Engine, folder: Path, name: str) -> bytes:
    try:
        data = resolve_in(folder, name).read_bytes()
    except (CallError, OSError):
        raise no_such_file(name) from None
    if is_editor(parsed := document.parse(data)):
        return data
    return write(engine.from_json(parsed), "editor", engine.registry.specs)


ROUTES = (
    Route("GET", "/workflow_templates", templates, "Examples by packs.", compatible=True),
    Route("GET", "/global_subgraphs", blueprints, "Sub-workflows by id.", compatible=True),
)
FILES = (
    Route("GET", "/api/workflow_templates/{pack}/{name}", template, "An example.", compatible=True),
    Route("GET", "/templates/{index:index[^/]*[.]json}", index, "ComfyUI's own examples.", compatible=True),
)
