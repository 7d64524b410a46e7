"""Slow clients, floods and oversized bodies, over real sockets of the service."""

import asyncio
import json
from contextlib import AsyncExitStack

import pytest
from aiohttp import WSMsgType

from graphengine.server.answers import Refusal, json_answer
from graphengine.server.bodies import check_depth, read_json
from graphengine.server.config import Limits, Serving
from graphengine.server.flood import too_many
from graphengine.server.routes import Route

from .served import client, connected, raw, real, rest

HEAD = b"POST /prompt HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


async def trickle(writer, piece, count):
    for _ in range(count):
        writer.write(piece)
        await asyncio.sleep(0.02)


def test_headers_that_trickle_end_the_connection(tmp_path):
    async def attack():
        async with real(tmp_path, Limits(header_seconds=0.3)) as port:
            started = asyncio.get_running_loop().time()
            async with connected(port) as (reader, writer), asyncio.timeout(5):
                writer.write(b"GET / HTTP/1.1\r\nX-A: ")
                trickling = asyncio.create_task(trickle(writer, b"a", 1000))
                assert await rest(reader) == b""
                trickling.cancel()
            assert asyncio.get_running_loop().time() - started < 3
            assert await raw(port, b"") == b""  # nor does one that sends nothing stay

    asyncio.run(attack())


def test_a_body_that_trickles_is_ended_and_one_that_flows_is_not(tmp_path):
    async def attack():
        async with real(tmp_path, Limits(body_seconds=0.2, body_rate=1000)) as port:
            async with connected(port) as (reader, writer), asyncio.timeout(5):
                writer.write(HEAD % (port, 10_000))
                trickling = asyncio.create_task(trickle(writer, b"x", 1000))
                answer = await rest(reader)
                trickling.cancel()
            assert answer == b"" or (answer.startswith(b"HTTP/1.1 408 ") and b"slow_body" in answer)
            async with connected(port) as (reader, writer):
                writer.write(HEAD % (port, 10_000))
                await trickle(writer, b"x" * 200, 50)  # a second, at ten times the rate
                assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")

    asyncio.run(attack())


def test_an_address_has_so_many_connections_and_no_more(tmp_path):
    async def attack():
        async with real(tmp_path, Limits(connections=3)) as port:

            async def answers(stack):
                reader, writer = await stack.enter_async_context(connected(port))
                writer.write(b"GET /api/v1/health HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % port)
                try:
                    return (await reader.readline()).startswith(b"HTTP/1.1 200 ")
                except ConnectionError:
                    return False

            async with AsyncExitStack() as held:
                assert [await answers(held) for _ in range(5)] == [True, True, True, False, False]
            await asyncio.sleep(0.1)
            async with AsyncExitStack() as held:
                assert await answers(held)

    asyncio.run(attack())


def test_connections_are_counted_an_address():
    assert too_many(["a", "b", "a"], "a", 2)
    assert not too_many(["a", "b", "a"], "b", 2)


def test_a_flood_of_requests_is_refused_beyond_so_many_in_flight(tmp_path):
    go = asyncio.Event()

    async def wait(request):
        await go.wait()
        return json_answer({})

    async def attack():
        serving = Serving(limits=Limits(requests=4))
        async with client(tmp_path, serving, routes=(Route("GET", "/wait", wait, "Waits."),)) as served:
            flood = [asyncio.create_task(served.get("/wait")) for _ in range(4)]
            await asyncio.sleep(0.2)
            answer = await served.get("/api/v1/health")
            assert answer.status == 429
            assert answer.headers["Retry-After"] == "1"
            go.set()
            assert {(await one).status for one in flood} == {200}
            assert (await served.get("/api/v1/health")).status == 200

    asyncio.run(attack())


def test_a_websocket_is_closed_by_a_message_that_is_too_large(tmp_path):
    async def attack():
        async with (
            client(tmp_path, Serving(limits=Limits(message_bytes=1000))) as served,
            served.ws_connect("/ws") as ws,
        ):
            assert await ws.receive_str() == "hello"
            await ws.send_str("x" * 999)
            await ws.send_str("x" * 1001)
            assert (await ws.receive(timeout=5)).type is WSMsgType.CLOSE
            assert ws.close_code == 1009

    asyncio.run(attack())


def reads_json(limits):
    async def read(request):
        return json_answer(await read_json(request, limits))

    return (Route("POST", "/json", read, "Reads.", compatible=True),)


@pytest.mark.parametrize(("body", "code"), [
    (b"[" * 100_000, "too_deep"), (b"[" * 11 + b"]" * 11, "too_deep"), (b'{"a":' * 11 + b"1" + b"}" * 11, "too_deep"),
    (b"[" * 200_000 + b"]" * 200_000, "too_large"), (b'"' + b"x" * 300_000 + b'"', "too_large"), (b"{", "bad_json"),
    (b"", "bad_json"), (b"\xff", "bad_json"), (b"NaN", "bad_json"), (b'"\xed\xa0\x80"', "bad_json"),
])  # fmt: skip
@pytest.mark.parametrize("chunked", [False, True])
def test_json_is_limited_in_bytes_and_depth(tmp_path, body, code, chunked):
    limits = Limits(json_bytes=200_000, json_depth=10)

    async def pieces():
        for start in range(0, len(body), 2**16):
            yield body[start : start + 2**16]

    async def attack():
        async with client(tmp_path, Serving(limits=limits), routes=reads_json(limits)) as served:
            answer = await served.post("/json", data=pieces() if chunked else body)
            assert (await answer.json())["error"]["code"] == code
            assert answer.status in (400, 413)
            good = json.loads("[" * 10 + "]" * 10)
            assert await (await served.post("/json", json=good)).json() == good

    asyncio.run(attack())


def test_a_body_that_says_it_is_too_large_is_refused_before_it_comes(tmp_path):
    limits = Limits(json_bytes=1000)

    async def attack():
        async with real(tmp_path, limits, routes=reads_json(limits)) as port, connected(port) as (reader, writer):
            writer.write((HEAD % (port, 1001)).replace(b"/prompt", b"/json"))
            async with asyncio.timeout(3):
                assert (await reader.readline()).startswith(b"HTTP/1.1 413 ")

    asyncio.run(attack())


def test_depth_counts_levels_and_nothing_else():
    check_depth([[], {"a": []}, "[[[["], 3)
    check_depth("text", 0)
    with pytest.raises(Refusal):
        check_depth([[], {"a": []}], 2)


def test_a_body_that_is_not_as_its_headers_say_is_the_clients_fault(tmp_path):
    async def attack():
        async with real(tmp_path) as port:
            head = b"POST /prompt HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nTransfer-Encoding: chunked\r\n\r\n" % port
            answer = await raw(port, head + b"zz\r\nabc")
            assert b" 400 " in answer.splitlines()[0]
            assert b"Traceback" not in answer

    asyncio.run(attack())


HOST = b"Host: 127.0.0.1\r\n"


@pytest.mark.parametrize("data", [
    b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n", b"GET /" + b"a" * 10_000 + b" HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nAuthorization: Bearer se\0cret\r\n\r\n", b"GET / HTTP/9.9\r\n" + HOST + b"\r\n",
    b"GET / HTTP/1.1\r\n" + HOST + b"A: b\r\n" * 1000 + b"\r\n", b"GET / HTTP/1.1\r\nA: " + b"b" * 10_000 + b"\r\n\r\n",
    b"POST /prompt HTTP/1.1\r\n" + HOST + b"Content-Length: -1\r\n\r\n",
    b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\r\n",
    b"POST /prompt HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
])  # fmt: skip
def test_what_is_no_http_is_answered_in_our_shape(tmp_path, data):
    async def attack():
        async with real(tmp_path, Limits(header_seconds=0.5)) as port:
            head, _, body = (await raw(port, data)).partition(b"\r\n\r\n")
            assert head.startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 ")), head
            assert b"Server: graphengine\r\n" in head + b"\r\n" and b"X-Content-Type-Options: nosniff" in head
            assert b"application/json" in head
            error = json.loads(body)["error"]
            assert error["code"] == "bad_http" and error["message"]
            assert not any(secret in head + body for secret in (b"Traceback", b"aiohttp", b"Python", b"cret"))

    asyncio.run(attack())


def test_an_expectation_that_nobody_knows_is_passed_over_and_a_body_held_back_is_asked_for(tmp_path):
    async def ask():
        async with real(tmp_path, Limits(header_seconds=0.5)) as port:
            expecting = b"POST /prompt HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: 2\r\nExpect: %s\r\n\r\n{}"
            assert (await raw(port, expecting % (port, b"nothing"))).startswith(b"HTTP/1.1 200 ")
            answer = await raw(port, expecting % (port, b"100-continue"))
            assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 ")

    asyncio.run(ask())


@pytest.mark.parametrize("path", [b"/nothing", b"/api/v1/health"])
def test_an_expectation_where_nothing_takes_it_is_refused_in_our_shape(tmp_path, path):
    async def ask():
        async with real(tmp_path, Limits(header_seconds=0.5)) as port:
            asked = b"PATCH %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: 2\r\nExpect: m\xc3\xbcch\r\n\r\n{}"
            head, _, body = (await raw(port, asked % (path, port))).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 417 ") and b"application/json" in head
            assert b"Server: graphengine\r\n" in head and b"X-Content-Type-Options: nosniff" in head
            error = json.loads(body)["error"]
            assert error["code"] == "expectation_failed" and "mü" in error["message"] and error["cure"]

    asyncio.run(ask())
