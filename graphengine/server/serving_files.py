"""A user's files as answers. They are not trusted: a picture may be a page in disguise, a page may hold a script."""

import asyncio
import io
import math
import os
from pathlib import Path
from typing import Literal, cast
from urllib.parse import quote

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from graphengine.server.answers import no_such_file
from graphengine.server.headers import FILE_POLICY
from graphengine.server.media import BYTES, Kind, shown_kind
from graphengine.server.pictures import Format, Pictures, channel, encoded

DEFAULT_QUALITY = 90


class OneFile(web.FileResponse):
    """A file with ranges, ETag and conditions, without ``NAME.gz`` taking the place of ``NAME``, as aiohttp has it.

    With users' files in one folder, somebody's ``a.png.gz`` would be served as ``a.png``. All of it is sent where only
    a part was asked for, if that part is of an older state (``If-Range``), cannot be read, or is of several ranges.
    """

    def _get_file_path_stat_encoding(self, accept_encoding: str) -> tuple[Path | None, os.stat_result, str | None]:
        return super()._get_file_path_stat_encoding("")

    async def _prepare_open_file(
        self, request: web.BaseRequest, fobj: io.BufferedReader, st: os.stat_result, file_encoding: str | None
    ) -> AbstractStreamWriter | None:
        if "Range" in request.headers and not _asks_for_part(request, st):
            others = [(name, value) for name, value in request.headers.items() if name.lower() != "range"]
            request = request.clone(headers=others)
        return await super()._prepare_open_file(request, fobj, st, file_encoding)


async def answer_file(path: Path, name: str | None = None, download: bool = False) -> web.StreamResponse:
    """A file as an answer: shown by the browser if it is a raster picture, video or audio, else kept as bytes.

    Args:
        path: Found by ``resolve_in``.
        name: What the browser calls it; the path's name when None.
        download: Have the browser keep it, whatever it is.

    Raises:
        Refusal: There is no such file.
    """
    try:
        kind = await asyncio.to_thread(_kind, path)
    except OSError:
        raise no_such_file(name or path.name) from None
    inline = kind is not None and not download
    headers = _headers(name or path.name, inline) | {"Content-Type": kind.type if kind else BYTES}
    return OneFile(path, headers=headers)


async def answer_picture(
    pictures: Pictures, path: Path, preview: str | None = None, shown: str = ""
) -> web.StreamResponse:
    """A picture as ComfyUI's ``/view`` gives it: the file itself, in another format, or only some channels.

    Args:
        preview: ``webp;90`` or ``jpeg;80``; another format becomes WebP, a quality that is none becomes 90.
        shown: The channels: ``rgb``, ``a``, or all of them.

    Raises:
        Refusal: There is no such file, it is no picture, or has too many pixels.
    """
    if preview is None and shown not in ("rgb", "a"):
        return await answer_file(path)
    if not await asyncio.to_thread(path.is_file):
        raise no_such_file(path.name)
    try:
        if preview is None:
            only = cast(Literal["rgb", "a"], shown)
            data, format = await pictures.run(channel, path, only, pictures.pixels), "png"
        else:
            format, quality = preview_format(preview, shown)
            data = await pictures.run(encoded, path, format, quality, pictures.pixels, alpha=shown != "rgb")
    except OSError:
        raise no_such_file(path.name) from None
    headers = _headers(path.with_suffix(f".{format}").name, inline=True)
    return web.Response(body=data, content_type=f"image/{format}", headers=headers)


def preview_format(preview: str, shown: str = "") -> tuple[Format, int]:
    """Format and quality of ``webp;90``: JPEG only where no alpha is asked for."""
    name, _, number = preview.partition(";")
    asked = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else DEFAULT_QUALITY
    jpeg = name.strip().lower() in ("jpeg", "jpg") and "a" not in shown
    return "jpeg" if jpeg else "webp", max(1, min(asked, 100))


def disposition(name: str, inline: bool) -> str:
    """A Content-Disposition header that no name can break out of (RFC 6266: a plain name, and the true one encoded)."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%;' else "_" for c in name)
    whole = quote(name.encode(errors="replace"), safe="")
    return f"{'inline' if inline else 'attachment'}; filename=\"{plain}\"; filename*=UTF-8''{whole}"


def _asks_for_part(request: web.BaseRequest, st: os.stat_result) -> bool:
    """Whether a request with a ``Range`` gets a part, or hears that there is none (RFC 9110, 13.1.5 and 14.2)."""
    try:
        _ = request.http_range
    except ValueError:
        return False
    return request.method == "GET" and _is_state(request, st)


def _is_state(request: web.BaseRequest, st: os.stat_result) -> bool:
    """Whether the file is what ``If-Range`` names: by the ETag or by the date, as they were given with the file."""
    given = request.headers.get("If-Range")
    if given is None:
        return True
    date = request.if_range
    if date is not None:
        return date.timestamp() == math.ceil(st.st_mtime)
    return given == f'"{st.st_mtime_ns:x}-{st.st_size:x}"'


def _kind(path: Path) -> Kind | None:
    if not path.is_file():
        raise FileNotFoundError(path)
    return shown_kind(path)


def _headers(name: str, inline: bool) -> dict[str, str]:
    return {
        "Content-Disposition": disposition(name, inline),
        "Content-Security-Policy": FILE_POLICY,
        "Cache-Control": "private, no-cache",
    }
