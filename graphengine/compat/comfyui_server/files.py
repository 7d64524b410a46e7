"""Pictures and other files: ``/view`` and the uploads."""

import re

from aiohttp import web

from graphengine.compat.comfyui_server.folders import roots
from graphengine.file_names import resolve_in
from graphengine.files import FileRef
from graphengine.graph.errors import CallError
from graphengine.server.answers import Refusal, json_answer, no_such_file
from graphengine.server.keys import PICTURES, SERVING, SETTINGS
from graphengine.server.routes import Route
from graphengine.server.serving_files import answer_picture
from graphengine.server.uploads import receive_mask, receive_upload

ANNOTATED = re.compile(r"(?P<name>.*?) ?\[(?P<type>input|output|temp)\]", re.DOTALL)


async def view(request: web.Request) -> web.StreamResponse:
    """A file of an input, an output or a preview; a picture also in other formats."""
    query, known = request.query, roots(request.app[SETTINGS])
    if "filename" not in query:
        raise no_such_file("")
    name, type = query["filename"], query.get("type", "output")
    if annotated := ANNOTATED.fullmatch(name):
        name, type = annotated["name"], annotated["type"]
    if not name or name.startswith("/") or ".." in name or type not in known:
        raise Refusal(400, "bad_name", f"There can be no file {name[:200]!r} of type {type[:50]!r}.", "Name one file.")
    base = name.replace("\\", "/").rpartition("/")[2]
    subfolder = query.get("subfolder", "")
    try:
        folder = resolve_in(known[type], subfolder) if subfolder else known[type].resolve()
        path = resolve_in(folder, base)
    except CallError as error:
        raise Refusal(403, "outside", error.message, error.cure) from None
    return await answer_picture(request.app[PICTURES], path, query.get("preview") or None, query.get("channel", ""))


async def upload_image(request: web.Request) -> web.Response:
    """Take a file of any kind."""
    app = request.app
    stored = await receive_upload(request, roots(app[SETTINGS]), app[SERVING].limits, app[PICTURES])
    return _stored(stored[0])


async def upload_mask(request: web.Request) -> web.Response:
    """Take a picture's alpha for another picture."""
    app = request.app
    return _stored(await receive_mask(request, roots(app[SETTINGS]), app[SERVING].limits, app[PICTURES]))


def _stored(ref: FileRef) -> web.Response:
    return json_answer({"name": ref.filename, "subfolder": ref.subfolder, "type": ref.type})


ROUTES = (
    Route("GET", "/view", view, "A file.", compatible=True),
    Route("POST", "/upload/image", upload_image, "Take a file.", compatible=True, media="multipart/form-data"),
    Route("POST", "/upload/mask", upload_mask, "Take a mask.", compatible=True, media="multipart/form-data"),
)
