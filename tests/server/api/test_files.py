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
