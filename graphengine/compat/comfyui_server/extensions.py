"""Scripts for ComfyUI's page, and what they load: its own, those of packs, and one of ours.

A pack's folder of them is what its manifest names as ``comfyui_web``. In it, ``docs/KIND.md`` and
``docs/KIND/LOCALE.md`` are the help of a kind, as the page asks for it.
"""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from aiohttp import web

from graphengine.compat.comfyui_server.node_help import help_answer
from graphengine.server.answers import Refusal, json_answer, no_such_file
from graphengine.server.headers import FOREIGN_PAGE_POLICY
from graphengine.server.keys import SERVICE, SERVING
from graphengine.server.pages import static_answer
from graphengine.server.routes import Route

OURS, FOLDER = "graphengine", Path(__file__).parent / "page"
CHECKED = "no-cache"  # whoever writes a pack sees what was changed


async def scripts(request: web.Request) -> web.Response:
    """The addresses of all scripts; the page imports each."""
    return json_answer(await asyncio.to_thread(lambda: list(_addresses(web_folders(request.app)))))


async def file(request: web.Request) -> web.StreamResponse:
    """A file of a pack for the page, or the help of one of its kinds."""
    pack, path = request.match_info["pack"], request.match_info["path"]
    folder = web_folders(request.app).get(pack)
    for name in (path, path.replace(f"docs/{pack}/", "docs/", 1)):  # the page says docs/pack/Kind for pack/Kind
        with suppress(Refusal):
            if folder is not None:
                return static_answer(folder, name, FOREIGN_PAGE_POLICY, CHECKED)
    if not path.startswith("docs/"):
        raise no_such_file(path)
    return help_answer(request, path.removeprefix("docs/"))


def web_folders(app: web.Application) -> Mapping[str, Path]:
    """Name below ``/extensions/`` -> folder; no pack takes the place of the page's own ones."""
    packs = app[SERVICE].engine.index.packs.values()
    folders = {pack.name: pack.folder / pack.comfyui_web for pack in packs if pack.comfyui_web}
    frontend = app[SERVING].frontend
    own = (frontend / "extensions").glob("*/") if frontend else ()
    return {**folders, OURS: FOLDER, **{folder.name: folder for folder in own}}


def _addresses(folders: Mapping[str, Path]) -> Iterator[str]:
    for name, folder in folders.items():
        for path in sorted(folder.rglob("*.js")):
            yield f"/extensions/{quote(name)}/{quote(path.relative_to(folder).as_posix())}"


ROUTES = (Route("GET", "/extensions", scripts, "Scripts for the page.", compatible=True),)
FILES = (Route("GET", "/extensions/{pack}/{path:.+}", file, "A file for the page.", compatible=True),)
