import io
import struct
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from graphengine.compat.comfyui.embedded import exif_fields
from graphengine.compat.picture_texts import GIF, JPEG, PARAMETERS, PNG, is_picture, picture_texts
from graphengine.graph.errors import DocumentError

TEXTS = {"prompt": '{"1": {"class_type": "K"}}', "workflow": '{"nodes": [], "links": []}'}
AVIF = b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf"
WEBP = b"RIFF\x00\x00\x00\x00WEBP"


def saved(format, **options):
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, format, **options)
    return buffer.getvalue()


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def with_exif(format, tags):
    exif = Image.Exif()
    for tag, text in tags.items():
        exif[tag] = text
    return saved(format, exif=exif)


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("international", [False, True])
def test_texts_of_a_png_are_read_in_every_kind_of_chunk(compressed, international):
    info = PngInfo()
    add = info.add_itxt if international else info.add_text
    for key, text in TEXTS.items():
        add(key, text, zip=compressed)
    assert picture_texts(saved("PNG", pnginfo=info)) == TEXTS


def test_text_after_the_pixels_and_in_utf_8_is_read_too():
    picture = saved("PNG")
    late = picture[:-12] + chunk(b"tEXt", b"prompt\0" + "é 猫".encode()) + picture[-12:]
    assert picture_texts(late) == {"prompt": "é 猫"}


@pytest.mark.parametrize("format", ["WEBP", "JPEG"])
def test_exif_of_webp_and_jpeg_is_read(format):
    picture = with_exif(format, exif_fields(TEXTS))
    assert is_picture(picture)
    assert picture_texts(picture) == TEXTS


@pytest.mark.parametrize("format", ["PNG", "WEBP", "JPEG", "GIF", "AVIF"])
def test_a_picture_without_texts_has_none(format):
    assert picture_texts(saved(format)) == {}


def test_comments_of_a_gif_are_read():
    picture = saved("GIF", comment=b"a" * 700, loop=0, transparency=1)
    assert picture_texts(picture) == {PARAMETERS: "a" * 700}


def test_an_avif_that_cannot_be_read_is_a_picture_without_texts():
    assert is_picture(AVIF)
    assert picture_texts(AVIF) == {}


def test_a_text_that_unpacks_to_more_than_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr("graphengine.compat.picture_texts.MAX_TEXT", 1000)
    info = PngInfo()
    info.add_text("prompt", "x" * 5000, zip=True)
    with pytest.raises(DocumentError, match="more than 1,000 bytes"):
        picture_texts(saved("PNG", pnginfo=info))


@pytest.mark.parametrize("kind", [b"zTXt", b"iTXt"])
def test_a_text_is_not_unpacked_beyond_the_limit(monkeypatch, kind):
    monkeypatch.setattr("graphengine.compat.picture_texts.MAX_TEXT", 2**20)
    packed = zlib.compress(bytes(2**26))
    body = b"prompt\0\0" + packed if kind == b"zTXt" else b"prompt\0\1\0\0\0" + packed
    tracemalloc.start()
    try:
        with pytest.raises(DocumentError, match="more than 1,048,576 bytes"):
            picture_texts(PNG + chunk(kind, body))
        assert tracemalloc.get_traced_memory()[1] < 2**23
    finally:
        tracemalloc.stop()


def test_texts_that_share_a_place_count_each_for_itself(monkeypatch):
    monkeypatch.setattr("graphengine.compat.picture_texts.MAX_TEXT", 100_000)
    entry = struct.pack("<HHII", 0x010E, 2, 60_000, 0)
    exif = (b"II*\0" + struct.pack("<IH", 8, 2) + entry * 2).ljust(65_000, b"a")
    picture = b"\xff\xd8\xff\xe1" + struct.pack(">H", len(exif) + 8) + b"Exif\0\0" + exif
    with pytest.raises(DocumentError, match="more than 100,000 bytes"):
        picture_texts(picture)


def test_texts_that_unpack_to_more_than_the_limit_together_are_refused(monkeypatch):
    monkeypatch.setattr("graphengine.compat.picture_texts.MAX_TEXT", 1000)
    info = PngInfo()
    for key in ("prompt", "workflow"):
        info.add_text(key, "x" * 600, zip=True)
    with pytest.raises(DocumentError, match="more than 1,000 bytes"):
        picture_texts(saved("PNG", pnginfo=info))


def told(picture):
    """Whether people learn something true of a picture: nothing but texts, or that it is the picture's fault."""
    try:
        texts = picture_texts(picture)
    except DocumentError as error:
        return error.message.startswith("The picture ")
    return all(type(part) is str for item in texts.items() for part in item)


@given(st.sampled_from([PNG, JPEG, WEBP, AVIF, *GIF]), st.binary(max_size=200))
def test_a_damaged_picture_gives_texts_or_a_document_error(start, rest):
    assert told(start + rest)


@given(st.binary(max_size=120), st.sampled_from([b"II*\0", b"MM\0*"]))
def test_damaged_exif_gives_texts_or_a_document_error(rest, order):
    body = b"Exif\0\0" + order + rest
    assert told(b"\xff\xd8\xff\xe1" + struct.pack(">H", len(body) + 2) + body)


@given(st.sampled_from([b"tEXt", b"zTXt", b"iTXt"]), st.binary(max_size=60))
def test_damaged_text_chunks_give_texts_or_a_document_error(kind, body):
    assert told(PNG + chunk(kind, body))
