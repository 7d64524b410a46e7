"""Files that users put here run nothing in anybody's browser."""

import asyncio
import os
from email.message import Message

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphengine.server.config import Limits, Serving
from graphengine.server.keys import PICTURES, THUMBNAILS
from graphengine.server.routes import Route
from graphengine.server.serving_files import answer_file, answer_picture, disposition, preview_format
from graphengine.server.thumbnails import EDGES

from .pictures import bomb, opened, png
from .served import client

HTML = b"<html><script>alert(document.cookie)</script></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def serving(folder):
    async def file(request):
        return await answer_file(folder / request.query["name"], download="download" in request.query)

    async def view(request):
        query, pictures = request.query, request.app[PICTURES]
        return await answer_picture(pictures, folder / query["name"], query.get("preview"), query.get("channel", ""))

    async def thumbnail(request):
        edge = int(request.query.get("edge", "256"))
        return await answer_file(await request.app[THUMBNAILS].get(folder / request.query["name"], edge))

    paths = {"/file": file, "/view": view, "/thumbnail": thumbnail}
    return tuple(Route("GET", path, handler, "A file.") for path, handler in paths.items())


def ask(tmp_path, *paths, limits=None, headers=None, method="GET"):
    """The answers to these paths: status, headers, body."""

    async def run():
        async with client(tmp_path, Serving(limits=limits or Limits()), routes=serving(tmp_path)) as served:
            answers = [await served.request(method, path, headers=headers) for path in paths]
            return [(answer.status, answer.headers, await answer.read()) for answer in answers]

    return asyncio.run(run())


@pytest.mark.parametrize(("name", "data"), [
    ("a.html", HTML), ("a.htm", HTML), ("a.xhtml", HTML), ("a.svg", SVG), ("a.xml", SVG), ("a.js", b"alert(1)"),
    ("a.css", b"*{}"), ("a.pdf", b"%PDF-1.7"), ("a", HTML), ("a.png", HTML), ("a.jpg", SVG), ("a.png.html", png()),
    ("a.mp4", HTML), ("a.wasm", b"\0asm"), ("a.mhtml", HTML), ("a.unknown", HTML), ("a.webp", b"RIFF1234WAVE"),
])  # fmt: skip
def test_what_can_hold_a_script_is_bytes_to_the_browser(tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    ((status, headers, body),) = ask(tmp_path, f"/file?name={name}")
    assert (status, body) == (200, data)
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Disposition"].startswith("attachment")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("sandbox;")


@pytest.mark.parametrize(("name", "data", "type"), [
    ("a.png", png(), "image/png"), ("A.PNG", png(), "image/png"), ("a.jpg", b"\xff\xd8\xff\xe0", "image/jpeg"),
    ("a.mp4", b"\0\0\0\x18ftypisom", "video/mp4"), ("a.wav", b"RIFF1234WAVE", "audio/wav"),
    ("a.webm", b"\x1a\x45\xdf\xa3", "video/webm"), ("a.mp3", b"ID3\3", "audio/mpeg"), ("a.flac", b"fLaC", "audio/flac"),
    ("a.png", png() + HTML, "image/png"),
])  # fmt: skip
def test_pictures_video_and_audio_are_shown_but_never_sniffed(tmp_path, name, data, type):
    (tmp_path / name).write_bytes(data)
    (_, headers, _), (_, kept, _) = ask(tmp_path, f"/file?name={name}", f"/file?name={name}&download")
    assert headers["Content-Type"] == type
    assert headers["Content-Disposition"].startswith("inline")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("sandbox;")
    assert kept["Content-Disposition"].startswith("attachment")


def test_players_get_ranges_and_browsers_a_304(tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"\0\0\0\x18ftypisom" + bytes(range(100)))
    ((status, headers, body),) = ask(tmp_path, "/file?name=a.mp4", headers={"Range": "bytes=12-15"})
    assert (status, body, headers["Content-Range"]) == (206, b"\0\1\2\3", "bytes 12-15/112")
    ((_, headers, _),) = ask(tmp_path, "/file?name=a.mp4")
    ((status, _, body),) = ask(tmp_path, "/file?name=a.mp4", headers={"If-None-Match": headers["ETag"]})
    assert (status, body) == (304, b"")
    ((status, _, _),) = ask(tmp_path, "/file?name=a.mp4", headers={"Range": "bytes=900-"})
    assert status == 416


@pytest.mark.parametrize("asked", [
    "bytes=0-1,4-5", "bytes=abc", "bytes=5-2", "bytes=-", "bytes", "items=0-1", "bytes=0-1;x", "",
])  # fmt: skip
def test_a_range_that_is_not_one_range_of_bytes_is_passed_over(tmp_path, asked):
    (tmp_path / "a.bin").write_bytes(b"0123456789")
    for status, headers, body in ask(tmp_path, *["/file?name=a.bin"] * 2, headers={"range": asked}):
        assert (status, body, headers["Content-Length"]) == (200, b"0123456789", "10")
        assert "Content-Range" not in headers


def test_head_has_no_ranges(tmp_path):
    (tmp_path / "a.bin").write_bytes(b"0123456789")
    for asked in ("bytes=0-1", "bytes=900-"):
        ((status, headers, _),) = ask(tmp_path, "/file?name=a.bin", headers={"Range": asked}, method="HEAD")
        assert (status, headers["Content-Length"], headers["Accept-Ranges"]) == (200, "10", "bytes")
        assert "Content-Range" not in headers


def test_a_part_of_another_state_of_a_file_is_never_sent(tmp_path):
    path = tmp_path / "a.bin"

    def part(condition, asked="bytes=2-3"):
        ((status, _, body),) = ask(tmp_path, "/file?name=a.bin", headers={"Range": asked, "If-Range": condition})
        return status, body

    path.write_bytes(b"0123456789")
    os.utime(path, ns=(10**18 + 1, 10**18 + 1))
    ((_, headers, _),) = ask(tmp_path, "/file?name=a.bin")
    tag, date = headers["ETag"], headers["Last-Modified"]
    assert part(tag) == part(date) == (206, b"23")
    assert part(tag, "bytes=900-")[0] == 416
    whole = (200, b"0123456789")
    assert part(f"W/{tag}") == part('"other"') == part("*") == part("soon") == part(tag.strip('"')) == whole
    assert part('"other"', "bytes=900-") == whole

    path.write_bytes(b"abcdefghij")
    for seconds in (2 * 10**9, 10**8):  # later, and earlier, as one that was brought back
        os.utime(path, (seconds, seconds))
        assert part(tag) == part(date) == (200, b"abcdefghij")


def test_a_compressed_neighbour_does_not_take_the_place_of_a_file(tmp_path):
    (tmp_path / "a.png").write_bytes(png())
    (tmp_path / "a.png.gz").write_bytes(b"\x1f\x8b" + HTML)
    ((_, headers, body),) = ask(tmp_path, "/file?name=a.png", headers={"Accept-Encoding": "gzip"})
    assert body == png()
    assert "Content-Encoding" not in headers


@pytest.mark.parametrize(
    "path",
    [
        "/file?name=none.png",
        "/file?name=folder",
        "/file?name=none.txt",
        "/view?name=none.png&preview=webp;80",
        "/view?name=none.png",
        "/thumbnail?name=none.png",
    ],
)
def test_a_missing_file_is_told_without_its_folder(tmp_path, path):
    (tmp_path / "folder").mkdir()
    ((status, _, body),) = ask(tmp_path, path)
    assert status == 404
    assert b"no_such_file" in body
    assert str(tmp_path).encode() not in body


@given(st.text(st.characters(codec=None), max_size=40))
def test_no_name_breaks_out_of_its_header(name):
    header = disposition(name, inline=True)
    assert header.isascii() and header.isprintable()
    assert header.count('"') == 2
    message = Message()
    message["Content-Disposition"] = header
    assert message.get_content_disposition() == "inline"


def test_a_name_comes_back_from_its_header():
    assert disposition('ä "b"\r\nX: y.png', inline=False) == (
        "attachment; filename=\"_ _b___X: y.png\"; filename*=UTF-8''%C3%A4%20%22b%22%0D%0AX%3A%20y.png"
    )


@pytest.mark.parametrize(("preview", "shown", "expected"), [
    ("webp;90", "", ("webp", 90)), ("jpeg;80", "", ("jpeg", 80)), ("jpeg", "", ("jpeg", 90)), ("jpeg;80",
    "a", ("webp", 80)),
    ("jpeg;80", "rgb", ("jpeg", 80)), ("png;80", "", ("webp", 80)), ("", "", ("webp", 90)), ("webp;0", "", ("webp", 1)),
    ("webp;999", "", ("webp", 100)), ("webp;9999999999", "", ("webp", 90)), ("webp;²", "", ("webp", 90)),
])  # fmt: skip
def test_a_preview_is_read_as_comfyui_reads_it(preview, shown, expected):
    assert preview_format(preview, shown) == expected


def test_view_gives_other_formats_and_single_channels(tmp_path):
    (tmp_path / "a.png").write_bytes(png(color=(255, 0, 0, 128), texts={"workflow": "secret"}))
    (tmp_path / "b.png").write_bytes(png(color=(1, 2, 3), mode="RGB"))
    answers = ask(tmp_path, *[
        f"/view?name={query}" for query in ("a.png", "a.png&preview=webp;90", "a.png&preview=jpeg;80",
        "a.png&channel=rgb",
                                            "a.png&channel=a", "b.png&channel=a", "a.png&channel=rgba")
    ])  # fmt: skip
    whole, webp, jpeg, rgb, alpha, opaque, rgba = ((headers["Content-Type"], body) for _, headers, body in answers)
    assert whole == rgba == ("image/png", png(color=(255, 0, 0, 128), texts={"workflow": "secret"}))
    assert webp[0] == "image/webp" and opened(webp[1]).format == "WEBP" and opened(webp[1]).mode == "RGBA"
    assert jpeg[0] == "image/jpeg" and opened(jpeg[1]).format == "JPEG" and b"secret" not in jpeg[1]
    assert rgb[0] == "image/png" and opened(rgb[1]).getpixel((0, 0)) == (255, 0, 0)
    assert opened(alpha[1]).getchannel("A").getpixel((0, 0)) == 128
    assert opened(opaque[1]).getchannel("A").getpixel((0, 0)) == 255


@pytest.mark.filterwarnings("ignore::UserWarning")  # of pillow, at what is no picture
@pytest.mark.parametrize("path", [
    "/view?name=a.png&preview=webp;90", "/view?name=a.png&channel=a", "/thumbnail?name=a.png",
])  # fmt: skip
@pytest.mark.parametrize(("data", "limit", "status"), [
    (bomb(), 2**26, 413), (bomb(10_000, 10_000), 2**26, 413), (png((64, 64)), 4095, 413), (png((64, 64)), 4096, 200),
    (HTML, 2**26, 415), (png((64, 64))[:-40], 2**26, 415), (b"%!PS-Adobe-3.0 EPSF-3.0\n", 2**26, 415),
    (b"II*\0" + b"\xff" * 50, 2**26, 415), (b"P6 1 1 255\n\0\0\0", 2**26, 415),
])  # fmt: skip
def test_a_picture_of_too_many_pixels_or_none_is_refused(tmp_path, path, data, limit, status):
    (tmp_path / "a.png").write_bytes(data)
    assert ask(tmp_path, path, limits=Limits(pixels=limit))[0][0] == status


def test_a_thumbnail_is_made_once_and_again_when_the_picture_changes(tmp_path):
    (tmp_path / "a.png").write_bytes(png((600, 300)))
    kept = tmp_path / "cache" / "thumbnails"
    ((_, headers, body),) = ask(tmp_path, "/thumbnail?name=a.png&edge=100")
    assert headers["Content-Type"] == "image/webp"
    assert opened(body).size == (128, 64)
    (path,) = kept.rglob("*.webp")
    made = path.stat().st_mtime_ns
    assert [one[2] for one in ask(tmp_path, *["/thumbnail?name=a.png&edge=101"] * 3)] == [body] * 3
    assert path.stat().st_mtime_ns == made
    (tmp_path / "a.png").write_bytes(png((300, 600)))
    assert opened(ask(tmp_path, "/thumbnail?name=a.png&edge=100")[0][2]).size == (64, 128)
    ask(tmp_path, *[f"/thumbnail?name=a.png&edge={edge}" for edge in range(0, 100_000, 5000)])
    assert len(list(kept.rglob("*"))) <= 2 * 2 * len(EDGES)  # files and their folders, of two states
