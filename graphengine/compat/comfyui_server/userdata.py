"""Files that the page keeps: workflows and whatever else it likes, below the user's folder."""

import asyncio
import os
import secrets
from pathlib import Path
from typing import Any

from aiohttp import web

from graphengine.compat.comfyui_server.folders import user_folder
from graphengine.file_names import resolve_in
from graphengine.file_writing import write_aside
from graphengine.graph.errors import CallError
from graphengine.server.answers import Refusal, json_answer, no_such_file
from graphengine.server.bodies import read_bytes
from graphengine.server.keys import SERVING, SETTINGS
from graphengine.server.routes import Route
from graphengine.server.serving_files import answer_file
from graphengine.server.uploads import claim

# scripts that read JSON look at the type first, and browsers at that of a style; neither runs
TYPES = {".json": "application/json", ".css": "text/css"}


async def list_files(request: web.Request) -> web.Response:
    """The files of a folder."""
    name, root = request.query.get("dir", ""), _root(request)
    if not name:
        raise Refusal(400, "no_folder", "There is no 'dir'.", "Name a folder.")
    folder = root if name == "." else _path(request, name)
    recurse, split, full = (_says(request, key) for key in ("recurse", "split", "full_info"))
    paths = await asyncio.to_thread(_files, folder, root, recurse)
    if full:
        return json_answer([_info(path, folder) for path in paths if path.exists()])
    relative = [path.relative_to(folder).as_posix() for path in paths]
    return json_answer([[name, *name.split("/")] for name in relative] if split else relative)


async def list_everything(request: web.Request) -> web.Response:
    """The files and folders below a folder, folders first."""
    name, root = request.query.get("path", "").rstrip("/"), _root(request)
    folder = root if name in ("", ".") else _path(request, name)
    return json_answer(await asyncio.to_thread(_entries, folder, root))


async def read_file(request: web.Request) -> web.StreamResponse:
    """A file."""
    path = _path(request, request.match_info["file"])
    answer = await answer_file(path)
    if (type := TYPES.get(path.suffix)) is not None:
        answer.content_type = type
    return answer


async def write_file(request: web.Request) -> web.Response:
    """Keep a file, whole or not at all."""
    path = _path(request, request.match_info["file"])
    data = await read_bytes(request, request.app[SERVING].limits.json_bytes)
    await asyncio.to_thread(_write, path, data, _overwrites(request))
    return _told(request, path)


async def delete_file(request: web.Request) -> web.Response:
    """Delete a file."""
    path = _path(request, request.match_info["file"])
    if not path.is_file():
        raise no_such_file(path.name)
    await asyncio.to_thread(path.unlink, missing_ok=True)
    return web.Response(status=204)


async def move_file(request: web.Request) -> web.Response:
    """Give a file another name."""
    path, place = _path(request, request.match_info["file"]), _path(request, request.match_info["dest"])
    if not path.is_file():
        raise no_such_file(path.name)
    await asyncio.to_thread(_move, path, place, _overwrites(request))
    return _told(request, place)


def _root(request: web.Request) -> Path:
    return user_folder(request.app[SETTINGS]).resolve()


def _path(request: web.Request, name: str) -> Path:
    """Raises ``Refusal`` for a name that leads out."""
    try:
        return resolve_in(_root(request), name)
    except CallError as error:
        raise Refusal(403, "outside", error.message, error.cure) from None


def _says(request: web.Request, name: str, usual: str = "false") -> bool:
    return request.query.get(name, usual).lower() not in ("false", "0", "")


def _overwrites(request: web.Request) -> bool:
    return _says(request, "overwrite", "true")


def _told(request: web.Request, path: Path) -> web.Response:
    root = _root(request)
    full = _says(request, "full_info")
    return json_answer(_info(path, root) if full else path.relative_to(root).as_posix())


def _info(path: Path, root: Path) -> dict[str, Any]:
    stat = path.stat()
    times = {"modified": stat.st_mtime, "created": stat.st_ctime}
    return {"path": path.relative_to(root).as_posix(), "size": stat.st_size, **times}


def _files(folder: Path, root: Path, recurse: bool) -> list[Path]:
    """Without what a point hides, such as the page's list of bookmarks, which it would take for a workflow."""
    _refuse_missing(folder, root)
    found: list[Path] = []
    for base, folders, names in os.walk(folder):
        found += [Path(base, name) for name in names if not name.startswith(".")]
        folders[:] = [name for name in folders if recurse and not name.startswith(".")]
    return sorted(found)


def _refuse_missing(folder: Path, root: Path) -> None:
    """Refuse a folder that is not there; the user's own need not be, while nothing is kept."""
    if folder != root and not folder.is_dir():
        raise Refusal(404, "no_such_folder", f"There is no folder {folder.name!r}.", "Keep a file in it first.")


def _entries(folder: Path, root: Path) -> list[dict[str, Any]]:
    _refuse_missing(folder, root)
    entries = []
    for base, folders, names in os.walk(folder):
        for name in (*folders, *(name for name in names if not name.endswith(".part"))):
            path = Path(base, name)
            entry: dict[str, Any] = {"name": name, "path": path.relative_to(root).as_posix(), "type": "directory"}
            if path.is_file():
                stat = path.stat()
                entry |= {"type": "file", "size": stat.st_size, "modified": stat.st_mtime}
            entries.append(entry)
    return sorted(entries, key=lambda entry: (entry["type"], entry["path"]))


def _write(path: Path, data: bytes, overwrite: bool) -> None:
    _make_folder(path)
    if overwrite:
        write_aside(path, data)
        return
    aside = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        aside.write_bytes(data)
        _move(aside, path, overwrite=False)
    finally:
        aside.unlink(missing_ok=True)


def _move(path: Path, place: Path, overwrite: bool) -> None:
    """Raises ``Refusal`` when there is a file that is not to be overwritten; of two at a time only one is put there."""
    _make_folder(place)
    if overwrite:
        os.replace(path, place)
        return
    if not claim(path, place):
        raise Refusal(409, "exists", f"There is a file {place.name!r}.", "Say overwrite=true.")


def _make_folder(path: Path) -> None:
    """Raises ``Refusal`` when a folder has the name, or a file has a folder's."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise Refusal(409, "no_folder", f"{path.parent.name!r} is a file.", "Choose another folder.") from None
    if path.is_dir():
        raise Refusal(409, "is_folder", f"{path.name!r} is a folder.", "Choose another name.")


ROUTES = (
    Route("GET", "/userdata", list_files, "The files of a folder.", compatible=True),
    Route("GET", "/v2/userdata", list_everything, "Files and folders.", compatible=True),
    Route("GET", "/userdata/{file}", read_file, "A file.", compatible=True),
    Route("POST", "/userdata/{file}", write_file, "Keep a file.", compatible=True),
    Route("DELETE", "/userdata/{file}", delete_file, "Delete a file.", compatible=True),
    Route("POST", "/userdata/{file}/move/{dest}", move_file, "Rename a file.", compatible=True),
)
