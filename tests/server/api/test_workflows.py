"""Workflows to begin from, and reading those of other formats."""

import io
import json

from PIL import Image

from graphengine import builtin

from .serving import play, workflow
from .test_files import png

READ = {"Content-Type": "application/octet-stream"}


def test_templates_are_the_shipped_workflows_to_the_byte(home):
    async def act(api):
        async with api.client.get("/api/v1/templates") as answer:
            names = (await answer.json())["templates"]
        assert "text_to_image" in names
        async with api.client.get("/api/v1/templates/text_to_image") as answer:
            assert await answer.read() == (builtin.WORKFLOWS / "text_to_image.json").read_bytes()
        for name in names:
            async with api.client.get(f"/api/v1/templates/{name}/picture") as answer:
                assert answer.content_type == "image/jpeg"
                picture = Image.open(io.BytesIO(await answer.read()))
                assert picture.format == "JPEG" and picture.height == 176
        for name in ("none", "..%2fmodels", "training%2ftiny_edges"):
            async with api.client.get(f"/api/v1/templates/{name}") as answer:
                assert answer.status == 404
            async with api.client.get(f"/api/v1/templates/{name}/picture") as answer:
                assert answer.status == 404

    play(home, act)


def test_a_workflow_is_read_from_json_and_from_a_picture(home):
    async def act(api):
        document = workflow(say=("Say", {"text": "kept"}))
        text = json.dumps(document)
        for data in (text.encode(), png(graphengine=text), png(workflow=text)):
            async with api.client.post("/api/v1/read", data=data, headers=READ) as answer:
                assert answer.status == 200, await answer.text()
                found = await answer.json()
                assert found["nodes"]["say"]["inputs"] == {"text": "kept"}

    play(home, act)


def test_what_is_no_workflow_is_refused_with_what_would_be(home):
    async def act(api):
        for data in (b"{]", b"", png(), b"\0\1\2"):
            async with api.client.post("/api/v1/read", data=data, headers=READ) as answer:
                assert answer.status == 400
                assert (await answer.json())["error"]["code"] == "document"

    play(home, act)
