"""Uploads: streamed to a file aside, checked, and put under their name at once or not at all."""

import asyncio
import contextlib
import filecmp
import json
import os
import re
import secrets
import shutil
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from aiohttp import BodyPartReader, MultipartReader, StreamReader, web
from aiohttp.http import HttpProcessingError

from graphengine.file_names import FOR_ALL_SYSTEMS, resolve_in
from graphengine.file_writing import naming
from graphengine.files import FileRef
from graphengine.server.answers import Refusal
from graphengine.server.bodies import too_large
from graphengine.server.config import Limits
from graphengine.server.media import head_of, named_kind
from graphengine.server.pictures import Pictures, masked, verify

FIELD_BYTES = 64 * 2**10
FIELDS = 32
NAMES = 10_000  # "stem (1)" and on
DRIVE = re.compile("[A-Za-z]:")


@dataclass
class Form:
    """An upload request, its files still aside.

    Attributes:
        fields: Name -> text, of the parts that are no files.
        files: Name, as the client calls it but for what no file can have on some systems, and where it lies aside.
    """

    fields: dict[str, str] = field(default_factory=dict)
    files: list[tuple[str, Path]] = field(default_factory=list)


async def receive_upload(
    request: web.Request, roots: Mapping[str, Path], limits: Limits, pictures: Pictures
) -> list[FileRef]:
    """Store the files of a multipart request: ``type``, ``subfolder`` and ``overwrite`` are fields beside them.

    Args:
        roots: Type -> its folder. ``input`` is the usual one, and where files lie aside.

    Returns:
        Where each file is, with ``_`` in its name for what is in none on some systems. One that is there with the same
        content is used; one with other content stays, and the new one becomes ``stem (1).ext``, unless ``overwrite`` is
        ``true`` or ``1``.

    Raises:
        Refusal: There is no file, a name leads out, a limit is passed, or a file is not what its name says. Then, and
            when the connection is lost, nothing is left behind.
        CallError: A name leads out of its folder.
    """
    async with _form(request, roots["input"], limits) as form:
        if not form.files:
            raise Refusal(400, "no_file", "The form has no file.", "Send one as multipart/form-data.")
        places = [_place(form.fields, roots, name) for name, _ in form.files]
        for (name, aside), _ in zip(form.files, places, strict=True):
            await pictures.run(check_file, aside, name, pictures.pixels)
        overwrite = _says_overwrite(form.fields)
        stored = []
        for (_, aside), place in zip(form.files, places, strict=True):
            stored.append(await asyncio.to_thread(store, aside, place.path, overwrite))
        return [place.ref(path) for place, path in zip(places, stored, strict=True)]


async def receive_mask(request: web.Request, roots: Mapping[str, Path], limits: Limits, pictures: Pictures) -> FileRef:
    """Store a picture with another alpha: the field ``original_ref`` names it, the file's alpha becomes its alpha.

    Raises:
        Refusal: As for ``receive_upload``; or there is no such original, or the sizes differ.
        CallError: A name leads out of its folder.
    """
    async with _form(request, roots["input"], limits) as form:
        if len(form.files) != 1:
            raise Refusal(400, "no_file", f"The form has {len(form.files)} files.", "Send the mask alone.")
        name, aside = form.files[0]
        original = _original(form.fields, roots)
        place = _place(form.fields, roots, name)
        data = await pictures.run(masked, original, aside, pictures.pixels)
        with naming(place.path):
            await asyncio.to_thread(aside.write_bytes, data)
        return place.ref(await asyncio.to_thread(store, aside, place.path, _says_overwrite(form.fields)))


def check_file(path: Path, name: str, pixels: int) -> None:
    """Refuse a file whose content is not what its name says, where that can be told.

    Raises:
        Refusal: It is not, or it is a picture of too many pixels.
    """
    kind = named_kind(name)
    if kind is None:
        return
    if not kind.fits(head_of(path)):
        raise Refusal(415, "not_its_kind", f"{name[:100]!r} does not hold {kind.type}.", "Name it what it is.")
    if kind.pillow:
        verify(path, kind, pixels)


def store(aside: Path, path: Path, overwrite: bool) -> Path:
    """Put a file that lies aside under its name, or a like one; ``aside`` is gone afterwards.

    Returns:
        The path: ``path``; or the next ``stem (1).ext`` that is free, or has this content already.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = _beside(aside, path.parent)
    if overwrite:
        os.replace(aside, path)
        return path
    for number in range(NAMES):
        candidate = path.with_name(f"{path.stem} ({number}){path.suffix}") if number else path
        if claim(aside, candidate):
            return candidate
        if candidate.is_file() and filecmp.cmp(aside, candidate, shallow=False):
            aside.unlink()
            return candidate
    raise Refusal(409, "name_taken", f"There are {NAMES} files named like {path.name!r}.", "Choose another name.")


def sweep(folder: Path) -> None:
    """Delete what uploads left aside when the service was killed."""
    for path in folder.glob(".*.part"):
        if re.fullmatch(r"\.[0-9a-f]{16}\.part", path.name):
            path.unlink(missing_ok=True)


@dataclass(frozen=True)
class _Place:
    path: Path
    root: Path
    type: str

    def ref(self, path: Path) -> FileRef:
        below = path.parent.relative_to(self.root.resolve()).as_posix()
        return FileRef(path.name, "" if below == "." else below, self.type)


def _place(fields: Mapping[str, str], roots: Mapping[str, Path], name: str) -> _Place:
    type = fields.get("type") or "input"
    root = _root(type, roots)
    subfolder = fields.get("subfolder", "").strip("/")
    path = resolve_in(root, f"{subfolder}/{name}" if subfolder else name)
    if path.is_dir():
        raise Refusal(400, "is_folder", f"{name[:100]!r} is a folder.", "Choose another name.")
    return _Place(path, root, type)


def _root(type: str, roots: Mapping[str, Path]) -> Path:
    if type not in roots:
        raise Refusal(400, "no_such_type", f"There is no type {type[:100]!r}.", f"Known are {', '.join(roots)}.")
    return roots[type]


def _original(fields: Mapping[str, str], roots: Mapping[str, Path]) -> Path:
    try:
        ref = json.loads(fields.get("original_ref", ""))
        given = {key: str(ref.get(key, "")) for key in ("filename", "subfolder", "type")}
    except (ValueError, AttributeError, RecursionError):
        raise Refusal(
            400, "no_original", "The form's 'original_ref' is no file reference.", "Send it as JSON."
        ) from None
    root = _root(given["type"] or "output", roots)
    path = resolve_in(root, f"{given['subfolder']}/{given['filename']}".lstrip("/"))
    if not path.is_file():
        raise Refusal(404, "no_such_file", f"There is no file {given['filename'][:100]!r}.", "Name the original.")
    return path


def _says_overwrite(fields: Mapping[str, str]) -> bool:
    return fields.get("overwrite", "").lower() in ("true", "1")


@contextlib.asynccontextmanager
async def _form(request: web.Request, folder: Path, limits: Limits) -> AsyncIterator[Form]:
    """The request's form, its files aside in ``folder``; what is still aside at the end is deleted."""
    form = Form()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        await _read_form(request, form, folder, limits)
        yield form
    finally:
        for _, aside in form.files:
            aside.unlink(missing_ok=True)


async def _read_form(request: web.Request, form: Form, folder: Path, limits: Limits) -> None:
    if request.content_type != "multipart/form-data":
        raise Refusal(
            415, "media_refused", f"The content type is {request.content_type!r}.", "Send multipart/form-data."
        )
    if (request.content_length or 0) > limits.upload_bytes + FIELDS * FIELD_BYTES:
        raise too_large(limits.upload_bytes)
    try:
        await _read_parts(_reader(request, limits), form, folder, limits)
    except (ValueError, AssertionError, LookupError, RuntimeError, HttpProcessingError) as error:
        raise Refusal(400, "bad_form", f"The form cannot be read: {str(error)[:200]}.", "Send it again.") from None


async def _read_parts(reader: MultipartReader, form: Form, folder: Path, limits: Limits) -> None:
    fields, left = 0, limits.upload_bytes
    async for part in reader:
        if isinstance(part, MultipartReader) or part is None:
            raise Refusal(400, "bad_form", "The form has a form inside.", "Send files and fields alone.")
        if part.filename:
            left = await _read_file(part, form, folder, limits, left)
        elif fields < FIELDS:
            fields += 1
            await _read_field(part, form)
        else:
            raise Refusal(413, "too_many_fields", f"The form has more than {FIELDS} fields.", "Send fewer.")


def _reader(request: web.Request, limits: Limits) -> MultipartReader:
    content = _Bounded(request.content, limits.upload_bytes + FIELDS * FIELD_BYTES, limits.upload_bytes)
    return MultipartReader(request.headers, cast(StreamReader, content))


@dataclass
class _Bounded:
    """The part of a stream's interface that forms are read by; ends the form when more has come than a form may have.

    What lies before the first part, between parts and after them is thrown away by the reader, so nothing else
    counts it.
    """

    stream: StreamReader
    most: int
    told: int

    async def read(self, count: int) -> bytes:
        self._check()
        return await self.stream.read(count)

    async def readline(self, **limits: int) -> bytes:
        self._check()
        return await self.stream.readline(**limits)

    def at_eof(self) -> bool:
        return self.stream.at_eof()

    def unread_data(self, data: bytes) -> None:
        self.stream.unread_data(data)

    def _check(self) -> None:
        if self.stream.total_bytes > self.most:
            raise too_large(self.told)


async def _read_field(part: BodyPartReader, form: Form) -> None:
    """A field; an empty file input is one too, with a file name that is empty."""
    data = bytearray()
    while chunk := await part.read_chunk():
        data += chunk
        if len(data) > FIELD_BYTES:
            raise Refusal(413, "too_large", f"A field has more than {FIELD_BYTES} bytes.", "Send less.")
    form.fields[part.name or ""] = data.decode(errors="replace")


async def _read_file(part: BodyPartReader, form: Form, folder: Path, limits: Limits, left: int) -> int:
    if len(form.files) >= limits.uploads:
        raise Refusal(413, "too_many_files", f"The form has more than {limits.uploads} files.", "Send fewer at a time.")
    aside = folder / f".{secrets.token_hex(8)}.part"
    form.files.append((_for_all_systems(part.filename or ""), aside))
    with naming(folder), aside.open("xb") as file:
        while chunk := await part.read_chunk(2**18):
            left -= len(chunk)
            if left < 0:
                raise too_large(limits.upload_bytes)
            await asyncio.to_thread(file.write, chunk)
    return left


def _for_all_systems(name: str) -> str:
    """The name with ``_`` for what names have on some systems only; not for ``C:``, nor in folders."""
    cut = max(name.rfind("/"), name.rfind("\\")) + 1 or 2 * bool(DRIVE.match(name))
    return name[:cut] + name[cut:].translate(FOR_ALL_SYSTEMS)


def _beside(aside: Path, folder: Path) -> Path:
    """The file in that folder, copied there if it lies on another disk: a name is given within one file system."""
    if _same_disk(aside, folder):
        return aside
    near = folder / aside.name
    try:
        shutil.copyfile(aside, near)
    except OSError:
        near.unlink(missing_ok=True)
        raise
    aside.unlink()
    return near


def _same_disk(one: Path, other: Path) -> bool:
    return one.stat().st_dev == other.stat().st_dev


def claim(aside: Path, path: Path) -> bool:
    """Give the file that name, if no file has it; of two files at a time one gets it. Whether this one did."""
    try:
        os.link(aside, path)
    except FileExistsError:
        return False
    except OSError:  # a file system without hard links
        try:
            path.open("xb").close()
        except FileExistsError:
            return False
        try:
            os.replace(aside, path)
        except OSError:
            path.unlink()
            raise
        return True
    aside.unlink()
    return True
