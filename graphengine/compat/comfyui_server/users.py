"""The one user, and the page's settings."""

import asyncio
import json
from pathlib import Path
from typing import Any

from aiohttp import web

from graphengine.compat.comfyui_server.folders import user_folder
from graphengine.compat.comfyui_server.state import STATE
from graphengine.file_writing import write_aside
from graphengine.server.answers import Refusal, json_answer
from graphengine.server.bodies import read_json
from graphengine.server.keys import SERVING, SETTINGS
from graphengine.server.routes import Route

FILE = "comfy.settings.json"


async def users(request: web.Request) -> web.Response:
    """That there is one user, whose files are kept here."""
    return json_answer({"storage": "server", "migrated": True})


async def add_user(request: web.Request) -> web.Response:
    """There are no more users."""
    return json_answer({"error": "This server has one user."}, 400)


async def get_settings(request: web.Request) -> web.Response:
    """All settings."""
    return json_answer(await asyncio.to_thread(_read, _file(request)))


async def get_setting(request: web.Request) -> web.Response:
    """One setting, or null."""
    return json_answer((await asyncio.to_thread(_read, _file(request))).get(request.match_info["id"]))


async def post_settings(request: web.Request) -> web.Response:
    """Change some settings."""
    return await _change(request, await read_json(request, request.app[SERVING].limits, dict[str, Any]))


async def post_setting(request: web.Request) -> web.Response:
    """Change one setting."""
    value: Any = await read_json(request, request.app[SERVING].limits)
    return await _change(request, {request.match_info["id"]: value})


async def _change(request: web.Request, changes: dict[str, Any]) -> web.Response:
    file = _file(request)
    async with request.app[STATE].settings:
        await asyncio.to_thread(_merge, file, changes)
    return web.Response()


def _file(request: web.Request) -> Path:
    return user_folder(request.app[SETTINGS]) / FILE


def _read(file: Path) -> dict[str, Any]:
    """What is kept.

    Raises:
        Refusal: It cannot be read; it is not overwritten then.
    """
    try:
        found = json.loads(file.read_bytes())
        if not isinstance(found, dict):
            raise ValueError("no object")
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        message = f"The settings in user/{file.parent.name}/{file.name} cannot be read ({type(error).__name__})."
        raise Refusal(500, "bad_settings", message, "Mend or remove that file.") from None
    return found


def _merge(file: Path, changes: dict[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    write_aside(file, json.dumps({**_read(file), **changes}, indent=1).encode())


ROUTES = (
    Route("GET", "/users", users, "The users.", compatible=True),
    Route("POST", "/users", add_user, "Add a user.", compatible=True),
    Route("GET", "/settings", get_settings, "The page's settings.", compatible=True),
    Route("POST", "/settings", post_settings, "Change settings.", compatible=True),
    Route("GET", "/settings/{id}", get_setting, "A setting.", compatible=True),
    Route("POST", "/settings/{id}", post_setting, "Change a setting.", compatible=True),
)
