import json
import re

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from graphengine.server.app import routes
from graphengine.server.routes import API, Route

from .serving import SAY, play
from .test_files import png, upload

# path -> what to ask, where the parameters need values that are there
EXAMPLES = {
    "/templates/{name}": "/templates/text_to_image",
    "/templates/{name}/picture": "/templates/text_to_image/picture",
    "/nodes/{kind}": "/nodes/KSampler",
    "/choices/{source}": "/choices/checkpoints",
    "/packs/{pack}/web/{path}": "/packs/image/web/paint_mask.js",
    "/jobs": "/jobs?state=done&limit=5",
    "/jobs/{id}": "/jobs/one",
    "/jobs/{id}/workflow": "/jobs/one/workflow",
    "/documents/{name}": "/documents/kept",
    "/history/{name}": "/history/kept",
    "/drafts/{name}": "/drafts/kept",
    "/files/{type}/{name}/workflow": "/files/input/with.png/workflow",
    "/files/{type}/{name}": "/files/input/with.png",
    "/thumbnails/{type}/{name}": "/thumbnails/input/with.png",
}
STREAMS = {"/events", "/events/socket"}


def check(described, schema, value):
    Draft202012Validator({**schema, "components": described["components"]}).validate(value)


def test_the_description_is_valid_and_has_every_route_of_the_table(home):
    async def act(api):
        described = await api.get("/openapi.json")
        OpenAPIV31SpecValidator(described).validate()
        there = {(method.upper(), path) for path, item in described["paths"].items() for method in item}
        assert there == {(route.method, re.sub(r":[^}]*}", "}", route.path)) for route in routes()}
        ids = [operation["operationId"] for item in described["paths"].values() for operation in item.values()]
        assert len(ids) == len(set(ids)) > 30
        for item in described["paths"].values():
            for method, operation in item.items():
                assert operation["summary"].endswith(".") and operation["responses"]
                assert method != "put" or "requestBody" in operation

    play(home, act)


def test_every_route_that_reads_answers_as_described(home):
    async def act(api):
        await upload(api, {"with.png": png(graphengine=json.dumps(SAY))})
        await api.submit(SAY, id="one")
        await api.ended("one")
        await api.ask("PUT", "/documents/kept", data=json.dumps(SAY).encode())
        await api.ask("PUT", "/drafts/kept", 204, data=b"{}")
        described = await api.get("/openapi.json")
        asked = 0
        for path, item in described["paths"].items():
            short = path.removeprefix(API)
            if "get" not in item or short in STREAMS:
                continue
            example = EXAMPLES.get(short, short)
            assert "{" not in example, f"{short} needs an example"
            answer = item["get"]["responses"]["200"]
            async with api.client.get(f"{API}{example}") as got:
                assert got.status == 200, example
                (media,) = answer["content"]
                if media == "application/json":
                    check(described, answer["content"][media]["schema"], await got.json())
                    asked += 1
                elif media != "application/octet-stream":
                    assert got.headers["Content-Type"] == media
        assert asked >= 14
        with pytest.raises(Exception, match="is not of type"):
            check(described, {"$ref": "#/components/schemas/JobList"}, {"event": "x", "jobs": []})

    play(home, act)


def test_answers_to_what_changes_something_and_errors_are_as_described(home):
    async def act(api):
        described = await api.get("/openapi.json")

        async def look(method, path, template, status, **options):
            answer = await api.ask(method, path, status, **options)
            responses = described["paths"][f"{API}{template}"][method.lower()]["responses"]
            response = responses.get(str(status), responses["default"])
            check(described, response["content"]["application/json"]["schema"], answer)

        await look("POST", "/jobs", "/jobs", 201, json={"workflow": SAY, "id": "one", "key": "k"})
        await look("POST", "/jobs", "/jobs", 200, json={"workflow": SAY, "id": "one", "key": "k"})
        await look("POST", "/jobs", "/jobs", 400, json={"workflow": 5})
        await look("POST", "/jobs", "/jobs", 422, json={"workflow": {"graphengine": 1, "nodes": {}}})
        await look("POST", "/check", "/check", 200, json={"workflow": SAY})
        await look("POST", "/plan", "/plan", 200, json={"workflow": SAY})
        await api.ended("one")
        await look("POST", "/jobs/one/retry", "/jobs/{id}/retry", 201)
        await look("POST", "/jobs/one/cancel", "/jobs/{id}/cancel", 409)
        await look("POST", "/queue/clear", "/queue/clear", 200)
        await look("POST", "/memory/free", "/memory/free", 200)
        await look("PUT", "/documents/a", "/documents/{name}", 200, data=json.dumps(SAY).encode())
        await look("PUT", "/documents/a", "/documents/{name}", 409, data=b'{"graphengine": 1, "nodes": {}}')
        await look("GET", "/jobs/none", "/jobs/{id}", 404)

    play(home, act)


def test_a_route_without_an_answer_that_fails_tells_it_without_secrets(home):
    async def broken(request):
        raise ValueError(f"in {home}")

    async def act(api):
        answer = await api.get("/broken", 500)
        assert answer["error"]["code"] == "internal" and str(home) not in json.dumps(answer)

    play(home, act, more_routes=(Route("GET", f"{API}/broken", broken, "Fails."),))
