"""Workflows that the server keeps by name: saved versions, and one unsaved draft of each."""

from typing import Annotated, Any

import msgspec
from aiohttp import web

from graphengine.graph import document
from graphengine.server.answers import Refusal, json_answer
from graphengine.server.bodies import read_bytes, read_json
from graphengine.server.conditions import has_state
from graphengine.server.document_rows import Entry, Version
from graphengine.server.errors import NotFound
from graphengine.server.keys import SERVICE, SERVING
from graphengine.server.query import Number, Query, read_query
from graphengine.server.routes import API, Route

Document = dict[str, Any]


class Folder(Query, frozen=True):
    """Which documents: those in a folder and below it; empty for all."""

    folder: str = ""


class Read(Query, frozen=True):
    """Which version; the last when it is not given."""

    version: Number | None = None


class BasedOn(Query, frozen=True):
    """The version that was edited (or the header ``If-Match``); not given for a new document."""

    based_on: Number | None = None


class Save(BasedOn, frozen=True):
    """Also the name that it had until now, as a draft alone: what ran by that goes by the new one."""

    was: str | None = None


class Entries(msgspec.Struct, frozen=True):
    documents: list[Entry]


class Saved(msgspec.Struct, frozen=True):
    """A document's last version."""

    name: str
    version: int


class DraftView(msgspec.Struct, frozen=True):
    """An unsaved state: what it is, the version that was edited (null for none), and when it was kept."""

    document: msgspec.Raw
    based_on: int | None
    time: float


class History(msgspec.Struct, frozen=True):
    """The versions of a document, the newest first."""

    versions: list[Version]


class Rename(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A document's name, and the one that it is to have."""

    name: str
    new: str


class Restore(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A document's name, and the version to save again."""

    name: str
    version: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class NameVersion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A document's name, one of its versions, and what that is called from now on; empty for nothing."""

    name: str
    version: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
    called: Annotated[str, msgspec.Meta(max_length=200)]


class Undelete(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The name of a document that was deleted."""

    name: str


async def entries(request: web.Request) -> web.Response:
    """The documents there are."""
    folder = read_query(request, Folder).folder
    return json_answer(Entries(await request.app[SERVICE].documents.entries(folder)))


async def read(request: web.Request) -> web.Response:
    """A document, to the byte; its version is the ETag. 304 for who has it."""
    name, version = request.match_info["name"], read_query(request, Read).version
    data, version = await request.app[SERVICE].documents.read(name, version)
    if has_state(request, str(version)):
        return web.Response(status=304, headers=_tag(version))
    return web.Response(body=data, content_type="application/json", headers=_tag(version))


async def save(request: web.Request) -> web.Response:
    """Save a document: the body, to the byte."""
    name, asked = request.match_info["name"], read_query(request, Save)
    data = await read_bytes(request, request.app[SERVING].limits.json_bytes)
    saved = await request.app[SERVICE].save(name, data, based_on(request, asked), asked.was)
    return json_answer(Saved(name, saved), headers=_tag(saved))


async def delete(request: web.Request) -> web.Response:
    """Delete a document; it can be brought back for a while."""
    await request.app[SERVICE].delete_document(request.match_info["name"])
    return web.Response(status=204)


async def rename(request: web.Request) -> web.Response:
    """Give a document another name."""
    asked: Rename = await read_json(request, request.app[SERVING].limits, Rename)
    await request.app[SERVICE].rename_document(asked.name, asked.new)
    return web.Response(status=204)


async def restore(request: web.Request) -> web.Response:
    """Save an old version again."""
    asked: Restore = await read_json(request, request.app[SERVING].limits, Restore)
    version = await request.app[SERVICE].restore(asked.name, asked.version)
    return json_answer(Saved(asked.name, version), headers=_tag(version))


async def name_version(request: web.Request) -> web.Response:
    """Give a version a name."""
    asked: NameVersion = await read_json(request, request.app[SERVING].limits, NameVersion)
    await request.app[SERVICE].name_version(asked.name, asked.version, asked.called)
    return web.Response(status=204)


async def undelete(request: web.Request) -> web.Response:
    """Bring a document back."""
    asked: Undelete = await read_json(request, request.app[SERVING].limits, Undelete)
    version = await request.app[SERVICE].undelete_document(asked.name)
    return json_answer(Saved(asked.name, version), headers=_tag(version))


async def history(request: web.Request) -> web.Response:
    """The versions of a document."""
    return json_answer(History(await request.app[SERVICE].documents.history(request.match_info["name"])))


async def read_draft(request: web.Request) -> web.Response:
    """What is unsaved."""
    name = request.match_info["name"]
    draft = await request.app[SERVICE].documents.read_draft(name)
    if draft is None:
        raise NotFound(f"There is no draft of '{name[:200]}'.", "All of it is saved.")
    return json_answer(DraftView(msgspec.Raw(draft.data), draft.based_on, draft.time), headers=_tag(draft.tag))


async def keep_draft(request: web.Request) -> web.Response:
    """Keep an unsaved state: the body, which may be any JSON."""
    name, version = request.match_info["name"], read_query(request, BasedOn).based_on
    data = await read_bytes(request, request.app[SERVING].limits.json_bytes)
    document.parse(data)
    tag = await request.app[SERVICE].keep_draft(name, data, version, known_drafts(request))
    return web.Response(status=204, headers=_tag(tag))


async def drop_draft(request: web.Request) -> web.Response:
    """Forget what is unsaved."""
    await request.app[SERVICE].documents.drop_draft(request.match_info["name"], known_drafts(request))
    return web.Response(status=204)


def based_on(request: web.Request, asked: Save) -> int | None:
    """The version that a request edits: of ``If-Match``, else of its query; None for a new document.

    Raises:
        Refusal: The header names no single version.
    """
    tags = _tags(request)
    if not tags:
        return asked.based_on
    if len(tags) > 1 or not (tags[0].isascii() and tags[0].isdigit() and len(tags[0]) < 19):
        raise _bad_version(request)
    return int(tags[0])


def known_drafts(request: web.Request) -> frozenset[str] | None:
    """The tags of drafts that a request may do away with: of ``If-Match``, none by ``If-None-Match: *``, else any."""
    tags = frozenset(_tags(request))
    if tags:
        return None if "*" in tags else tags
    return frozenset() if "*" in {tag.value for tag in request.if_none_match or ()} else None


def _tags(request: web.Request) -> list[str]:
    """The tags of ``If-Match``; a condition that cannot be read must not count as none."""
    tags = [tag.value for tag in request.if_match or ()]
    if "If-Match" in request.headers and not tags:
        raise _bad_version(request)
    return tags


def _bad_version(request: web.Request) -> Refusal:
    given = request.headers.get("If-Match", "")
    return Refusal(
        400, "bad_version", f"If-Match has {given[:100]!r}.", "Send an ETag as it was given, with its quotes."
    )


def _tag(version: int | str) -> dict[str, str]:
    return {"ETag": f'"{version}"'}


ALL, ONE = f"{API}/documents", f"{API}/documents/{{name:.+}}"
DRAFT = f"{API}/drafts/{{name:.+}}"
ROUTES = (
    Route("GET", ALL, entries, "The documents there are, by name.", query=Folder, answer=Entries),
    Route("POST", f"{ALL}/rename", rename, "Give a document another name.", Rename, statuses=(204,)),
    Route("POST", f"{ALL}/restore", restore, "Save an old version again.", Restore, answer=Saved),
    Route(
        "POST", f"{ALL}/name", name_version, "Give a version a name, by which it stays.", NameVersion, statuses=(204,)
    ),
    Route("POST", f"{ALL}/undelete", undelete, "Bring back what was deleted.", Undelete, answer=Saved),
    Route("GET", ONE, read, "A document; its version is the ETag.", query=Read, answer=Document),
    Route("PUT", ONE, save, "Save a document: the body.", Document, query=Save, answer=Saved),
    Route("DELETE", ONE, delete, "Delete a document.", statuses=(204,)),
    Route("GET", f"{API}/history/{{name:.+}}", history, "The versions of a document.", answer=History),
    Route("GET", DRAFT, read_draft, "What is unsaved of a document, with an ETag.", answer=DraftView),
    Route("PUT", DRAFT, keep_draft, "Keep an unsaved state: the body.", Document, query=BasedOn, statuses=(204,)),
    Route("DELETE", DRAFT, drop_draft, "Forget what is unsaved.", statuses=(204,)),
)
