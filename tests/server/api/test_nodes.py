import gzip
import json

import pytest

from .serving import play


def test_all_kinds_are_told_once_compressed_if_asked_and_not_again_to_who_has_them(home):
    async def act(api):
        url, plain = "/api/v1/nodes", {"Accept-Encoding": "identity"}
        async with api.client.get(url, headers=plain) as answer:
            assert "Content-Encoding" not in answer.headers and answer.headers["Vary"] == "Accept-Encoding"
            tag, data = answer.headers["ETag"], await answer.read()
        async with api.client.get(url, headers={"Accept-Encoding": "gzip"}, auto_decompress=False) as answer:
            assert answer.headers["Content-Encoding"] == "gzip" and answer.headers["ETag"] == tag
            packed = await answer.read()
        assert gzip.decompress(packed) == data and len(packed) < len(data) / 3
        for same in (tag, tag.removeprefix("W/"), "*"):
            async with api.client.get(url, headers={**plain, "If-None-Match": same}) as answer:
                assert (answer.status, await answer.read(), answer.headers["ETag"]) == (304, b"", tag)
        async with api.client.get(url, headers={**plain, "If-None-Match": 'W/"other"'}) as answer:
            assert answer.status == 200
        kinds = json.loads(data)
        assert {"KSampler", "acts/Say", "SaveImage"} <= kinds["nodes"].keys()
        assert kinds["types"]["IMAGE"]["color"].startswith("#") and kinds["types"]["MODEL"]["family"]

    play(home, act)


def test_a_kind_tells_its_inputs_as_the_node_declares_them(home):
    async def act(api):
        say = await api.get("/nodes/acts/Say")
        assert say == {
            "kind": "acts/Say", "category": "acts", "help": "Show a text, and print another.",
            "pack": "acts", "output": True, "inputs": [{"name": "text", "type": "STRING", "default": "hello"}],
            "outputs": [{"name": "string", "type": "STRING"}],
        }  # fmt: skip
        sampler = {port["name"]: port for port in (await api.get("/nodes/KSampler"))["inputs"]}
        assert sampler["model"]["required"] and sampler["seed"]["seed"]
        assert "euler" in sampler["sampler_name"]["choices"] and sampler["cfg"]["low"] == 0
        loader = {port["name"]: port for port in (await api.get("/nodes/CheckpointLoaderSimple"))["inputs"]}
        assert loader["ckpt_name"]["source"] == "checkpoints"
        unknown = await api.get("/nodes/acts/Sai", 404)
        assert "acts/Say" in unknown["error"]["cure"]

    play(home, act)


def test_choices_are_the_files_that_there_are_now(home):
    async def act(api):
        folder = home / "models/loras/mine"
        before = (await api.get("/choices/loras"))["names"]
        folder.mkdir(parents=True)
        (folder / "new.safetensors").touch()
        (folder / "not.txt").touch()
        assert await api.get("/choices/loras") == {
            "source": "loras", "names": sorted([*before, "mine/new.safetensors"]),
        }  # fmt: skip
        unknown = await api.get("/choices/passwords", 404)
        assert "checkpoints" in unknown["error"]["cure"] and str(home) not in json.dumps(unknown)

    play(home, act)


@pytest.mark.parametrize("path", ["/check", "/plan", "/jobs"])
def test_a_workflow_that_is_none_is_refused_everywhere(home, path):
    async def act(api):
        for given in (None, 5, [], {}, "text", {"graphengine": 99}, {"1": {"class_type": 5}}):
            answer = await api.post(path, 400, json={"workflow": given})
            assert answer["error"]["code"] == "document" and answer["error"]["message"]

    play(home, act)
