"""The guards over a real socket: each test is an attack."""

import asyncio

import pytest
from aiohttp import WSServerHandshakeError

from graphengine.graph.errors import CallError
from graphengine.server.app import make_app
from graphengine.server.config import Serving
from graphengine.settings import Settings

from .served import client

JSON = {"Content-Type": "application/json"}
FOREIGN = {"Origin": "http://evil.example"}


def test_a_name_rebound_to_our_address_gets_nothing(tmp_path):
    async def attack():
        async with client(tmp_path) as served:
            port = served.server.port
            for host in (f"evil.example:{port}", "evil.example", f"localhost:{port + 1}"):
                for path in ("/api/v1/health", "/api/v1/system", "/nothing"):
                    answer = await served.get(path, headers={"Host": host})
                    assert answer.status == 403
                    assert (await answer.json())["error"]["code"] == "host_refused"
            assert (await served.get("/api/v1/health", headers={"Host": f"localhost:{port}"})).status == 200

    asyncio.run(attack())


@pytest.mark.parametrize("path", ["/api/v1/echo", "/prompt"])
def test_a_foreign_page_changes_nothing(tmp_path, path):
    async def attack():
        async with client(tmp_path) as served:
            own = {"Origin": f"http://127.0.0.1:{served.server.port}"}
            for headers in (
                FOREIGN,
                {"Origin": "null"},
                {"Sec-Fetch-Site": "cross-site"},
                {"Sec-Fetch-Site": "same-site"},
            ):
                answer = await served.post(path, data=b"{}", headers=JSON | headers)
                assert answer.status == 403, headers
                assert (await answer.json())["error"]["code"] == "origin_refused"
            for headers in (own, {}, {"Sec-Fetch-Site": "none"}):
                assert (await served.post(path, data=b"{}", headers=JSON | headers)).status == 200

    asyncio.run(attack())


def test_a_foreign_page_opens_no_websocket(tmp_path):
    async def attack():
        async with client(tmp_path) as served:
            for headers in (FOREIGN, {"Origin": "null"}):
                with pytest.raises(WSServerHandshakeError) as caught:
                    await served.ws_connect("/ws", headers=headers)
                assert caught.value.status == 403
            own = {"Origin": f"http://127.0.0.1:{served.server.port}"}
            for headers in (own, {}):
                async with served.ws_connect("/ws", headers=headers) as socket:
                    assert await socket.receive_str() == "hello"

    asyncio.run(attack())


@pytest.mark.parametrize("type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_what_a_form_can_send_is_no_json_to_us_but_is_to_the_compatible_routes(tmp_path, type):
    async def attack():
        async with client(tmp_path) as served:
            headers = {"Content-Type": type} if type else {}
            for method in ("POST", "DELETE"):
                answer = await served.request(method, "/api/v1/echo", data=b"{}", headers=headers)
                assert answer.status == 415, method
            assert (await served.post("/prompt", data=b"{}", headers=headers)).status == 200
            assert (await served.delete("/api/v1/echo")).status == 200
            good = {"Content-Type": "application/json; charset=utf-8"}
            assert (await served.post("/api/v1/echo", data=b"{}", headers=good)).status == 200

    asyncio.run(attack())


def test_every_answer_has_the_headers_also_errors_do(tmp_path):
    async def look():
        async with client(tmp_path) as served:
            for path in ("/api/v1/health", "/nothing", "/broken"):
                headers = (await served.get(path)).headers
                assert headers["X-Content-Type-Options"] == "nosniff"
                assert headers["X-Frame-Options"] == "DENY"
                assert headers["Referrer-Policy"] == "same-origin"
                assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
                assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
                assert headers["Cache-Control"] == "no-store"
                assert "default-src 'none'" in headers["Content-Security-Policy"]
                assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
                assert "Access-Control-Allow-Origin" not in headers
                assert headers["Server"] == "graphengine"

    asyncio.run(look())


def test_errors_have_one_shape_and_tell_nothing_of_the_machine(tmp_path, caplog):
    async def look():
        async with client(tmp_path) as served:
            missing = await (await served.get("/nothing")).json()
            assert missing["error"]["code"] == "not_found"
            answer = await served.put("/api/v1/health", data=b"{}", headers=JSON)
            assert answer.status == 405
            assert set(answer.headers["Allow"].split(",")) == {"GET", "HEAD"}
            assert (await answer.json())["error"]["code"] == "method_not_allowed"
            answer = await served.get("/broken")
            text = await answer.text()
            assert answer.status == 500
            assert "secret" not in text and "Traceback" not in text and "ValueError" not in text
            id = (await answer.json())["error"]["id"]
            assert id in caplog.text and "ValueError" in caplog.text
            assert id in (await answer.json())["error"]["cure"]

    asyncio.run(look())


def test_errors_of_ours_name_no_path_of_the_machine(tmp_path):
    from graphengine.server.routes import Route

    async def lost(request):
        raise CallError(f"There is nothing in {tmp_path}/input/x.", f"Put it into {tmp_path}/input.")

    async def look():
        async with client(tmp_path, routes=(Route("GET", "/lost", lost, "Fails."),)) as served:
            answer = await served.get("/lost")
            assert answer.status == 400
            assert (await answer.json())["error"] == {
                "code": "bad_call", "message": "There is nothing in HOME/input/x.", "cure": "Put it into HOME/input.",
            }  # fmt: skip

    asyncio.run(look())


def test_a_configured_name_that_is_none_is_refused_at_the_start(tmp_path):
    with pytest.raises(CallError, match="no host"):
        make_app(Settings(home=tmp_path), Serving(hosts=("http://studio.example/",)))
