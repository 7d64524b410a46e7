"""Kinds of files that a browser may show, told by name and content; everything else is bytes to it.

A kind is a table's row: its content type, its suffixes, and what its first bytes are. Nothing that can hold a script
is here: no HTML, no SVG, no PDF, no XML.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePath

HEAD = 64  # bytes that tell a kind


@dataclass(frozen=True)
class Kind:
    """A kind of file.

    Attributes:
        type: The content type.
        suffixes: In lower case, with the dot.
        fits: Whether a file that begins with these bytes is one.
        pillow: What pillow calls it, for pictures.
        inline: A browser may show it.
    """

    type: str
    suffixes: tuple[str, ...]
    fits: Callable[[bytes], bool]
    pillow: str | None = None
    inline: bool = True


def _starts(*magics: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(magics)


def _riff(form: bytes) -> Callable[[bytes], bool]:
    return lambda head: head[:4] == b"RIFF" and head[8:12] == form


def _iso(*brands: bytes) -> Callable[[bytes], bool]:
    """ISO base media (ISO/IEC 14496-12): a box ``ftyp`` with a brand; any brand when none is given."""
    return lambda head: head[4:8] == b"ftyp" and (not brands or head[8:12] in brands)


def _mpeg_audio(head: bytes) -> bool:
    return head.startswith(b"ID3") or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0)


KINDS = (
    Kind("image/png", (".png", ".apng"), _starts(b"\x89PNG\r\n\x1a\n"), "PNG"),
    Kind("image/jpeg", (".jpg", ".jpeg"), _starts(b"\xff\xd8\xff"), "JPEG"),
    Kind("image/webp", (".webp",), _riff(b"WEBP"), "WEBP"),
    Kind("image/gif", (".gif",), _starts(b"GIF87a", b"GIF89a"), "GIF"),
    Kind("image/bmp", (".bmp",), _starts(b"BM"), "BMP"),
    Kind("image/tiff", (".tif", ".tiff"), _starts(b"II*\0", b"MM\0*"), "TIFF"),
    Kind("image/avif", (".avif",), _iso(b"avif", b"avis", b"mif1", b"msf1"), "AVIF"),
    Kind("video/mp4", (".mp4", ".m4v"), _iso()),
    Kind("video/quicktime", (".mov",), _iso()),
    Kind("audio/mp4", (".m4a",), _iso()),
    Kind("video/webm", (".webm",), _starts(b"\x1a\x45\xdf\xa3")),
    Kind("video/matroska", (".mkv",), _starts(b"\x1a\x45\xdf\xa3")),
    Kind("audio/ogg", (".ogg", ".oga", ".opus"), _starts(b"OggS")),
    Kind("video/ogg", (".ogv",), _starts(b"OggS")),
    Kind("audio/wav", (".wav",), _riff(b"WAVE")),
    Kind("audio/flac", (".flac",), _starts(b"fLaC", b"ID3")),
    Kind("audio/mpeg", (".mp3",), _mpeg_audio),
    Kind("model/gltf-binary", (".glb",), _starts(b"glTF"), inline=False),
    Kind("application/zip", (".zip",), _starts(b"PK\x03\x04", b"PK\x05\x06"), inline=False),
)
BY_SUFFIX = {suffix: kind for kind in KINDS for suffix in kind.suffixes}
BYTES = "application/octet-stream"


def named_kind(name: str) -> Kind | None:
    """The kind that a name claims; None when it claims none of ours."""
    return BY_SUFFIX.get(PurePath(name).suffix.lower())


def shown_kind(path: Path) -> Kind | None:
    """The kind of a file that a browser may show: its name says so, and its content agrees.

    Raises:
        OSError: It cannot be read.
    """
    kind = named_kind(path.name)
    if kind is None or not kind.inline:
        return None
    return kind if kind.fits(head_of(path)) else None


def head_of(path: Path) -> bytes:
    """The first bytes of a file."""
    with path.open("rb") as file:
        return file.read(HEAD)
