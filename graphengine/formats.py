"""Every format of a workflow, told by content: our documents, ComfyUI's two graphs, A1111's texts, and pictures
and films that hold one of them."""

import codecs
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from graphengine.compat.a1111.infotext import is_infotext
from graphengine.compat.comfyui.api_format import is_api, read_api, write_api
from graphengine.compat.comfyui.editor_format import is_editor, read_editor, write_editor
from graphengine.compat.comfyui.embedded import KEYS, embedded_texts
from graphengine.compat.comfyui.videos import is_video, video_texts
from graphengine.compat.picture_texts import PARAMETERS, is_picture, picture_texts
from graphengine.graph import document
from graphengine.graph.errors import CallError, DocumentError
from graphengine.graph.spec import NodeSpec
from graphengine.graph.workflow import Workflow

__all__ = ["FORMATS", "embedded_texts", "from_json", "read", "write"]

FORMATS = ("graphengine", "api", "editor")
MAX_FILE = 512 * 2**20
UNDERSTOOD = (
    "Understood are graphengine documents, ComfyUI graphs (as its editor saves them, or in API format), the texts that "
    "A1111's web UI saves with its pictures, and PNG, WebP, JPEG, GIF and AVIF pictures and MP4 and WebM films that "
    "hold one of them."
)
Specs = Mapping[str, NodeSpec]


def read(source: str | Path | bytes, specs: Specs) -> Workflow:
    """The workflow of a file (by path) or of its bytes.

    Raises:
        DocumentError: It cannot be read, or is none of the formats that are understood.
    """
    data = source if isinstance(source, bytes) else _load(Path(source))
    if is_picture(data):
        return _read_texts(picture_texts(data), "picture", specs)
    if is_video(data):
        return _read_texts(video_texts(data), "film", specs)
    is_utf_16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if b"\0" in data[:1024] and not is_utf_16:
        raise DocumentError(f"The file is not text; it begins with {data[:8]!r}.", UNDERSTOOD)
    if not data.lstrip().startswith((b"{", b"[")):
        text = data.decode("utf-16" if is_utf_16 else "utf-8-sig", "replace")
        if is_infotext(text):
            return _read_infotext(text)
    return from_json(document.parse(data), specs)


def from_json(data: Any, specs: Specs) -> Workflow:
    """The workflow of parsed JSON, also where it lies under ``prompt`` or ``workflow``, as clients post it.

    Raises:
        DocumentError: It is none of the formats that are understood.
    """
    found = _read_one(data, specs)
    if found is not None:
        return found
    for key in KEYS:
        held = data.get(key) if isinstance(data, dict) else None
        if held and isinstance(held, dict | str):
            return _read_held(document.parse(held) if isinstance(held, str) else held, key, specs)
    raise DocumentError(f"The document is no workflow: {_describe(data)}.", UNDERSTOOD)


def write(workflow: Workflow, format: str, specs: Specs) -> bytes:
    """The bytes of a workflow in one of ``FORMATS``.

    Raises:
        CallError: There is no such format.
        DocumentError: The format cannot say the workflow.
    """
    if format == "graphengine":
        return document.save(workflow)
    if format not in FORMATS:
        raise CallError(f"There is no format '{format}'.", f"Choose one of {', '.join(FORMATS)}.")
    data = write_api(workflow, specs) if format == "api" else write_editor(workflow, specs)
    return (json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode("utf-8", "backslashreplace")


def _load(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE + 1)
    except OSError as error:
        raise DocumentError(f"{path} cannot be read: {error.strerror or error}.") from error
    if len(data) > MAX_FILE:
        raise DocumentError(f"{path} has more than {MAX_FILE:,} bytes.")
    return data


def _read_texts(texts: Mapping[str, str], carrier: str, specs: Specs) -> Workflow:
    for key in KEYS:
        if key in texts:
            return _read_held(document.parse(texts[key]), key, specs)
    if PARAMETERS in texts:
        return _read_infotext(texts[PARAMETERS])
    held = f"it holds the texts {', '.join(map(repr, list(texts)[:10]))}" if texts else "it holds no texts at all"
    raise DocumentError(
        f"The {carrier} has no workflow in it: {held}.",
        "Use the file as it was saved: chat programs, websites and image editors remove what is embedded.",
    )


def _read_infotext(text: str) -> Workflow:
    from graphengine.compat.a1111.workflow import workflow_of  # only who meets such a text waits for it

    return workflow_of(text)


def _read_one(data: Any, specs: Specs) -> Workflow | None:
    if is_api(data):
        return read_api(data, specs)
    if is_editor(data):
        return read_editor(data, specs)
    if isinstance(data, dict) and type(data.get("graphengine")) is int:
        return document.from_json(data)
    return None


def _read_held(data: Any, key: str, specs: Specs) -> Workflow:
    """What lies under a key: a workflow, not once more a wrapper."""
    found = _read_one(data, specs)
    if found is None:
        raise DocumentError(f"What lies under '{key}' is no workflow: {_describe(data)}.", UNDERSTOOD)
    return found


def _describe(data: Any) -> str:
    if not isinstance(data, dict):
        return f"it is {'a list' if isinstance(data, list) else f'the value {str(data)[:40]!r}'}"
    return f"its fields are {', '.join(map(repr, list(data)[:8]))}" if data else "it is an empty object"
