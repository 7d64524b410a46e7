import io
import json

import aiohttp
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from graphengine.server.job import Result
from graphengine.server.views import result_view

from .serving import SAY, play, workflow


def png(size=(40, 20), **texts):
    info = PngInfo()
    for name, text in texts.items():
        info.add_text(name, text)
    data = io.BytesIO()
    Image.new("RGB", size, "red").save(data, "PNG", pnginfo=info)
    return data.getvalue()


async def upload(api, files, status=201, **fields):
    form = aiohttp.FormData(fields, quote_fields=False)
    for name, data in files.items():
        form.add_field("file", data, filename=name)
    async with api.client.post("/api/v1/uploads", data=form) as answer:
        body = await answer.json()
        assert answer.status == status, body
        return body


def test_what_is_sent_is_an_input_that_can_be_read_and_shown_small(home):
    async def act(api):
        picture = png((600, 300))
        sent = await upload(api, {"a b.png": picture}, subfolder="mine")
        assert sent == {"files": [{"filename": "a b.png", "subfolder": "mine", "type": "input"}]}
        async with api.client.get("/api/v1/files/input/mine/a%20b.png") as answer:
            assert await answer.read() == picture and answer.content_type == "image/png"
            assert answer.headers["Content-Disposition"].startswith("inline")
        async with api.client.get("/api/v1/files/input/mine/a%20b.png?download=true") as answer:
            assert answer.headers["Content-Disposition"].startswith("attachment")
        part = {"Range": "bytes=0-7"}
        assert await api.get("/files/input/mine/a%20b.png", 206, headers=part) == picture[:8]
        small = await api.get("/thumbnails/input/mine/a%20b.png?size=100")
        assert Image.open(io.BytesIO(small)).size == (128, 64)
        assert "mine/a b.png" in (await api.get("/choices/input"))["names"]
        again = await upload(api, {"a b.png": png((1, 1))}, subfolder="mine")
        assert again["files"][0]["filename"] == "a b (1).png"

    play(home, act)


async def mask(api, data, original, status=201, **fields):
    form = aiohttp.FormData({"original_ref": json.dumps({"filename": original, "type": "input"}), **fields})
    form.add_field("file", data, filename="painted.png")
    async with api.client.post("/api/v1/uploads/mask", data=form) as answer:
        body = await answer.json()
        assert answer.status == status, body
        return body


def stored(picture, format="PNG", **options):
    data = io.BytesIO()
    picture.save(data, format, **options)
    return data.getvalue()


def test_a_mask_makes_another_picture_with_all_colours_of_the_first_which_stays_as_it_is(home):
    first = Image.new("RGBA", (40, 20), (200, 100, 50, 0))  # colours that nobody sees are colours too
    alpha = Image.linear_gradient("L").resize((40, 20))

    async def act(api):
        before = stored(first)
        await upload(api, {"a.png": before})
        painted = Image.new("RGBA", (40, 20))
        painted.putalpha(alpha)
        sent = await mask(api, stored(painted), "a.png", subfolder="masks")
        assert sent == {"files": [{"filename": "painted.png", "subfolder": "masks", "type": "input"}]}
        made = Image.open(io.BytesIO(await api.get("/files/input/masks/painted.png")))
        assert made.getchannel("A").tobytes() == alpha.tobytes()
        assert made.convert("RGB").tobytes() == first.convert("RGB").tobytes()
        assert await api.get("/files/input/a.png") == before
        only = Image.open(io.BytesIO(await api.get("/files/input/masks/painted.png?channel=a")))
        assert only.getchannel("A").tobytes() == alpha.tobytes()
        colours = Image.open(io.BytesIO(await api.get("/files/input/masks/painted.png?channel=rgb")))
        assert (colours.mode, colours.getpixel((3, 3))) == ("RGB", (200, 100, 50))

    play(home, act)


def test_a_photo_that_lies_on_its_side_is_masked_upright_as_nodes_read_it(home):
    photo = Image.new("RGB", (40, 20), "red")
    exif = photo.getexif()
    exif[0x0112] = 6  # to be turned by a quarter

    async def act(api):
        await upload(api, {"side.jpg": stored(photo, "JPEG", exif=exif)})
        shown = Image.open(io.BytesIO(await api.get("/files/input/side.jpg?channel=rgb")))
        assert shown.size == (20, 40)
        await mask(api, stored(Image.new("RGBA", (20, 40))), "side.jpg")
        made = Image.open(io.BytesIO(await api.get("/files/input/painted.png")))
        assert made.size == (20, 40) and not made.getexif().get(0x0112)

    play(home, act)


def test_a_grey_picture_of_sixteen_bits_keeps_its_brightness_under_a_mask(home):
    async def act(api):
        await upload(api, {"deep.png": stored(Image.new("I;16", (8, 8), 25_700))})
        await mask(api, stored(Image.new("RGBA", (8, 8))), "deep.png")
        made = Image.open(io.BytesIO(await api.get("/files/input/painted.png")))
        assert made.getpixel((0, 0)) == (100, 100, 100, 0)

    play(home, act)


def test_a_mask_of_nothing_of_another_size_or_of_a_file_outside_is_refused(home):
    async def act(api):
        (home / "secret.png").write_bytes(png())
        await upload(api, {"a.png": png()})
        assert (await mask(api, png((1, 1)), "a.png", 400))["error"]["code"] == "sizes_differ"
        assert (await mask(api, png(), "none.png", 404))["error"]["code"] == "no_such_file"
        await mask(api, png(), "../secret.png", 400)
        await mask(api, png(), "a.png", 400, type="output")
        assert (await api.get("/choices/input"))["names"] == ["a.png"]

    play(home, act)


def test_a_page_may_ask_for_nothing_where_there_is_no_small_picture(home):
    async def act(api):
        whole = png()
        (home / "input").mkdir()
        for name, data in (("whole.png", whole), ("broken.png", whole[:40])):
            (home / "input" / name).write_bytes(data)
        assert (await api.get("/thumbnails/input/whole.png?quiet=true"))[8:12] == b"WEBP"
        for name, status in (("broken.png", 415), ("none.png", 404), ("a%00.png", 400)):
            await api.get(f"/thumbnails/input/{name}?quiet=false", status)
            async with api.client.get(f"/api/v1/thumbnails/input/{name}?quiet=true") as answer:
                assert (answer.status, await answer.read(), answer.headers["Cache-Control"]) == (204, b"", "no-store")

    play(home, act)


def test_nothing_is_sent_elsewhere_nor_read_from_elsewhere(home):
    async def act(api):
        (home / "server/secret.txt").write_text("secret")
        assert (await upload(api, {"a.png": png()}, 400, type="output"))["error"]["code"] == "no_such_type"
        await upload(api, {"a.png": png()}, 400, subfolder="../output")
        assert (await upload(api, {"a.png": b"<html>"}, 415))["error"]["code"] == "not_its_kind"
        assert (await upload(api, {}, 415, subfolder="x"))["error"]["code"] == "media_refused"
        for kind in ("files", "thumbnails"):
            for name in ("..%2fserver%2fsecret.txt", "%2fetc%2fpasswd", "a%00.png"):
                await api.get(f"/{kind}/input/{name}", 400)
                await api.get(f"/files/input/{name}/workflow", 400)
            await api.get(f"/{kind}/server/secret.txt", 404)
            await api.get(f"/{kind}/input/none.png", 404)
        await api.get("/thumbnails/input/a.png?size=0", 400)
        async with api.client.post("/api/v1/uploads", json={}) as answer:
            assert answer.status == 415

    play(home, act)


def test_a_picture_gives_the_workflow_that_it_carries_and_says_when_it_has_none(home):
    async def act(api):
        await upload(api, {"with.png": png(graphengine=json.dumps(SAY)), "without.png": png()})
        found = await api.get("/files/input/with.png/workflow")
        assert found["nodes"]["say"]["inputs"] == {"text": "hello"}
        await api.ended((await api.submit(found))["id"])
        none = await api.get("/files/input/without.png/workflow", 404)
        assert "no workflow" in none["error"]["message"]
        missing = await api.get("/files/input/none.png/workflow", 404)
        assert str(home) not in json.dumps([none, missing])

    play(home, act)


def test_results_are_listed_by_page_and_job_with_the_addresses_of_their_files(home):
    async def act(api):
        for number in range(3):
            await api.submit(workflow(say=("Say", {"text": f"t{number}"})), id=f"j{number}")
            await api.ended(f"j{number}")
        newest = (await api.get("/results?limit=2"))["results"]
        assert [(one["job"], one["item"]) for one in newest] == [("j2", "t2"), ("j1", "t1")]
        older = (await api.get(f"/results?before={newest[-1]['number']}"))["results"]
        assert [one["job"] for one in older] == ["j0"]
        rising = (await api.get("/results?after=0&limit=2"))["results"]
        assert [one["job"] for one in rising] == ["j0", "j1"]
        assert [one["item"] for one in (await api.get("/results?job=j1"))["results"]] == ["t1"]
        assert (await api.get("/results?job=none"))["results"] == []

    play(home, act)


def test_a_picture_that_a_job_saved_is_found_by_its_result(home):
    async def act(api):
        await upload(api, {"in.png": png()})
        graph = {
            "1": {"class_type": "LoadImage", "inputs": {"image": "in.png"}},
            "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "über mir/p"}},
        }
        job = await api.ended((await api.submit(graph))["id"])
        assert job["state"] == "done", job["reason"]
        (result,) = job["results"]
        assert result["kind"] == "images" and result["file"].startswith("/api/v1/files/output/%C3%BCber%20mir/p_00001_")
        async with api.client.get(result["file"]) as answer:
            assert Image.open(io.BytesIO(await answer.read())).getpixel((0, 0)) == (255, 0, 0)
        async with api.client.get(result["thumbnail"]) as answer:
            assert answer.status == 200 and answer.content_type == "image/webp"
        carried = await api.get(f"{result['file'].removeprefix('/api/v1')}/workflow")
        assert carried["nodes"]["1"]["inputs"] == {"image": "in.png"}

    play(home, act)


@pytest.mark.parametrize(
    ("item", "file", "thumbnail"),
    [
        ("text", None, None),
        ({"filename": 5}, None, None),
        ({"text": "x"}, None, None),
        ({"filename": "a.mp4", "subfolder": "", "type": "temp"}, "files/temp/a.mp4", None),
        ({"filename": "a?#%.png", "subfolder": "b"}, "files/output/b/a%3F%23%25.png", "thumbnails/output/b/a%3F%23%25.png"),  # noqa: E501
    ],
)  # fmt: skip
def test_a_result_has_addresses_where_it_is_a_file(item, file, thumbnail):
    view = result_view(Result(1, "j", "n", "k", 0, item))
    assert view.type == (None if not file else "video/mp4" if "mp4" in file else "image/png")
    assert (view.file, view.thumbnail) == (file and f"/api/v1/{file}", thumbnail and f"/api/v1/{thumbnail}")
