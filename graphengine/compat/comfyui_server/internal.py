"""What ComfyUI's page asks of folders, as far as it gives nothing of this machine away."""

import asyncio
from pathlib import Path

from aiohttp import web

from graphengine.compat.comfyui_server.folders import roots, shown
from graphengine.server.answers import json_answer
from graphengine.server.keys import FILES, SETTINGS
from graphengine.server.routes import Route


async def folder_paths(request: web.Request) -> web.Response:
    """The model folders."""
    files, settings = request.app[FILES], request.app[SETTINGS]
    return json_answer({key: [shown(path, settings) for path in files.folders(key)] for key in files.sources})


async def files(request: web.Request) -> web.Response:
    """The files of a folder, the newest first."""
    folder = roots(request.app[SETTINGS]).get(request.match_info["type"])
    if folder is None:
        return json_answer({"error": "Invalid directory type"}, 400)
    return json_answer(await asyncio.to_thread(_newest_first, folder))


def _newest_first(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    found = [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]
    return [path.name for path in sorted(found, key=lambda path: path.stat().st_mtime_ns, reverse=True)]


ROUTES = (
    Route("GET", "/internal/folder_paths", folder_paths, "The model folders.", compatible=True),
    Route("GET", "/internal/files/{type}", files, "The files of a folder.", compatible=True),
)
