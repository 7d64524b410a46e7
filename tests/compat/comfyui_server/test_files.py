"""Lists, facts and files, and who tries to get more."""

import base64
import json
import os
from urllib.parse import urlencode

import aiohttp
import pytest
from yarl import URL

from graphengine.server.media import BYTES
from tests.compat.comfyui_server.scripts import play
from tests.server.pictures import opened, png

OUTSIDE = ["../secret.txt", "..\\secret.txt", "/etc/passwd", "a/../../secret.txt", "a\0b", "link/x", "linked.txt"]


@pytest.fixture(scope="module")
def home(tmp_path_factory, home):
    """One with files, and something beside what may be reached."""
    user = home / "user/default"
    (user / "workflows").mkdir(parents=True)
    (home / "user/secret.txt").write_text("secret")
    (home / "secret.txt").write_text("secret")
    (user / "link").symlink_to(home)
    (user / "linked.txt").symlink_to(home / "secret.txt")
    (home / "output").mkdir(exist_ok=True)
    (home / "output/link.txt").symlink_to(home / "secret.txt")
    (home / "secret.preview.png").write_bytes(png())
    for folder in ("checkpoints/sub", "loras"):
        (home / "models" / folder).mkdir(parents=True)
    header = json.dumps({"__metadata__": {"by": "me"}}).encode()
    (home / "models/loras/one.safetensors").write_bytes(len(header).to_bytes(8, "little") + header)
    (home / "models/loras/one.preview.png").write_bytes(png())
    for name, covers in {
        "covered": json.dumps([base64.b64encode(png()).decode(), "!"]),
        "empty": "[]",
        "list": [1],
        "text": json.dumps([base64.b64encode(b"no picture").decode()]),
    }.items():
        data = json.dumps({"__metadata__": {"ssmd_cover_images": covers}}).encode()
        (home / f"models/loras/{name}.safetensors").write_bytes(len(data).to_bytes(8, "little") + data)
    (home / "models/loras/long.safetensors").write_bytes((2**62).to_bytes(8, "little") + b"{}")
    (home / "models/checkpoints/sub/two.safetensors").write_bytes(b"")
    return home


def quoted(name):
    return "".join(f"%{byte:02X}" if not chr(byte).isalnum() else chr(byte) for byte in name.encode())


async def raw(script, method, path, **options):
    """Status and body at a path that is sent as it is."""
    place = URL(script.base + path, encoded=True)
    async with aiohttp.ClientSession() as session, session.request(method, place, **options) as answer:
        return answer.status, await answer.read()


def test_kinds_are_told_once_for_each_state_of_the_files(home):
    async def act(script):
        async with script.session.get("/object_info") as answer:
            kinds, tag = await answer.json(), answer.headers["ETag"]
        assert kinds["acts/Say"]["output_node"] is True and kinds["KSampler"]["python_module"] == "nodes"
        names = kinds["CheckpointLoaderSimple"]["input"]["required"]["ckpt_name"][0]
        assert "sub/two.safetensors" in names
        for same in (tag, f"W/{tag}", "*"):
            async with script.session.get("/api/object_info", headers={"If-None-Match": same}) as answer:
                assert answer.status == 304 and await answer.read() == b""
        (home / "models/checkpoints/three.safetensors").write_bytes(b"")
        async with script.session.get("/api/object_info", headers={"If-None-Match": tag}) as answer:
            assert answer.status == 200 and "three.safetensors" in await answer.text()
        assert "GLIGENLoader" not in kinds
        async with script.session.get("/object_info", headers={"Comfy-User": ""}) as answer:
            page = await answer.json()
        assert page["GLIGENLoader"]["deprecated"] is True and page.keys() > kinds.keys()
        for name in ("acts/Say", "acts%2FSay"):
            assert b'"acts/Say":{' in (await raw(script, "GET", f"/object_info/{name}"))[1]
        assert await script.get("/object_info/Nobody") == {}

    play(home, act)


def test_models_are_listed_with_their_facts_and_pictures(home):
    async def act(script):
        assert {"checkpoints", "loras", "vae"} <= set(await script.get("/models"))
        assert "one.safetensors" in await script.get("/api/models/loras")
        assert await script.get("/models/unet") == await script.get("/models/diffusion_models")
        await script.get("/models/input", 404)
        found = {fact["name"]: fact for fact in await script.get("/experiment/models/loras")}
        assert found["one.safetensors"]["pathIndex"] == 0 and found["one.safetensors"]["size"] > 8
        places = {place["name"]: place["folders"] for place in await script.get("/experiment/models")}
        assert places["loras"][0] == "models/loras" and str(home) not in json.dumps(places)
        assert await script.get("/view_metadata/loras", filename="one.safetensors") == {"by": "me"}
        for name in ("none.safetensors", "", "../../secret.txt", "one.preview.png"):
            await script.get("/view_metadata/loras", 404, filename=name)
        for name in ("one", "covered"):
            picture = opened(await script.get(f"/experiment/models/preview/loras/0/{name}.safetensors"))
            assert picture.format == "WEBP"
        for name, status in {"empty": 404, "list": 404, "long": 404, "nobody": 404, "text": 415}.items():
            await script.get(f"/experiment/models/preview/loras/0/{name}.safetensors", status)
        await script.get("/experiment/models/preview/loras/9/one.safetensors", 404)
        outside = quoted("../../secret.safetensors")
        assert (await raw(script, "GET", f"/experiment/models/preview/loras/0/{outside}"))[0] == 404
        await script.get("/experiment/models/preview/checkpoints/0/sub/two.safetensors", 404)
        assert await script.get("/embeddings") == []

    play(home, act)


def test_what_the_page_asks_for_at_its_start_is_there(home):
    async def act(script):
        stats = await script.get("/api/system_stats")
        assert stats["system"]["comfyui_version"].count(".") == 2 and stats["devices"][0]["vram_total"] > 0
        assert await script.get("/api/users") == {"storage": "server", "migrated": True}
        assert await script.get("/api/i18n") == {}
        assert await script.get("/api/global_subgraphs") == {}
        assert (await script.get("/features"))["max_upload_size"] > 0
        assert isinstance((await script.get("/internal/logs/raw"))["entries"], list)
        for path in ("/internal/logs", "/internal/folder_paths", "/api/system_stats"):
            assert str(home) not in json.dumps(await script.get(path))
        await script.get("/api/internal/logs", 404)
        assert (await script.get("/internal/files/nowhere", 400)) == {"error": "Invalid directory type"}
        assert "error" in await script.post("/users", {"username": "x"}, 400)

    play(home, act)


def test_settings_are_merged_and_kept(home):
    async def act(script):
        assert await script.get("/settings") == {}
        assert await script.post("/api/settings", {"a": 1, "b": [2]}) is None
        await script.post("/api/settings/Comfy.Some", "text")
        assert await script.get("/settings") == {"a": 1, "b": [2], "Comfy.Some": "text"}
        assert await script.get("/settings/b") == [2] and await script.get("/settings/none") is None
        await script.post("/settings", [1], 400)

    play(home, act)
    file = home / "user/default/comfy.settings.json"
    assert json.loads(file.read_text())["a"] == 1
    file.write_text("{broken")

    async def broken(script):
        await script.get("/settings", 500)
        await script.post("/settings", {"a": 2}, 500)

    play(home, broken)
    assert file.read_text() == "{broken"
    file.unlink()


def test_user_files_are_kept_listed_moved_and_deleted(home):
    async def act(script):
        place = "/api/userdata/workflows%2Fdeep%2Fa%20b.json"
        status, body = await raw(script, "POST", place, data=b'{"x": 1}')
        assert (status, json.loads(body)) == (200, "workflows/deep/a b.json")
        assert (await raw(script, "GET", place))[1] == b'{"x": 1}'
        assert (await raw(script, "POST", f"{place}?overwrite=false", data=b"2"))[0] == 409
        status, body = await raw(script, "POST", f"{place}?overwrite=true&full_info=true", data=b"22")
        assert json.loads(body)["size"] == 2 and json.loads(body)["path"] == "workflows/deep/a b.json"
        assert await script.get("/userdata", dir="workflows") == []
        listed = {"dir": "workflows", "recurse": "true"}
        assert await script.get("/userdata", **listed) == ["deep/a b.json"]
        assert await script.get("/userdata", **listed, split="true") == [["deep/a b.json", "deep", "a b.json"]]
        (info,) = await script.get("/userdata", **listed, split="false", full_info="true")
        assert info.keys() == {"path", "size", "modified", "created"} and info["path"] == "deep/a b.json"
        entries = await script.get("/v2/userdata", path="workflows")
        assert [(entry["type"], entry["path"]) for entry in entries] == [
            ("directory", "workflows/deep"), ("file", "workflows/deep/a b.json"),
        ]  # fmt: skip
        new = "workflows%2Fc.json"
        status, body = await raw(script, "POST", f"{place}/move/{new}?overwrite=false")
        assert (status, json.loads(body)) == (200, "workflows/c.json")
        assert (await raw(script, "GET", place))[0] == 404
        assert (await raw(script, "POST", place, data=b"3"))[0] == 200
        assert (await raw(script, "POST", f"{place}/move/{new}?overwrite=false"))[0] == 409
        assert (await raw(script, "POST", f"{place}/move/{new}"))[0] == 200
        assert (await raw(script, "GET", f"/userdata/{new}"))[1] == b"3"
        assert (await raw(script, "DELETE", f"/userdata/{new}"))[0] == 204
        assert (await raw(script, "DELETE", f"/userdata/{new}"))[0] == 404
        await script.get("/userdata", 400)
        await script.get("/userdata", 404, dir="nowhere")

    play(home, act)


def test_user_files_that_a_point_hides_are_listed_with_folders_only_and_the_users_own_folder_is_a_point(home):
    async def act(script):
        for name in (".index.json", "y.json", ".hid%2Fx.json"):  # the first is where the page keeps its bookmarks
            await raw(script, "POST", f"/userdata/hh%2F{name}", data=b"1")
        assert await script.get("/userdata", dir="hh") == ["y.json"]
        assert await script.get("/userdata", dir="hh", recurse="true") == ["y.json"]
        (info,) = await script.get("/userdata", dir="hh", recurse="true", full_info="true")
        assert info["path"] == "y.json"
        assert await script.get("/userdata", dir="hh/.hid") == ["x.json"]
        assert [entry["path"] for entry in await script.get("/v2/userdata", path="hh")] == [
            "hh/.hid", "hh/.hid/x.json", "hh/.index.json", "hh/y.json",
        ]  # fmt: skip
        assert "hh/y.json" in await script.get("/userdata", dir=".", recurse="true")
        assert "hh" in [entry["path"] for entry in await script.get("/v2/userdata", path=".")]
        await script.get("/v2/userdata", 404, path="nope")
        for name in (".index.json", "y.json", ".hid%2Fx.json"):
            await raw(script, "DELETE", f"/userdata/hh%2F{name}")

    play(home, act)


def test_user_files_are_of_the_types_that_scripts_and_the_pages_style_need_and_none_is_shown(home):
    async def act(script):
        for name, type in (
            ("a.json", "application/json"),
            ("user.css", "text/css"),
            ("a.html", BYTES),
            ("a.js", BYTES),
        ):
            await raw(script, "POST", f"/userdata/{name}", data=b"{}")
            async with script.session.get(f"/api/userdata/{name}") as answer:
                assert (answer.content_type, await answer.read()) == (type, b"{}")
                assert answer.headers["Content-Disposition"].startswith("attachment")
                assert answer.headers["Content-Security-Policy"].startswith("sandbox;")
            await raw(script, "DELETE", f"/userdata/{name}")

    play(home, act)


def test_user_files_are_kept_apart_also_where_no_file_has_two_names(home, monkeypatch):
    monkeypatch.setattr(os, "link", lambda *paths: (_ for _ in ()).throw(PermissionError(1, "no links")))  # as on FAT

    async def act(script):
        for status, data in ((200, b"1"), (409, b"2")):
            assert (await raw(script, "POST", "/userdata/one.txt?overwrite=false", data=data))[0] == status
        assert (await raw(script, "GET", "/userdata/one.txt"))[1] == b"1"
        await raw(script, "POST", "/userdata/two.txt", data=b"2")
        assert (await raw(script, "POST", "/userdata/two.txt/move/one.txt?overwrite=false"))[0] == 409
        assert (await raw(script, "POST", "/userdata/two.txt/move/three.txt?overwrite=false"))[0] == 200
        assert (await raw(script, "GET", "/userdata/two.txt"))[0] == 404
        assert (await raw(script, "GET", "/userdata/three.txt"))[1] == b"2"
        for name in ("one.txt", "three.txt"):
            await raw(script, "DELETE", f"/userdata/{name}")

    play(home, act)


def test_a_workflow_that_is_a_link_within_the_users_folder_stays_one(home):
    user = home / "user/default"
    (user / "kept").mkdir()
    (user / "kept/real.json").write_text("1")
    (user / "workflows/linked.json").symlink_to("../kept/real.json")

    async def act(script):
        assert (await raw(script, "POST", "/userdata/workflows%2Flinked.json", data=b"2"))[0] == 200

    play(home, act)
    assert (user / "workflows/linked.json").is_symlink() and (user / "kept/real.json").read_text() == "2"


def test_the_pages_settings_may_be_a_link_to_anywhere(home, tmp_path):
    file = home / "user/default/comfy.settings.json"
    (tmp_path / "mine.json").write_text('{"a": 1}')
    file.symlink_to(tmp_path / "mine.json")
    play(home, lambda script: script.post("/settings", {"b": 2}))
    assert file.is_symlink() and json.loads((tmp_path / "mine.json").read_text()) == {"a": 1, "b": 2}
    file.unlink()


@pytest.mark.parametrize("name", OUTSIDE)
def test_nothing_leads_out_of_the_users_folder(home, name):
    async def act(script):
        path = f"/userdata/{quoted(name)}"
        assert (await raw(script, "GET", path))[0] in (403, 404)
        for method, place in (
            ("POST", path),
            ("DELETE", path),
            ("POST", f"{path}/move/mine.txt"),
            ("POST", f"/userdata/safe.txt/move/{quoted(name)}"),
            ("GET", f"/userdata?dir={quoted(name)}"),
            ("GET", f"/v2/userdata?path={quoted(name)}"),
        ):
            status, body = await raw(script, method, place, data=b"overwritten" if method == "POST" else None)
            assert status in (400, 403, 404, 409), (method, place, status, body)
            assert b'secret.txt"' not in body

    (home / "user/default/safe.txt").write_text("safe")
    play(home, act)
    assert (home / "secret.txt").read_text() == (home / "user/secret.txt").read_text() == "secret"
    assert (home / "user/default/safe.txt").read_text() == "safe"
    assert not (home / "x").exists()


def test_uploads_are_seen_and_named_apart(home):
    def form(data, **fields):
        form = aiohttp.FormData(fields)
        form.add_field("image", data, filename="cat.png", content_type="image/png")
        return form

    async def act(script):
        first = await script.post("/upload/image", data=form(png(), type="input"))
        assert first == {"name": "cat.png", "subfolder": "", "type": "input"}
        assert (await script.post("/api/upload/image", data=form(png())))["name"] == "cat.png"
        other = await script.post("/upload/image", data=form(png((4, 4)), subfolder="deep"))
        assert other == {"name": "cat.png", "subfolder": "deep", "type": "input"}
        assert (await script.post("/upload/image", data=form(png((4, 4)))))["name"] == "cat (1).png"
        assert "error" in await script.post("/upload/image", 0, 400, data=form(png(), type="nowhere"))
        await script.post("/upload/image", 0, 400, data=form(png(), subfolder="../up"))
        ref = json.dumps({"filename": "cat.png", "subfolder": "", "type": "input"})
        masked = await script.post(
            "/upload/mask", data=form(png(color=(0, 0, 0, 9)), original_ref=ref, subfolder="clipspace")
        )
        picture = opened(await script.get("/view", filename=masked["name"], subfolder="clipspace", type="input"))
        assert picture.getpixel((0, 0)) == (255, 0, 0, 9)
        only = opened(await script.get("/view", filename="cat.png [input]", channel="rgb"))
        assert only.mode == "RGB"
        names = (await script.get("/object_info/LoadImage"))["LoadImage"]["input"]["required"]["image"][0]
        assert {"cat.png", "cat (1).png", "deep/cat.png"} <= set(names)

    play(home, act)


def test_a_preview_is_a_jpeg_where_one_is_asked_for_and_no_alpha(home):
    (home / "output/shown.png").write_bytes(png())

    async def act(script):
        for query, format in (
            ({"preview": "jpeg;80"}, "JPEG"),
            ({"preview": "jpeg"}, "JPEG"),
            ({"preview": "jpeg;80", "channel": ""}, "JPEG"),
            ({"preview": "jpeg;80", "channel": "rgb"}, "JPEG"),
            ({"preview": "jpeg;80", "channel": "rgba"}, "WEBP"),
            ({"preview": "jpeg;80", "channel": "a"}, "WEBP"),
            ({"preview": "webp;90"}, "WEBP"),
            ({}, "PNG"),
        ):
            data = await script.get("/view", filename="shown.png", **query)
            assert opened(data).format == format, query

    play(home, act)


def test_only_files_of_their_folders_are_shown(home):
    async def act(script):
        for query, status in (
            ({}, 404),
            ({"filename": ""}, 400),
            ({"filename": "/etc/passwd"}, 400),
            ({"filename": "../secret.txt"}, 400),
            ({"filename": "x.png", "type": "home"}, 400),
            ({"filename": "secret.txt", "subfolder": ".."}, 403),
            ({"filename": "secret.txt", "subfolder": "a/../../.."}, 403),
            ({"filename": "passwd", "subfolder": "/etc"}, 403),
            ({"filename": "link.txt"}, 403),
            ({"filename": "a\0b"}, 403),
            ({"filename": "none.png"}, 404),
        ):
            assert (await raw(script, "GET", f"/view?{urlencode(query)}"))[0] == status, query

    play(home, act)


def test_a_foreign_page_can_change_and_hear_nothing(home):
    async def act(script):
        foreign = {"Origin": "http://evil.example"}
        for path in ("/prompt", "/api/interrupt", "/settings", "/upload/image", "/userdata/a.txt"):
            assert (await raw(script, "POST", path, headers=foreign, data=b"{}"))[0] == 403
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            await script.session.ws_connect("/ws", headers=foreign)

    play(home, act)
