"""Texts inside pictures, by key.

    PNG         text chunks (tEXt, zTXt, iTXt)
    WebP, JPEG  Exif tags of the main directory, ``key:text``, as ComfyUI writes them
    AVIF        the same, where Pillow finds them
    GIF         comments

A1111's text is under the key ``parameters`` of a PNG, the user's comment of an Exif block, and a GIF's comment; all are
``parameters`` here.

Pixels are never decoded, and whatever is compressed is limited: a hostile file costs no more than its size.
"""

import codecs
import io
import struct
import zlib
from collections.abc import Iterator

from graphengine.graph import document
from graphengine.graph.errors import DocumentError

PARAMETERS = "parameters"
TEXT_TYPES = (1, 2, 7)  # byte, ASCII, undefined
EXTENSION, COMMENT = 0x21, 0xFE  # of a GIF
EXIF_DIRECTORY, USER_COMMENT = 0x8769, 0x9286
COMMENT_CODES = {b"UNICODE\0": None, b"ASCII\0\0\0": "latin-1", b"\0" * 8: "utf-8"}  # None: UTF-16
MAX_TEXT = document.MAX_BYTES

PNG, RIFF, JPEG = b"\x89PNG\r\n\x1a\n", b"RIFF", b"\xff\xd8\xff"
GIF = (b"GIF87a", b"GIF89a")
AVIF = (b"avif", b"avis")


def is_picture(data: bytes) -> bool:
    """Whether a file is a PNG, WebP, JPEG, GIF or AVIF, by its first bytes."""
    return data.startswith((PNG, JPEG, *GIF)) or (data.startswith(RIFF) and data[8:12] == b"WEBP") or _is_avif(data)


def _is_avif(data: bytes) -> bool:
    return data[4:8] == b"ftyp" and data[8:12] in AVIF


def picture_texts(data: bytes) -> dict[str, str]:
    """All texts of a picture by key.

    Raises:
        DocumentError: The picture is damaged, or its texts together are larger than the limit.
    """
    texts: dict[str, str] = {}
    left = MAX_TEXT
    try:
        for key, text in _raw_texts(data):
            left -= len(text)
            if left < 0:
                raise _too_much()
            texts[key] = _decode(text)
    except (struct.error, zlib.error, IndexError) as error:
        raise DocumentError(f"The picture is damaged: {error}.") from error
    texts.pop("", None)
    return texts


def _raw_texts(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Every text by key, also those without one; several may lie in one place, so they are more than the file."""
    if data.startswith(PNG):
        return _png_texts(data)
    if data.startswith(GIF):
        return _gif_texts(data)
    if _is_avif(data):
        return _exif_texts(_avif_exif(data))
    return _exif_texts(_webp_exif(data) if data.startswith(RIFF) else _jpeg_exif(data))


def _png_texts(data: bytes) -> Iterator[tuple[str, bytes]]:
    position = len(PNG)
    while position + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, position)
        body = data[position + 8 : position + 8 + length]
        if kind in (b"tEXt", b"zTXt", b"iTXt"):
            key, _, rest = body.partition(b"\0")
            yield key.decode("latin-1"), _png_text(kind, rest)
        if kind == b"IEND":
            return
        position += 12 + length


def _png_text(kind: bytes, body: bytes) -> bytes:
    if kind == b"tEXt":
        return body
    if kind == b"zTXt":
        return _inflate(body[1:])
    compressed = body[0] == 1
    _, _, text = body[2:].split(b"\0", 2) if body[2:].count(b"\0") >= 2 else (b"", b"", b"")
    return _inflate(text) if compressed else text


def _inflate(data: bytes) -> bytes:
    inflater = zlib.decompressobj()
    text = inflater.decompress(data, MAX_TEXT)
    if inflater.unconsumed_tail:
        raise _too_much()
    return text


def _too_much() -> DocumentError:
    return DocumentError(f"The picture holds texts of more than {MAX_TEXT:,} bytes.")


def _decode(text: bytes) -> str:
    """UTF-8 where it is, as many programs write it wherever Latin-1 should be."""
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text.decode("latin-1")


def _webp_exif(data: bytes) -> bytes:
    position = 12
    while position + 8 <= len(data):
        kind, length = struct.unpack_from("<4sI", data, position)
        if kind == b"EXIF":
            return data[position + 8 : position + 8 + length].removeprefix(b"Exif\0\0")
        position += 8 + length + length % 2
    return b""


def _jpeg_exif(data: bytes) -> bytes:
    position = 2
    while position + 4 <= len(data) and data[position] == 0xFF and data[position + 1] != 0xDA:
        (length,) = struct.unpack_from(">H", data, position + 2)
        body = data[position + 4 : position + 2 + length]
        if data[position + 1] == 0xE1 and body.startswith(b"Exif\0\0"):
            return body[6:]
        position += 2 + length
    return b""


def _avif_exif(data: bytes) -> bytes:
    """Its boxes may point anywhere, so the library that reads them finds it; none where it cannot."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data), formats=["AVIF"]) as picture:
            exif: bytes = picture.info.get("exif", b"")
    except (
        UnidentifiedImageError,
        KeyError,
        OSError,
        ValueError,
        SyntaxError,
        RuntimeError,
        Image.DecompressionBombError,
    ):
        return b""
    return exif.removeprefix(b"Exif\0\0")


def _gif_texts(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Comments (GIF89a, section 24): between the colours and the first picture."""
    position = 13 + _colours(data[10])
    while data[position] == EXTENSION:
        kind, blocks = data[position + 1], []
        position += 2
        while size := data[position]:
            blocks.append(data[position + 1 : position + 1 + size])
            position += 1 + size
        if kind == COMMENT:
            yield PARAMETERS, b"".join(blocks)
        position += 1


def _colours(flags: int) -> int:
    """Bytes of a table of colours."""
    return 3 * 2 ** (flags % 8 + 1) if flags & 0x80 else 0


def _exif_texts(exif: bytes) -> Iterator[tuple[str, bytes]]:
    """The ``key:text`` entries of the main directory (TIFF 6.0, section 2), and the user's comment."""
    if exif[:2] not in (b"II", b"MM"):
        return
    order = "<" if exif[:2] == b"II" else ">"
    (directory,) = struct.unpack_from(f"{order}I", exif, 4)
    for tag, type, value in _entries(exif, directory, order):
        if tag == EXIF_DIRECTORY:
            (inner,) = struct.unpack_from(f"{order}I", exif, value.start)
            yield from _comments(exif, inner, order)
        elif type in TEXT_TYPES:
            key, colon, text = exif[value.start : value.stop].rstrip(b"\0").partition(b":")
            yield (_decode(key), text) if colon else ("", key)


def _entries(exif: bytes, directory: int, order: str) -> Iterator[tuple[int, int, range]]:
    """Tag, type and place of each value of a directory, as far as values are bytes."""
    (count,) = struct.unpack_from(f"{order}H", exif, directory)
    for entry in range(count):
        start = directory + 2 + 12 * entry
        tag, type, length = struct.unpack_from(f"{order}HHI", exif, start)
        place = start + 8
        if type in TEXT_TYPES and length > 4:
            (place,) = struct.unpack_from(f"{order}I", exif, place)
        yield tag, type, range(place, place + length)


def _comments(exif: bytes, directory: int, order: str) -> Iterator[tuple[str, bytes]]:
    """The user's comment (Exif 2.3, section 4.6.5), in UTF-8: eight bytes tell how it is written."""
    for tag, type, value in _entries(exif, directory, order):
        if tag != USER_COMMENT or type not in TEXT_TYPES:
            continue
        code, text = exif[value.start : value.start + 8], exif[value.start + 8 : value.stop]
        if code in COMMENT_CODES:
            yield PARAMETERS, text.decode(COMMENT_CODES[code] or _utf_16(text, order), "replace").encode()


def _utf_16(text: bytes, order: str) -> str:
    """Which of the two UTF-16 a text is in: programs do not keep to the order of the block. Its mark or Latin letters
    tell."""
    if text.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    high, low = text[0::2].count(0), text[1::2].count(0)
    if high == low:
        return "utf-16-le" if order == "<" else "utf-16-be"
    return "utf-16-be" if high > low else "utf-16-le"
