"""Workflows inside films: what ComfyUI's nodes write into the metadata of MP4, MOV, WebM and Matroska files.

    MP4, MOV        ``moov``, there ``udta`` or not, there ``meta``: ``ilst`` holds the values of the keys of ``keys``,
                    or of Apple's own, such as a comment (ISO 14496-12; QuickTime File Format, Metadata)
    WebM, Matroska  ``Tags`` (RFC 9559, section 5.1.8)

Keys are ``prompt`` and ``workflow``, or there is one ``comment`` with a JSON object of both. Nothing is decoded.
"""

import json
import struct
from collections.abc import Iterator
from typing import NamedTuple

from graphengine.graph import document
from graphengine.graph.errors import DocumentError

EBML = b"\x1a\x45\xdf\xa3"
SEGMENT, TAGS, TAG, SIMPLE_TAG, TAG_NAME, TAG_STRING = 0x18538067, 0x1254C367, 0x7373, 0x67C8, 0x45A3, 0x4487
COMMENT = "comment"
APPLE = {b"\xa9cmt": COMMENT}
MOST_PARTS = 200_000  # of one level of a file, so that a hostile one costs seconds


class Part(NamedTuple):
    """A part of a file: what it is, and where its contents lie."""

    name: bytes | int
    start: int
    end: int


def is_video(data: bytes) -> bool:
    """Whether a file is of one of these formats, by its first bytes."""
    return data[4:8] == b"ftyp" or data.startswith(EBML)


def video_texts(data: bytes) -> dict[str, str]:
    """The texts of a film's metadata by key, in lower case; those of a comment in JSON among them.

    Raises:
        DocumentError: The film is damaged, or its texts are larger than the limit.
    """
    texts: dict[str, str] = {}
    left = document.MAX_BYTES
    try:
        for key, start, end in _matroska(data) if data.startswith(EBML) else _mp4(data):
            left -= len(key) + end - start
            if left < 0:
                raise DocumentError(f"The film holds texts of more than {document.MAX_BYTES:,} bytes.")
            texts[key.lower()] = data[start:end].decode(errors="replace").rstrip("\0")
    except (struct.error, IndexError) as error:
        raise DocumentError(f"The film is damaged: {error}.") from error
    return {**_inside(texts.get(COMMENT, "")), **texts}


def _inside(comment: str) -> dict[str, str]:
    if not comment.lstrip().startswith("{"):
        return {}
    try:
        held = document.parse(comment)
    except DocumentError:
        return {}
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in held.items()}


def _mp4(data: bytes) -> Iterator[tuple[str, int, int]]:
    for movie in _boxes(data, 0, len(data), b"moov"):
        for place in (movie, *_boxes(data, movie.start, movie.end, b"udta")):
            for meta in _boxes(data, place.start, place.end, b"meta"):
                # of a version in MP4, of none in QuickTime, where the first box begins at once
                start = meta.start if data[meta.start + 4 : meta.start + 8] == b"hdlr" else meta.start + 4
                yield from _items(data, start, meta.end)


def _items(data: bytes, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    keys: dict[bytes, str] = dict(APPLE)
    for part in _boxes(data, start, end, b"keys"):
        for number, key in enumerate(_boxes(data, part.start + 8, part.end), 1):
            keys[struct.pack(">I", number)] = data[key.start : key.end].decode(errors="replace")
    for items in _boxes(data, start, end, b"ilst"):
        for item in _boxes(data, items.start, items.end):
            for value in _boxes(data, item.start, item.end, b"data"):
                if item.name in keys:
                    yield keys[item.name], value.start + 8, value.end


def _boxes(data: bytes, start: int, end: int, name: bytes = b"") -> Iterator[Part]:
    """The boxes of a stretch, or those of a name (ISO 14496-12, section 4.2)."""
    for _ in range(MOST_PARTS):
        if start + 8 > end:
            return
        size, kind = struct.unpack_from(">I4s", data, start)
        head = 8
        if size == 1:
            (size,), head = struct.unpack_from(">Q", data, start + 8), 16
        stop = end if size == 0 else start + size
        if (size and size < head) or stop > end:
            return
        if name in (b"", kind):
            yield Part(kind, start + head, stop)
        start = stop


def _matroska(data: bytes) -> Iterator[tuple[str, int, int]]:
    for segment in _elements(data, 0, len(data), SEGMENT):
        for tags in _elements(data, segment.start, segment.end, TAGS):
            for tag in _elements(data, tags.start, tags.end, TAG):
                for simple in _elements(data, tag.start, tag.end, SIMPLE_TAG):
                    parts = {part.name: part for part in _elements(data, simple.start, simple.end)}
                    name, text = parts.get(TAG_NAME), parts.get(TAG_STRING)
                    if name and text:
                        yield data[name.start : name.end].decode(errors="replace"), text.start, text.end


def _elements(data: bytes, start: int, end: int, name: int = 0) -> Iterator[Part]:
    """The elements of a stretch, or those of a name (RFC 8794, section 3)."""
    for _ in range(MOST_PARTS):
        if start >= end:
            return
        kind, start, _ = _number(data, start, marked=True)
        size, start, unknown = _number(data, start)
        stop = end if unknown else min(end, start + size)
        if name in (0, kind):
            yield Part(kind, start, stop)
        start = stop


def _number(data: bytes, place: int, *, marked: bool = False) -> tuple[int, int, bool]:
    """A number of variable length, where it ends, and whether it says that it is unknown; ``marked`` keeps its mark."""
    length = 9 - data[place].bit_length()
    if length > 8 or place + length > len(data):
        raise IndexError(f"no number at {place}")
    value = int.from_bytes(data[place : place + length])
    bare = value & ((1 << 7 * length) - 1)
    return (value if marked else bare), place + length, bare == (1 << 7 * length) - 1
