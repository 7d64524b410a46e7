"""Model files: lists, facts, pictures of what they make."""

import asyncio
import base64
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
from aiohttp import web

from graphengine.compat.comfyui_server.folders import shown
from graphengine.file_names import named_in
from graphengine.files import ALIASES, PICTURES, Files
from graphengine.graph.errors import CallError
from graphengine.server.answers import Refusal, json_answer, no_such_file
from graphengine.server.keys import FILES, SETTINGS, THUMBNAILS
from graphengine.server.routes import Route
from graphengine.server.serving_files import OneFile

HEADER_BYTES = 2**20  # of a safetensors file whose facts are told
COVER_BYTES = 2**25  # of the header of one that is looked through for a picture
COVERS = "ssmd_cover_images"
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
    """The picture that lies beside a model file, or is in it."""
    files, folder = _folder(request)
    name, index = request.match_info["filename"], int(request.match_info["index"])
    known, thumbnails = files.folders(folder), request.app[THUMBNAILS]
    try:
        path = named_in(known[index], name)
    except (CallError, IndexError):
        raise no_such_file(name) from None
    beside = await asyncio.to_thread(_beside, path)
    found = await (thumbnails.get(beside, PREVIEW_EDGE) if beside else thumbnails.get(path, PREVIEW_EDGE, _cover))
    return OneFile(found, headers={"Content-Type": "image/webp"})


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


class _Header(msgspec.Struct):
    """Of a safetensors file, as much as is told."""

    metadata: dict[str, Any] | None = msgspec.field(name="__metadata__", default=None)


def _metadata(path: Path, most: int = HEADER_BYTES) -> dict[str, Any] | None:
    """``__metadata__`` of a safetensors file; None in every other case."""
    if path.suffix != ".safetensors":
        return None
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            return msgspec.json.decode(file.read(length), type=_Header).metadata if length <= most else None
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _cover(path: Path) -> BinaryIO:
    """The first of the pictures that a model file carries.

    Raises:
        Refusal: It carries none.
    """
    try:
        first = msgspec.json.decode((_metadata(path, COVER_BYTES) or {})[COVERS], type=list[str])[0]
        return io.BytesIO(base64.b64decode(first))
    except (LookupError, TypeError, ValueError, msgspec.MsgspecError):
        raise no_such_file(path.name) from None


def _beside(path: Path) -> Path | None:
    stem = path.with_suffix("")
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
        "The picture of a model file.", compatible=True,
    ),
    Route("GET", "/view_metadata/{folder}", metadata, "What a model file says of itself.", compatible=True),
)  # fmt: skip
