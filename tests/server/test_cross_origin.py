"""Pages of other origins: those that are allowed are answered, each by its name, the others not at all."""

import asyncio

import pytest

from graphengine.graph.errors import CallError
from graphengine.server.app import make_app
from graphengine.server.config import Serving
from graphengine.server.tokens import digest
from graphengine.settings import Settings

from .served import client

PAGE, OTHER = "https://studio.example", "http://localhost:5173"
SERVING = Serving(origins=(PAGE, f"{OTHER}/"))
ASKS = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}


def shared(answer):
    return {name.lower() for name in answer.headers if name.lower().startswith("access-control-")}


def play(home, act, serving=SERVING, token=None):
    async def run():
        async with client(home, serving, token) as served:
            return await act(served)

    return asyncio.run(run())


@pytest.mark.parametrize("origin", [PAGE, OTHER])
def test_an_allowed_page_is_answered_by_its_name_also_with_errors(tmp_path, origin):
    async def act(served):
        for path, status in (("/api/v1/health", 200), ("/nothing", 404), ("/broken", 500)):
            answer = await served.get(path, headers={"Origin": origin, "Sec-Fetch-Site": "cross-site"})
            assert answer.status == status
            assert answer.headers.getall("Access-Control-Allow-Origin") == [origin]
            assert "Origin" in answer.headers["Vary"].split(", ")
            assert "Access-Control-Allow-Credentials" not in answer.headers
        posted = await served.post("/api/v1/echo", json={}, headers={"Origin": origin})
        assert posted.status == 200 and posted.headers["Access-Control-Allow-Origin"] == origin
        assert "ETag" in posted.headers["Access-Control-Expose-Headers"]

    play(tmp_path, act)


@pytest.mark.parametrize("origin", [
    "https://evil.example", "null", "http://studio.example", "https://studio.example:444", "https://sub.studio.example",
    "https://studio.example.evil.example", "https://studio.example/", "*", "", "https://studio.example https://evil.example",
])  # fmt: skip
def test_another_page_is_told_nothing_and_an_allowed_one_not_where_none_is(tmp_path, origin):
    async def act(served):
        for method, more in (("GET", {}), ("OPTIONS", ASKS)):
            answer = await served.request(method, "/api/v1/health", headers={"Origin": origin, **more})
            assert shared(answer) == set()
            assert "Origin" in answer.headers["Vary"]  # a cache must not give this answer to the allowed page

    async def closed(served):
        answer = await served.options("/api/v1/echo", headers={"Origin": PAGE, **ASKS})
        assert answer.status == 405 and shared(answer) == set() and "Vary" not in answer.headers

    play(tmp_path, act)
    play(tmp_path, closed, Serving())


def test_two_origins_in_one_request_are_none(tmp_path):
    async def act(served):
        headers = [("Origin", PAGE), ("Origin", OTHER)]
        assert shared(await served.get("/api/v1/health", headers=headers)) == set()

    play(tmp_path, act)


def test_the_question_before_a_request_needs_no_token_but_the_request_does(tmp_path):
    async def act(served):
        asked = await served.options("/api/v1/echo", headers={"Origin": PAGE, **ASKS})
        assert asked.status == 204 and asked.headers["Access-Control-Allow-Origin"] == PAGE
        assert "POST" in asked.headers["Access-Control-Allow-Methods"]
        taken = {name.strip().lower() for name in asked.headers["Access-Control-Allow-Headers"].split(",")}
        assert {"authorization", "content-type", "idempotency-key", "if-match"} <= taken
        refused = await served.post("/api/v1/echo", json={}, headers={"Origin": PAGE})
        assert refused.status == 401 and refused.headers["Access-Control-Allow-Origin"] == PAGE
        given = {"Origin": PAGE, "Authorization": "Bearer secret"}
        assert (await served.post("/api/v1/echo", json={}, headers=given)).status == 200

    play(tmp_path, act, token=digest("secret"))


def test_a_page_from_outside_may_ask_for_this_network_only_if_it_is_allowed(tmp_path):
    async def act(served):
        asks = {**ASKS, "Access-Control-Request-Private-Network": "true"}
        name = "Access-Control-Allow-Private-Network"
        assert (await served.options("/prompt", headers={"Origin": PAGE, **asks})).headers[name] == "true"
        assert name not in (await served.options("/prompt", headers={"Origin": PAGE, **ASKS})).headers
        assert name not in (await served.options("/prompt", headers={"Origin": "https://evil.example", **asks})).headers

    play(tmp_path, act)


def test_a_rebound_name_is_refused_before_its_question_is_answered(tmp_path):
    async def act(served):
        answer = await served.options("/prompt", headers={"Origin": PAGE, "Host": "evil.example", **ASKS})
        assert answer.status == 403 and "Access-Control-Allow-Methods" not in answer.headers

    play(tmp_path, act)


@pytest.mark.parametrize("origin", ["*", "null", "studio.example", "https://", "https://a/b", "ftp://a", ""])
def test_an_origin_that_is_none_is_refused_at_the_start(tmp_path, origin):
    with pytest.raises(CallError, match="is no origin"):
        make_app(Settings(home=tmp_path), Serving(origins=(origin,)))
