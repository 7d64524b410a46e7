"""Uploads: whole, checked, never over another file, and nothing left behind."""

import asyncio
import errno
import io
import json
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from aiohttp import FormData
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageSequence

from graphengine.server import uploads
from graphengine.server.answers import json_answer
from graphengine.server.config import Limits, Serving
from graphengine.server.keys import PICTURES, SERVING
from graphengine.server.routes import Route
from graphengine.server.uploads import claim, receive_mask, receive_upload, store, sweep

from .pictures import bomb, opened, png
from .served import client, connected, real

# an example is a whole application: the first that fails is told, and not shrunk for minutes
FIRST = (Phase.explicit, Phase.reuse, Phase.generate)


def routes(home):
    roots = {name: home / name for name in ("input", "output", "temp")}

    async def upload(request):
        app = request.app
        return json_answer(await receive_upload(request, roots, app[SERVING].limits, app[PICTURES]))

    async def mask(request):
        app = request.app
        return json_answer([await receive_mask(request, roots, app[SERVING].limits, app[PICTURES])])

    return (
        Route("POST", "/upload", upload, "Stores files.", compatible=True),
        Route("POST", "/mask", mask, "Stores a mask.", compatible=True),
    )


def form(*files, **fields):
    """A form: files are (name, content); the fields come after them, as ComfyUI's page sends them."""
    data = FormData(default_to_multipart=True)
    for name, content in files:
        data.add_field("image", io.BytesIO(content), filename=name, content_type="application/octet-stream")
    for name, value in fields.items():
        data.add_field(name, value)
    return data


def by_hand(name, content=b"1", **fields):
    """A form whose names are not quoted, as no browser would send it; nor as curl, but for quotes."""
    name = name.replace('"', '\\"')
    parts = [f'Content-Disposition: form-data; name="{key}"\r\n\r\n{value}' for key, value in fields.items()]
    parts.append(f'Content-Disposition: form-data; name="image"; filename="{name}"\r\n\r\n')
    heads = [f"--x\r\n{part}".encode(errors="surrogatepass") for part in parts]
    return b"\r\n".join(heads) + content + b"\r\n--x--\r\n"


def send(home, *forms, path="/upload", limits=None):
    """The answers to these forms: status and JSON."""

    async def run():
        async with client(home, Serving(limits=limits or Limits()), routes=routes(home)) as served:
            made = {"Content-Type": "multipart/form-data; boundary=x"}
            answers = [
                await served.post(path, data=form, headers=made if isinstance(form, bytes) else None) for form in forms
            ]
            return [(answer.status, await answer.json()) for answer in answers]

    return asyncio.run(run())


def tree(home):
    return {str(path.relative_to(home)): path.read_bytes() for path in home.rglob("*") if path.is_file()}


def ref(name, subfolder="", type="input"):
    return {"filename": name, "subfolder": subfolder, "type": type}


def test_a_file_is_stored_where_its_fields_say(tmp_path):
    answers = send(tmp_path, form(("a.txt", b"1")), form(("b.txt", b"2"), type="output", subfolder="x/y"))
    assert answers == [(200, [ref("a.txt")]), (200, [ref("b.txt", "x/y", "output")])]
    assert tree(tmp_path) == {"input/a.txt": b"1", "output/x/y/b.txt": b"2"}


def test_nothing_is_overwritten_unless_asked(tmp_path):
    contents = [b"1", b"2", b"1", b"2", b"3"]
    answers = send(tmp_path, *[form(("a.txt", content)) for content in contents])
    names = [answer[0]["filename"] for _, answer in answers]
    assert names == ["a.txt", "a (1).txt", "a.txt", "a (1).txt", "a (2).txt"]
    assert send(tmp_path, form(("a.txt", b"4"), overwrite="true")) == [(200, [ref("a.txt")])]
    assert tree(tmp_path) == {"input/a.txt": b"4", "input/a (1).txt": b"2", "input/a (2).txt": b"3"}


def test_what_is_in_no_name_on_some_systems_becomes_an_underscore_and_the_answer_tells_the_name(tmp_path):
    names = ["16:9?.png", 'a*"b"<c>|d.png', "x/y/1:2.png", "4:3?.png"]
    picture, other = png((4, 4)), png((4, 4), color=(1, 2, 3, 128))
    answers = send(tmp_path, *[by_hand(name, picture) for name in names])
    assert [status for status, _ in answers] == [200] * 4
    assert [stored["filename"] for _, (stored,) in answers] == ["16_9_.png", "a__b__c__d.png", "1_2.png", "4_3_.png"]
    assert send(tmp_path, by_hand("16?9:.png", other)) == [(200, [ref("16_9_ (1).png")])]
    original = {"original_ref": json.dumps(ref("16_9_.png"))}
    assert send(tmp_path, by_hand("mask:1.png", other, **original), path="/mask") == [(200, [ref("mask_1.png")])]
    assert set(tree(tmp_path)) == {
        f"input/{name}"
        for name in ("16_9_.png", "16_9_ (1).png", "4_3_.png", "a__b__c__d.png", "mask_1.png", "x/y/1_2.png")
    }


@pytest.mark.parametrize("links", [True, False])
def test_uploads_at_a_time_never_get_one_name(tmp_path, monkeypatch, links):
    if not links:  # as on FAT
        monkeypatch.setattr(os, "link", lambda *paths: (_ for _ in ()).throw(PermissionError(1, "no links")))

    async def run():
        async with client(tmp_path, routes=routes(tmp_path)) as served:
            await asyncio.gather(*[served.post("/upload", data=form(("a.txt", b"%d" % n))) for n in range(20)])

    asyncio.run(run())
    assert sorted(tree(tmp_path).values()) == sorted(b"%d" % n for n in range(20))


@pytest.mark.parametrize(("name", "fields"), [
    ("../a.txt", {}), ("x//../../a.txt", {}), ("C:\\a.txt", {}), ("C:\\\\a.txt", {}), ("c:?.txt", {}),
    ("..\\\\a.txt", {}), ("a\0.txt", {}),
    ("x" * 300, {}), (" ", {}),
    ("a.txt", {"subfolder": ".."}), ("a.txt", {"subfolder": "/etc/../.."}), ("a.txt", {"subfolder": "x/../../y"}),
    ("a.txt", {"type": "../output"}), ("a.txt", {"type": "models"}), ("a.txt", {"subfolder": "out"}), ("out", {}),
    ("a.txt", {"subfolder": "．．"}), ("．．／a.txt", {}), ("folder", {}), ("a.txt", {"subfolder": "\u202e"}),
])  # fmt: skip
def test_a_name_that_leads_out_stores_nothing(tmp_path, name, fields):
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    elsewhere.mkdir()
    (home / "input" / "folder").mkdir(parents=True)
    (home / "input" / "out").symlink_to(elsewhere)
    ((status, answer),) = send(home, by_hand(name, **fields))
    assert status == 400, answer
    assert answer["error"]["message"]
    assert str(tmp_path) not in json.dumps(answer)
    assert tree(tmp_path) == {}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@settings(max_examples=30, phases=FIRST)
@given(st.lists(st.tuples(st.text(max_size=12), st.text(max_size=12)), min_size=20, max_size=20))
def test_any_names_store_inside_or_are_refused(tmp_path_factory, pairs):
    base = tmp_path_factory.mktemp("any")
    home = base / "home"
    answers = send(home, *[by_hand(name, subfolder=sub) for name, sub in pairs])
    assert {status for status, _ in answers} <= {200, 400}
    assert all(name.startswith("home/input/") for name in tree(base))


HTML = b"<html><script>1</script></html>"


@pytest.mark.filterwarnings("ignore::UserWarning")  # of pillow, at what is no picture
@pytest.mark.parametrize(("name", "content", "status"), [
    ("a.png", HTML, 415), ("a.jpg", png(), 415), ("a.webp", b"RIFF1234WAVE", 415), ("a.mp4", HTML, 415),
    ("a.zip", HTML, 415),
    ("a.png", b"", 415), ("a.png", png()[:20], 415), ("a.png", bomb(), 413), ("a.png", bomb(9000, 9000), 413),
    ("a.tiff", b"II*\0" + b"\xff" * 60, 415), ("a.gif", b"GIF89a", 415), ("a.avif", b"\0\0\0\x18ftypavif", 415),
    ("a.png", png(), 200), ("a.bin", HTML, 200), ("a", b"", 200), ("a.mp4", b"\0\0\0\x18ftypisom", 200),
])  # fmt: skip
def test_a_file_must_be_what_its_name_says(tmp_path, name, content, status):
    ((given, answer),) = send(tmp_path, form((name, content)))
    assert given == status, answer
    assert list(tree(tmp_path)) == ([f"input/{name}"] if status == 200 else [])


def test_uploads_are_limited_in_bytes_files_and_fields(tmp_path):
    limits = Limits(upload_bytes=1000, uploads=2)
    answers = send(
        tmp_path,
        form(("a", b"x" * 1001)), form(("a", b"x" * 600), ("b", b"x" * 600)), form(("a", b"1"), ("b", b"2"), ("c",
        b"3")),
        form(("a", b"1"), **{f"f{n}": "x" for n in range(50)}), form(("a", b"1"), subfolder="x" * 70_000), form(),
        form(subfolder="x"), limits=limits,
    )  # fmt: skip
    assert [status for status, _ in answers] == [413, 413, 413, 413, 413, 400, 400]
    assert tree(tmp_path) == {}
    assert send(tmp_path, form(("a", b"x" * 500), ("b", b"y" * 500)), limits=limits)[0][0] == 200


def test_a_size_is_limited_also_when_none_is_told(tmp_path):
    async def run():
        limits = Serving(limits=Limits(upload_bytes=100_000))
        async with client(tmp_path, limits, routes=routes(tmp_path)) as served:

            async def endless():
                yield b'--x\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n'
                for _ in range(1000):
                    yield b"x" * 10_000

            headers = {"Content-Type": "multipart/form-data; boundary=x"}
            with suppress(ConnectionError):  # cut while it was still sending
                assert (await served.post("/upload", data=endless(), headers=headers)).status == 413

    asyncio.run(run())
    assert tree(tmp_path) == {}


def test_a_form_that_says_it_is_too_large_is_refused_before_it_comes(tmp_path):
    async def run():
        limits = Limits(upload_bytes=1000)
        async with real(tmp_path, limits, routes=routes(tmp_path)) as port, connected(port) as (reader, writer):
            writer.write(HEAD.replace(b"Content-Length: 100000", b"Content-Length: 99000000") % port)
            async with asyncio.timeout(3):
                assert (await reader.readline()).startswith(b"HTTP/1.1 413 ")

    asyncio.run(run())


EMPTY = b'Content-Disposition: form-data; name="image"; filename=""\r\n\r\n'


def test_an_input_for_files_in_which_nothing_was_chosen_is_passed_over(tmp_path):
    chosen = b'Content-Disposition: form-data; name="image"; filename="a.txt"\r\n\r\n1'
    ((status, answer),) = send(tmp_path, b"--x\r\n" + EMPTY + b"\r\n--x\r\n" + chosen + b"\r\n--x--\r\n")
    assert (status, answer) == (200, [ref("a.txt")])


@pytest.mark.parametrize(("before", "piece"), [
    (b"", b"no part\r\n"), (b"", b"--x\r\n" + EMPTY + b"\r\n"),
    (b"", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'),
    (b"--x\r\n" + EMPTY + b"\r\n--x--\r\n", b"more\r\n"),
])  # fmt: skip
def test_a_form_without_an_end_is_ended_whatever_it_goes_on_with(tmp_path, before, piece):
    limits = Limits(upload_bytes=10_000)
    sent = 0

    async def run():
        async with client(tmp_path, Serving(limits=limits), routes=routes(tmp_path)) as served:

            async def endless():
                nonlocal sent
                yield before
                while sent < 32 * 2**20:
                    sent += len(piece) * 1000
                    yield piece * 1000
                    await asyncio.sleep(0)

            headers = {"Content-Type": "multipart/form-data; boundary=x"}
            with suppress(ConnectionError):  # cut while it was still sending
                assert 400 <= (await served.post("/upload", data=endless(), headers=headers)).status < 500

    asyncio.run(asyncio.wait_for(run(), 60))
    assert sent < 16 * 2**20
    assert tree(tmp_path) == {}


HEAD = (
    b"POST /upload HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: multipart/form-data; boundary=x\r\n"
    b'Content-Length: 100000\r\n\r\n--x\r\nContent-Disposition: form-data; name="image"; filename="a.bin"\r\n\r\n'
)


def test_an_interrupted_upload_leaves_nothing(tmp_path):
    async def run():
        async with real(tmp_path, routes=routes(tmp_path)) as port:
            async with connected(port) as (_, writer):
                writer.write(HEAD % port + b"x" * 50_000)
                await writer.drain()
                for _ in range(100):
                    await asyncio.sleep(0.02)
                    if tree(tmp_path):
                        break
                assert tree(tmp_path)  # it lies aside now
            for _ in range(100):
                await asyncio.sleep(0.02)
                if not tree(tmp_path):
                    break

    asyncio.run(run())
    assert tree(tmp_path) == {}


def test_two_files_put_in_place_at_one_moment_never_get_one_name(tmp_path):
    folder, count, interval = tmp_path / "kept", 8, sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for round in range(40):
            barrier = threading.Barrier(count)

            def put(number, name=f"{round}.txt", barrier=barrier):
                aside = tmp_path / f"aside{number}"
                aside.write_bytes(f"{name} {number}".encode())
                barrier.wait()
                store(aside, folder / name, False)

            with ThreadPoolExecutor(count) as pool:
                list(pool.map(put, range(count)))
    finally:
        sys.setswitchinterval(interval)
    expected = sorted(f"{round}.txt {number}".encode() for round in range(40) for number in range(count))
    assert sorted(tree(folder).values()) == expected


def test_a_file_that_cannot_be_moved_leaves_nothing_in_its_place(tmp_path, monkeypatch):
    def fail(*paths):
        raise OSError(errno.EXDEV, "another disk")

    (tmp_path / "aside").write_bytes(b"1")
    monkeypatch.setattr(os, "link", fail)
    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="another disk"):
        claim(tmp_path / "aside", tmp_path / "a.txt")
    assert tree(tmp_path) == {"aside": b"1"}


def test_what_a_killed_service_left_aside_is_swept_at_the_next_start(tmp_path):
    (tmp_path / "input").mkdir()
    (tmp_path / "input/.0123456789abcdef.part").write_bytes(b"1")

    async def start():
        async with client(tmp_path):
            pass

    asyncio.run(start())
    assert tree(tmp_path) == {}


def test_what_a_killed_service_left_aside_is_swept_and_nothing_else(tmp_path):
    for name in (".0123456789abcdef.part", ".mine.part", "a.part", ".0123456789abcdef.png"):
        (tmp_path / name).write_bytes(b"1")
    sweep(tmp_path)
    assert set(tree(tmp_path)) == {".mine.part", "a.part", ".0123456789abcdef.png"}
    sweep(tmp_path / "none")


BROKEN = [
    b"",
    b"--x--\r\n",
    b"--x\r\n\r\n",
    b"--x\r\nContent-Disposition: \xff\r\n\r\n1\r\n--x--\r\n",
    b"x" * 10_000,
    b'--x\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n1',
    b"--x\r\n" + b"A: b\r\n" * 5000 + b"\r\n1\r\n--x--\r\n",
    b"--x\r\nA: " + b"b" * 100_000 + b"\r\n\r\n1\r\n--x--\r\n",
    b"--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\n\r\n1\r\n--y--\r\n--x--\r\n",
    b'--x\r\nContent-Disposition: form-data; name="_charset_"\r\n\r\nnone\r\n--x--\r\n',
    b'--x\r\nContent-Disposition: form-data; name="_charset_"\r\n\r\n' + b"x" * 40 + b"\r\n--x--\r\n",
]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of aiohttp, at headers that are none
@pytest.mark.parametrize("body", BROKEN)
def test_a_broken_form_is_refused_as_such(tmp_path, body):
    async def run():
        async with client(tmp_path, routes=routes(tmp_path)) as served:
            headers = {"Content-Type": "multipart/form-data; boundary=x"}
            for type in (headers, {"Content-Type": "multipart/form-data"}, {"Content-Type": "text/plain"}):
                answer = await served.post("/upload", data=body, headers=type)
                assert 400 <= answer.status < 500, (type, await answer.text())

    asyncio.run(run())
    assert tree(tmp_path) == {}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@given(st.lists(st.sampled_from([b"--x", b"--", b"\r\n", b"\n", b":", b'"', b";", b"Content-Disposition: form-data",
       b'name="image"', b'filename="a"', b"\0", b"\xff", b"a" * 50, b"Content-Type: multipart/mixed; boundary=x",
       b"Content-Transfer-Encoding: base64", b"Content-Encoding: gzip"]), max_size=30))  # fmt: skip
@settings(max_examples=100, phases=FIRST)
def test_any_form_is_stored_or_refused_and_never_an_error_of_ours(tmp_path_factory, pieces):
    home = tmp_path_factory.mktemp("form")

    async def run():
        async with client(home, routes=routes(home)) as served:
            headers = {"Content-Type": "multipart/form-data; boundary=x"}
            answer = await served.post("/upload", data=b"--x\r\n" + b"".join(pieces), headers=headers)
            assert answer.status < 500, await answer.text()

    asyncio.run(run())
    assert not any(name.endswith(".part") for name in tree(home))


def test_a_file_from_another_disk_is_put_in_place_whole(tmp_path, monkeypatch):
    aside = tmp_path / ".aside"
    aside.write_bytes(b"1")
    copied = []
    honest = uploads.shutil.copyfile
    monkeypatch.setattr(uploads, "_same_disk", lambda *paths: False)
    monkeypatch.setattr(uploads.shutil, "copyfile", lambda *paths: copied.append(paths) or honest(*paths))
    assert store(aside, tmp_path / "x" / "a", overwrite=False) == tmp_path / "x" / "a"
    assert tree(tmp_path) == {"x/a": b"1"}
    assert copied == [(aside, tmp_path / "x" / ".aside")]


def mask_form(mask, **fields):
    return form(("clip.png", mask), **({"original_ref": json.dumps(ref("a.png", "", "output"))} | fields))


def test_a_mask_becomes_the_alpha_of_its_original_whose_texts_stay(tmp_path):
    (tmp_path / "output").mkdir()
    texts = {"workflow": '{"a": "ä"}', "prompt": "{}"}
    (tmp_path / "output" / "a.png").write_bytes(png((8, 6), (10, 20, 30), texts, "RGB"))
    answers = send(tmp_path, mask_form(png((8, 6), (0, 0, 0, 77)), subfolder="clipspace"), path="/mask")
    assert answers == [(200, [ref("clip.png", "clipspace")])]
    stored = opened((tmp_path / "input" / "clipspace" / "clip.png").read_bytes())
    assert stored.getpixel((3, 3)) == (10, 20, 30, 77)
    assert stored.text == texts


ANIMATIONS = {
    "webp": {"lossless": True},
    "gif": {"disposal": 2},
    "png": {},
}


def animated(format, pictures, **options):
    file = io.BytesIO()
    more = {"save_all": True, "append_images": pictures[1:], "duration": [100, 200, 300][: len(pictures)], "loop": 0}
    pictures[0].save(file, format, **more, **ANIMATIONS[format], **options)
    return file.getvalue()


def frames_of(data):
    return [frame.convert("RGBA") for frame in ImageSequence.Iterator(opened(data))]


@pytest.mark.parametrize("format", ANIMATIONS)
@pytest.mark.parametrize("masks", [1, 3])
def test_a_mask_is_put_on_every_frame_of_an_animation_and_one_for_each_on_its_own(tmp_path, format, masks):
    (tmp_path / "output").mkdir()
    colours = [(10, 20, 30), (40, 50, 60), (70, 80, 90)]
    original = animated(format, [Image.new("RGB", (8, 6), colour) for colour in colours])
    (tmp_path / "output" / "a.png").write_bytes(original)
    painted = [Image.new("RGBA", (8, 6), (1, 2, 3, 70 + number)) for number in range(masks)]
    mask = animated("png", painted) if masks > 1 else png((8, 6), (1, 2, 3, 70))
    ((status, _),) = send(tmp_path, mask_form(mask), path="/mask")
    assert status == 200
    stored = (tmp_path / "input" / "clip.png").read_bytes()
    expected = [(*frame.getpixel((3, 3))[:3], 70 + number % masks) for number, frame in enumerate(frames_of(original))]
    assert [frame.getpixel((3, 3)) for frame in frames_of(stored)] == expected and len(expected) == 3
    assert [frame.info["duration"] for frame in ImageSequence.Iterator(opened(stored))] == [100, 200, 300]
    assert opened(stored).info["loop"] == 0


def test_an_animation_and_a_mask_that_do_not_fit_each_other_or_the_limits_store_nothing(tmp_path):
    (tmp_path / "output").mkdir()
    pictures = [Image.new("RGB", (8, 6), (number, 0, 0)) for number in range(1, 4)]
    (tmp_path / "output" / "a.png").write_bytes(animated("gif", pictures))
    before = tree(tmp_path)
    two = animated("png", [Image.new("RGBA", (8, 6), (0, 0, 0, alpha)) for alpha in (1, 2)])
    for mask, limits, code in (
        (two, Limits(), "sizes_differ"),
        (png((4, 4)), Limits(), "sizes_differ"),
        (png((8, 6)), Limits(pixels=100), "too_many_pixels"),
    ):
        ((_, answer),) = send(tmp_path, mask_form(mask), path="/mask", limits=limits)
        assert answer["error"]["code"] == code
        assert tree(tmp_path) == before
    ((status, _),) = send(tmp_path, mask_form(png((8, 6))), path="/mask", limits=Limits(pixels=144))
    assert status == 200


def test_a_later_frame_that_is_larger_than_a_picture_may_be_is_refused(tmp_path):
    (tmp_path / "output").mkdir()
    data = animated("gif", [Image.new("RGB", (8, 6), (number, 0, 0)) for number in range(1, 3)])
    place = data.rindex(b"," + bytes(4))
    grown = data[: place + 5] + (5000).to_bytes(2, "little") * 2 + data[place + 9 :]
    (tmp_path / "output" / "a.png").write_bytes(grown)
    ((status, answer),) = send(tmp_path, mask_form(png((8, 6))), path="/mask", limits=Limits(pixels=2**20))
    assert (status, answer["error"]["code"]) == (413, "too_many_pixels")


def test_an_animation_of_too_many_frames_is_refused_however_small_they_are(tmp_path, monkeypatch):
    monkeypatch.setattr("graphengine.server.pictures.FRAMES", 2)
    (tmp_path / "output").mkdir()
    pictures = [Image.new("RGB", (1, 1), (number, 0, 0)) for number in range(1, 4)]
    (tmp_path / "output" / "a.png").write_bytes(animated("gif", pictures))
    ((status, _),) = send(tmp_path, mask_form(png((1, 1))), path="/mask")
    assert status == 413


@pytest.mark.parametrize(("mask", "fields", "status"), [
    (png((4, 4)), {}, 400), (HTML, {}, 415), (bomb(), {}, 413), (png((8, 6)), {"original_ref": ""}, 400),
    (png((8, 6)), {"original_ref": "[" * 100_000}, 413), (png((8, 6)), {"original_ref": "[" * 60_000}, 400),
    (png((8, 6)), {"original_ref": "[]"}, 400), (png((8, 6)), {"original_ref": json.dumps(ref("none.png"))}, 404),
    (png((8, 6)), {"original_ref": json.dumps(ref("../secret.png"))}, 400),
    (png((8, 6)), {"original_ref": json.dumps(ref("a.png", "..", "output"))}, 400),
    (png((8, 6)), {"original_ref": json.dumps(ref("a.png", "", "home"))}, 400),
])  # fmt: skip
def test_a_mask_that_does_not_fit_stores_nothing(tmp_path, mask, fields, status):
    (tmp_path / "output").mkdir()
    (tmp_path / "output" / "a.png").write_bytes(png((8, 6)))
    before = tree(tmp_path)
    ((given, answer),) = send(tmp_path, mask_form(mask, **fields), path="/mask")
    assert given == status, answer
    assert tree(tmp_path) == before
