"""The page: static files of a folder that was built, served at ``/``."""

from pathlib import Path

from aiohttp import web

from graphengine.file_names import resolve_in
from graphengine.graph.errors import CallError
from graphengine.server.answers import no_such_file
from graphengine.server.routes import Route
from graphengine.server.serving_files import OneFile

# the system's table of types is not asked: on some it says that JavaScript is text/plain
TYPES = {
    ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css",
    ".json": "application/json", ".map": "application/json", ".webmanifest": "application/manifest+json",
    ".wasm": "application/wasm", ".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg", ".webp": "image/webp", ".gif": "image/gif", ".avif": "image/avif", ".ico": "image/x-icon",
    ".woff": "font/woff", ".woff2": "font/woff2", ".ttf": "font/ttf", ".otf": "font/otf", ".md": "text/markdown",
    ".txt": "text/plain", ".mp3": "audio/mpeg", ".mp4": "video/mp4", ".webm": "video/webm",
}  # fmt: skip
_TEXT = ("text/", "application/json")
KEPT = "private, max-age=3600"
HASHED = "assets"  # the folder where builders put what they name by its contents


def page_routes(folder: Path, policy: str) -> tuple[Route, ...]:
    """The routes of a built page; the last of a table, for they match every path.

    Args:
        policy: Its Content-Security-Policy.
    """

    async def page(request: web.Request) -> web.StreamResponse:
        return static_answer(folder, request.match_info["path"], policy)

    return (Route("GET", "/{path:.*}", page, "The page and its files.", compatible=True),)


def static_answer(folder: Path, name: str, policy: str, cache: str = KEPT) -> web.StreamResponse:
    """A file of a folder, whose content is trusted: as what its name says it is.

    Raises:
        Refusal: There is no such file in it.
    """
    path = found(folder, name)
    headers = {
        "Content-Type": content_type(path),
        "Content-Security-Policy": policy,  # also of scripts: a worker has the policy of its script's answer
        "Cache-Control": "no-cache" if _may_change(folder, path) else cache,
    }
    return OneFile(path, headers=headers)


def _may_change(folder: Path, path: Path) -> bool:
    """Whether another build has other contents under the same name: code, but for what is named by its contents."""
    return path.suffix in (".html", ".js", ".css") and HASHED not in path.relative_to(folder.resolve()).parts


def found(folder: Path, name: str) -> Path:
    """The file of a page that an address names; ``index.html`` for a folder.

    Raises:
        Refusal: There is none.
    """
    try:
        path = resolve_in(folder, name or "index.html")
    except CallError:
        raise no_such_file(name) from None
    if path.is_dir():
        path /= "index.html"
    if not path.is_file():
        raise no_such_file(name)
    return path


def content_type(path: Path) -> str:
    """The content type of a page's file, by its ending."""
    type = TYPES.get(path.suffix.lower(), "application/octet-stream")
    return f"{type}; charset=utf-8" if type.startswith(_TEXT) else type
