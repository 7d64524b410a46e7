"""Our own page, served as its files lie: no build step, and no file that is older than the page that asks for it.

``index.html`` names its files below ``/assets/dev/``. It is sent with the page's present key in the place of ``dev``:
what is asked for by that key never changes, so browsers keep it for ever. By any other key it is asked for anew.
"""

import asyncio
import gzip
import hashlib
import math
import re
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from aiohttp import web

from graphengine.server.pages import content_type, found
from graphengine.server.routes import Route

ASSETS = "/assets"
WRITTEN = f"{ASSETS}/dev/"
LOOK_AGAIN = 1.0  # seconds
KEPT = 512  # files, compressed
COMMENT = re.compile(rb"^[ \t]*(?:/\*\*(?:(?!\*/).)*\*/|//[^\n]*)[ \t]*$", re.DOTALL | re.MULTILINE)
FOREVER, ANEW = "private, max-age=31536000, immutable", "no-cache"


def own_page_routes(folder: Path, policy: str) -> tuple[Route, ...]:
    """The routes of our page; none when it is not there.

    Args:
        policy: Its Content-Security-Policy.
    """
    if not (folder / "index.html").is_file():
        return ()

    key_of = _remembered(folder)

    async def page(request: web.Request) -> web.StreamResponse:
        text = await asyncio.to_thread((folder / "index.html").read_text, encoding="utf-8")
        key = await asyncio.to_thread(key_of)
        headers = {"Content-Security-Policy": policy, "Cache-Control": ANEW}
        body = text.replace(WRITTEN, f"{ASSETS}/{key}/")
        return web.Response(text=body, content_type="text/html", headers=headers)

    packed = lru_cache(maxsize=KEPT)(_packed)

    def look(path: Path) -> tuple[str, bytes]:
        key = key_of()
        return key, packed(path, key)

    async def asset(request: web.Request) -> web.StreamResponse:
        path = found(folder, request.match_info["path"])
        key, body = await asyncio.to_thread(look, path)
        headers = {
            "Content-Type": content_type(path),
            "Content-Security-Policy": policy,  # also of scripts: a worker has the policy of its script's answer
            "Cache-Control": FOREVER if request.match_info["key"] == key else ANEW,
            "Vary": "Accept-Encoding",
        }
        if "gzip" not in request.headers.get("Accept-Encoding", ""):
            return web.Response(body=await asyncio.to_thread(gzip.decompress, body), headers=headers)
        return web.Response(body=body, headers={**headers, "Content-Encoding": "gzip"})

    return (
        Route("GET", "/", page, "The page.", gives="text/html"),
        Route("GET", f"{ASSETS}/{{key}}/{{path:.+}}", asset, "A file of the page."),
    )


def _packed(path: Path, _key: str) -> bytes:
    """What is sent of a file, compressed; kept for as long as the page has the key."""
    data = path.read_bytes()
    return gzip.compress(without_comments(data) if path.suffix == ".js" else data, mtime=0)


def without_comments(code: bytes) -> bytes:
    """A module without the comments that have lines of their own: a quarter of its compressed size.

    Lines keep their numbers. The page's modules have no such line inside a string of theirs.
    """
    return COMMENT.sub(lambda comment: b"\n" * comment[0].count(b"\n"), code)


def _remembered(folder: Path) -> Callable[[], str]:
    """The key, looked up once for all files of a page that is being loaded."""
    known = ("", -math.inf)

    def key() -> str:
        nonlocal known
        if time.monotonic() - known[1] > LOOK_AGAIN:
            known = (page_key(folder), time.monotonic())
        return known[0]

    return key


def page_key(folder: Path) -> str:
    """Tells one state of the page's files from another."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        state = path.stat()
        digest.update(f"{path.relative_to(folder)}\0{state.st_size}\0{state.st_mtime_ns}\0".encode(errors="replace"))
    return digest.hexdigest()[:16]
