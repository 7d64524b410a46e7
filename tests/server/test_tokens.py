"""Who has the token may do everything, who has it not nothing."""

import asyncio
import hashlib
import logging
import stat

import pytest
from aiohttp import WSServerHandshakeError

from graphengine.graph.errors import CallError
from graphengine.server import tokens
from graphengine.server.tokens import Failures, token_of

from .served import client

TOKEN = "right-token-of-this-test"
KEPT = hashlib.sha256(TOKEN.encode()).hexdigest()
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(tokens, "FIRST_DELAY", 0.001)
    monkeypatch.setattr(tokens, "LONGEST_DELAY", 0.002)


def test_the_token_is_made_once_shown_once_and_kept_as_a_digest(tmp_path):
    kept, token = token_of(tmp_path)
    path = tmp_path / "server" / "token"
    assert len(token) >= 43  # 256 bits
    assert path.read_text() == kept == hashlib.sha256(token.encode()).hexdigest()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert token_of(tmp_path) == (kept, None)
    again, other = token_of(tmp_path, new=True)
    assert other != token and again != kept
    path.chmod(0o644)
    token_of(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("text", ["", "0" * 63, "plain token", "G" * 64])
def test_a_file_without_a_digest_never_means_that_nothing_is_asked_for(tmp_path, text):
    (tmp_path / "server").mkdir()
    (tmp_path / "server" / "token").write_text(text)
    with pytest.raises(CallError, match="--new-token"):
        token_of(tmp_path)


def test_without_the_token_nothing_but_health_answers(tmp_path):
    async def attack():
        async with client(tmp_path, token=KEPT) as served:
            assert (await served.get("/api/v1/health")).status == 200
            attempts = [
                {}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}, {"Authorization": TOKEN},
                {"Authorization": f"Bearer {KEPT}"}, {"Authorization": "Bearer "}, {"Cookie": "graphengine_1=wrong"},
                {"Authorization": f"Bearer {TOKEN}x"}, {"Authorization": f"Bearer {TOKEN[:-1]}"},
            ]  # fmt: skip
            for headers in attempts:
                for path in ("/api/v1/system", "/nothing", "/ws", "/broken"):
                    answer = await served.get(path, headers=headers)
                    assert answer.status == 401, (headers, path)
                    assert (await answer.json())["error"]["code"] == "token_required"
            assert (await served.post(f"/prompt?token={TOKEN}", data=b"{}")).status == 401
            assert (await served.get("/api/v1/system", headers=BEARER)).status == 200
            assert (await served.post("/prompt", data=b"{}", headers=BEARER)).status == 200

    asyncio.run(attack())


def test_the_link_gives_a_cookie_and_takes_the_token_out_of_the_address(tmp_path):
    async def follow():
        async with client(tmp_path, token=KEPT) as served:
            answer = await served.get(f"/api/v1/system?token={TOKEN}&a=1", allow_redirects=False)
            assert (answer.status, answer.headers["Location"]) == (303, "/api/v1/system?a=1")
            cookie = answer.headers["Set-Cookie"]
            assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/" in cookie
            assert "Secure" not in cookie  # over plain HTTP a browser would throw such a one away
            secure = await served.get(f"/?token={TOKEN}", headers={"X-Forwarded-Proto": "https"}, allow_redirects=False)
            assert "Secure" in secure.headers["Set-Cookie"]
            value = cookie.split(";")[0]
            assert (await served.get("/api/v1/system", headers={"Cookie": value})).status == 200
            wrong = await served.get("/api/v1/system?token=wrong", headers=BEARER, allow_redirects=False)
            assert (wrong.status, wrong.headers.get("Set-Cookie")) == (200, None)

    asyncio.run(follow())


@pytest.mark.parametrize("path", ["//evil.example/x", "/\\evil.example", "///evil.example", "//evil.example@x/"])
def test_the_link_leads_to_no_other_host(tmp_path, path):
    from aiohttp.test_utils import TestServer

    from graphengine.server.app import make_app
    from graphengine.server.config import Serving
    from graphengine.settings import Settings

    from .served import raw

    async def attack():
        async with TestServer(make_app(Settings(home=tmp_path), Serving(), KEPT)) as server:
            head = f"GET {path}?token={TOKEN} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nConnection: close\r\n\r\n"
            answer = (await raw(server.port, head.encode())).decode()
            places = [line for line in answer.splitlines() if line.lower().startswith("location:")]
            for place in places:
                assert place.split(": ")[1][:1] == "/"
                assert place.split(": ")[1][1:2] not in ("/", "\\")

    asyncio.run(attack())


def test_a_websocket_takes_the_token_from_its_address_or_cookie_and_is_refused_without(tmp_path):
    async def attack():
        async with client(tmp_path, token=KEPT) as served:
            for path in ("/ws", "/ws?token=wrong"):
                with pytest.raises(WSServerHandshakeError) as caught:
                    await served.ws_connect(path)
                assert caught.value.status == 401
            cookie = {"Cookie": f"graphengine_{served.server.port}={TOKEN}"}
            for path, headers in ((f"/ws?token={TOKEN}", {}), ("/ws", cookie), ("/ws", BEARER)):
                async with served.ws_connect(path, headers=headers) as socket:
                    assert await socket.receive_str() == "hello"

    asyncio.run(attack())


def test_a_foreign_page_with_the_cookie_still_changes_nothing(tmp_path):
    async def attack():
        async with client(tmp_path, token=KEPT) as served:
            headers = {"Cookie": f"graphengine_{served.server.port}={TOKEN}", "Origin": "http://evil.example"}
            assert (await served.post("/prompt", data=b"{}", headers=headers)).status == 403

    asyncio.run(attack())


def test_the_token_is_compared_in_constant_time(tmp_path, monkeypatch):
    compared = []
    honest = tokens.hmac.compare_digest
    monkeypatch.setattr(tokens.hmac, "compare_digest", lambda a, b: compared.append((a, b)) or honest(a, b))

    async def look():
        async with client(tmp_path, token=KEPT) as served:
            await served.get("/api/v1/system", headers={"Authorization": "Bearer wrong"})

    asyncio.run(look())
    assert compared == [(tokens.digest("wrong"), KEPT)]


def test_each_wrong_token_waits_longer_in_bounded_memory(monkeypatch):
    monkeypatch.setattr(tokens, "FIRST_DELAY", 0.05)
    monkeypatch.setattr(tokens, "LONGEST_DELAY", 3.0)
    failures = Failures()
    delays = [failures.delay("a") for _ in range(60)]
    assert delays[:3] == [0.05, 0.1, 0.2]
    assert delays[-1] == tokens.LONGEST_DELAY
    failures.forget("a")
    assert failures.delay("a") == 0.05
    for number in range(3000):
        failures.delay(str(number))
    assert len(failures) == tokens.REMEMBERED


def test_a_wrong_token_is_answered_late_and_the_right_one_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(tokens, "FIRST_DELAY", 0.3)
    monkeypatch.setattr(tokens, "LONGEST_DELAY", 0.3)

    async def attack():
        async with client(tmp_path, token=KEPT) as served:
            clock = asyncio.get_running_loop().time
            started = clock()
            await served.get("/api/v1/system", headers={"Authorization": "Bearer wrong"})
            assert clock() - started > 0.29
            started = clock()
            await served.get("/api/v1/system", headers=BEARER)
            assert clock() - started < 0.29

    asyncio.run(attack())


def test_no_error_or_log_of_the_application_holds_the_token(tmp_path, caplog):
    caplog.set_level(logging.DEBUG)

    async def attack():
        async with client(tmp_path, token=KEPT) as served:
            answer = await served.get("/broken", headers=BEARER | {"Cookie": f"a={TOKEN}"})
            assert TOKEN not in await answer.text()
            for path in (f"/nothing?token={TOKEN}", f"/api/v1/echo?x={TOKEN}&token=wrong"):
                assert TOKEN not in await (await served.get(path, headers=BEARER)).text()

    asyncio.run(attack())
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("graphengine")]
    assert ours and not any(TOKEN in message for message in ours)
