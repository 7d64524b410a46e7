"""Files: read, shown small, sent, and asked for the workflow that they carry."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from aiohttp import web

from graphengine.file_names import resolve_in
from graphengine.files import FileRef
from graphengine.graph import document
from graphengine.graph.errors import GraphengineError
from graphengine.server.answers import json_answer
from graphengine.server.errors import NotFound
from graphengine.server.keys import PICTURES, SERVICE, SERVING, SETTINGS, THUMBNAILS
from graphengine.server.media import BYTES
from graphengine.server.query import Query, read_query
from graphengine.server.routes import API, Route
from graphengine.server.serving_files import answer_file, answer_picture
from graphengine.server.uploads import receive_mask, receive_upload
from graphengine.settings import Settings


class Wanted(Query, frozen=True):
    """Of a file: whether a browser is to keep it instead of showing it; of a picture: ``rgb`` or ``a`` alone."""

    download: bool = False
    channel: Literal["rgb", "a"] | None = None


class Size(Query, frozen=True):
    """The longest edge of a thumbnail in pixels; and whether nothing (204) is to be the answer where there is none.

    A browser complains in its console of any other answer that a page's ``<img>`` cannot show.
    """

    size: Annotated[int, msgspec.Meta(ge=1, le=1024)] = 256
    quiet: bool = False


class Uploaded(msgspec.Struct, frozen=True):
    """Where each file is; the name as nodes take it is ``subfolder/filename``."""

    files: list[FileRef]


async def file(request: web.Request) -> web.StreamResponse:
    """A file."""
    wanted = read_query(request, Wanted)
    if wanted.channel:
        return await answer_picture(request.app[PICTURES], _path(request), shown=wanted.channel)
    return await answer_file(_path(request), download=wanted.download)


async def thumbnail(request: web.Request) -> web.StreamResponse:
    """A small picture of a picture."""
    wanted = read_query(request, Size)
    try:
        return await answer_file(await request.app[THUMBNAILS].get(_path(request), wanted.size))
    except GraphengineError:
        if wanted.quiet:
            return web.Response(status=204)
        raise


async def workflow(request: web.Request) -> web.Response:
    """The workflow that a file carries, as a document of ours."""
    found = await request.app[SERVICE].carried(_path(request))
    return web.Response(body=document.save(found), content_type="application/json")


async def upload(request: web.Request) -> web.Response:
    """Take files into the input folder."""
    roots = {"input": request.app[SETTINGS].input_folder}
    stored = await receive_upload(request, roots, request.app[SERVING].limits, request.app[PICTURES])
    return json_answer(Uploaded(stored), 201)


async def upload_mask(request: web.Request) -> web.Response:
    """Take a mask: a new picture of the input folder, which is another one with the alpha of the file."""
    roots = {"input": request.app[SETTINGS].input_folder}
    stored = await receive_mask(request, roots, request.app[SERVING].limits, request.app[PICTURES])
    return json_answer(Uploaded([stored]), 201)


def folders(settings: Settings) -> Mapping[str, Path]:
    """Type of file -> the folder of those that a client may read."""
    return {"output": settings.output_folder, "input": settings.input_folder, "temp": settings.temp_folder}


def _path(request: web.Request) -> Path:
    known, type = folders(request.app[SETTINGS]), request.match_info["type"]
    if type not in known:
        raise NotFound(f"There is no type '{type[:100]}'.", f"Known are {', '.join(known)}.")
    return resolve_in(known[type], request.match_info["name"])


ONE = f"{API}/files/{{type}}/{{name:.+}}"
SMALL = f"{API}/thumbnails/{{type}}/{{name:.+}}"
ROUTES = (
    Route("GET", f"{ONE}/workflow", workflow, "The workflow that a file carries.", answer=dict[str, Any]),
    Route("GET", ONE, file, "A file, in parts if asked for; or some channels of a picture.", query=Wanted, gives=BYTES),
    Route(
        "GET", SMALL, thumbnail, "A small picture of a picture.", query=Size, gives="image/webp", statuses=(200, 204),
    ),
    Route(
        "POST", f"{API}/uploads", upload, "Send files: a form with files, and the fields subfolder and overwrite.",
        answer=Uploaded, statuses=(201,), media="multipart/form-data",
    ),
    Route(
        "POST", f"{API}/uploads/mask", upload_mask,
        "Send a mask: a form with one picture, and the fields original_ref (whose alpha it becomes) and subfolder.",
        answer=Uploaded, statuses=(201,), media="multipart/form-data",
    ),
)  # fmt: skip
