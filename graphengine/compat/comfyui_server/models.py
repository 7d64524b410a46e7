"""Model files: lists, facts, pictures beside them."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aiohttp import web

from graphengine.compat.comfyui_server.folders import shown
from graphengine.files import ALIASES, PICTURES, Files, named_in
from graphengine.graph.errors import CallError
from graphengine.server.answers import Refusal, json_answer, no_such_file
from graphengine.server.keys import FILES, SETTINGS, THUMBNAILS
from graphengine.server.routes import Route
from graphengine.server.serving_files import OneFile

HEADER_BYTES = 2**20  # of a safetensors file whose facts are told
PREVIEW_EDGE = 512


async def folders(request: web.Request) -> web.Response:
    """The names of the model folders."""
    return json_answer(sorted(request.app[FILES].sources))


async def names(request: web.Request) -> web.Response:
    """The files of a model folder."""
    files, folder = _folder(request)
    return json_answer(await asyncio.to_thread(files.names, folder))


async def embeddings(request: web.Request) -> web.Response:
    """The embeddings, without their suffixes."""
    found = await asyncio.to_thread(request.app[FILES].names, "embeddings")
    return json_answer([name.rpartition(".")[0] for name in found])


async def places(request: web.Request) -> web.Response:
    """The model folders with their places; of this machine's paths only what lies below the home."""
    files, settings = request.app[FILES], request.app[SETTINGS]
    found = [
        {"name": source, "folders": [shown(path, settings) for path in files.folders(source)]}
        for source in sorted(files.sources)
    ]
    return json_answer(found)


async def facts(request: web.Request) -> web.Response:
    """The files of a model folder, with their sizes and times."""
    files, folder = _folder(request)
    return json_answer(await asyncio.to_thread(lambda: list(_facts(files, folder))))


async def metadata(request: web.Request) -> web.Response:
    """What a safetensors file says of itself."""
    files, folder = _folder(request)
    name = request.query.get("filename", "")
    path = await asyncio.to_thread(files.find, folder, name) if name else None
    found = await asyncio.to_thread(_metadata, path) if path else None
    if found is None:
        raise no_such_file(name)
    return json_answer(found)


async def preview(request: web.Request) -> web.StreamResponse:
    """The picture that lies beside a model file."""
    files, folder = _folder(request)
    name, index = request.match_info["filename"], int(request.match_info["index"])
    known = files.folders(folder)
    picture = await asyncio.to_thread(_beside, known[index], name) if index < len(known) else None
    if picture is None:
        raise no_such_file(name)
    return OneFile(await request.app[THUMBNAILS].get(picture, PREVIEW_EDGE), headers={"Content-Type": "image/webp"})


def _folder(request: web.Request) -> tuple[Files, str]:
    files, folder = request.app[FILES], request.match_info["folder"]
    if ALIASES.get(folder, folder) not in files.sources:
        raise Refusal(404, "no_such_folder", f"There is no model folder {folder[:100]!r}.", "Ask /models for them.")
    return files, folder


def _facts(files: Files, source: str) -> Iterator[dict[str, Any]]:
    known = files.folders(source)
    for name in files.names(source):
        for index, folder in enumerate(known):
            try:
                stat = (folder / name).stat()
            except OSError:
                continue
            times = {"modified": stat.st_mtime, "created": stat.st_ctime}
            yield {"name": name, "pathIndex": index, **times, "size": stat.st_size}
            break


def _metadata(path: Path) -> dict[str, Any] | None:
    """``__metadata__`` of a safetensors file; None in every other case."""
    if path.suffix != ".safetensors":
        return None
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(length)) if length <= HEADER_BYTES else {}
    except (OSError, ValueError, RecursionError):
        return None
    found = header.get("__metadata__") if isinstance(header, dict) else None
    return found if isinstance(found, dict) else None


def _beside(folder: Path, name: str) -> Path | None:
    try:
        stem = named_in(folder, name).with_suffix("")
    except CallError:
        return None
    candidates = [stem.with_name(f"{stem.name}{more}{suffix}") for more in ("", ".preview") for suffix in PICTURES]
    return next((path for path in candidates if path.is_file()), None)


ROUTES = (
    Route("GET", "/models", folders, "The model folders.", compatible=True),
    Route("GET", "/models/{folder}", names, "The files of a model folder.", compatible=True),
    Route("GET", "/embeddings", embeddings, "The embeddings.", compatible=True),
    Route("GET", "/experiment/models", places, "The model folders and where they are.", compatible=True),
    Route("GET", "/experiment/models/{folder}", facts, "Model files with sizes and times.", compatible=True),
    Route(
        "GET", "/experiment/models/preview/{folder}/{index:[0-9]{1,4}}/{filename:.+}", preview,
        "The picture beside a model file.", compatible=True,
    ),
    Route("GET", "/view_metadata/{folder}", metadata, "What a model file says of itself.", compatible=True),
)  # fmt: skip
