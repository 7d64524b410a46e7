import asyncio
import json
import socket
import struct

from graphengine.server import frames, streams
from graphengine.server.hub import Preview

from .serving import SAY, play, workflow


class Stream:
    """A client of server-sent events, by the rules of WHATWG HTML 9.2.6."""

    def __init__(self, response):
        self.response, self.last, self.comments = response, None, 0

    async def __aiter__(self):
        data = []
        async for raw in self.response.content:
            line = raw.decode().rstrip("\n")
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "id":
                self.last = value
            elif name == "data":
                data.append(value)
            elif line and not name:
                self.comments += 1
            elif not line and data:
                yield int(self.last), json.loads("\n".join(data))
                data = []


async def until_done(stream, id):
    heard = []
    async with asyncio.timeout(20):
        async for number, event in stream:
            assert number == event["number"]
            heard.append(event)
            if event.get("job") == id and event["data"].get("state") in ("done", "cancelled"):
                break
    return heard


def events(api, query="", **headers):
    return api.client.get(f"/api/v1/events{query}", headers=headers)


def test_events_come_in_order_with_their_numbers_and_are_read_on_after_a_lost_connection(home):
    async def act(api):
        async with events(api) as response:
            assert response.headers["Content-Type"] == "text/event-stream"
            stream = Stream(response)
            await api.submit(SAY, id="one")
            first = await until_done(stream, "one")
        kinds = [event["kind"] for event in first]
        assert kinds == ["state", "state", "planned", "started", "finished", "ended", "state"]
        await api.submit(SAY, id="two")
        await api.ended("two")
        async with events(api, f"?after={first[0]['number']}", **{"Last-Event-ID": stream.last}) as response:
            missed = await until_done(Stream(response), "two")
        numbers = [event["number"] for event in (*first, *missed)]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        async with events(api, f"?after={first[2]['number']}&job=one") as response:
            again = await until_done(Stream(response), "one")
        assert again == first[3:]

    play(home, act)


def test_a_client_that_lost_its_connection_before_the_first_event_misses_nothing(home):
    async def act(api):
        async with events(api) as response:
            assert (await response.content.readline()).decode() == f"id: {api.service.hub.newest}\n"
            last = api.service.hub.newest
        await api.submit(SAY, id="one")
        async with events(api, **{"Last-Event-ID": str(last)}) as response:
            heard = await until_done(Stream(response), "one")
        assert heard[0]["number"] == last + 1 and heard[0]["data"]["state"] == "queued"

    play(home, act)


def test_events_that_are_no_longer_held_are_answered_by_a_reset(home):
    async def act(api):
        for query, headers in (("?after=5", {}), ("", {"Last-Event-ID": "5"})):
            async with events(api, query, **headers) as response, asyncio.timeout(5):
                async for _, event in Stream(response):
                    assert event["kind"] == "reset" and event["data"] == {"after": api.service.hub.newest}
                    break
        async with api.client.head("/api/v1/events") as response:
            assert (response.status, response.content_type) == (200, "text/event-stream")
        await api.get("/events/socket", 400)
        for query, headers in (("?after=x", {}), ("", {"Last-Event-ID": "x"}), ("?jobs=1", {})):
            async with events(api, query, **headers) as response:
                assert response.status == 400

    play(home, act)


def test_a_quiet_stream_is_kept_alive_by_comments(home, monkeypatch):
    monkeypatch.setattr(streams, "KEEP_ALIVE", 0.05)

    async def act(api):
        async with events(api) as response:
            stream = Stream(response)
            await asyncio.sleep(0.3)
            await api.submit(SAY, id="one")
            heard = await until_done(stream, "one")
        assert stream.comments >= 3 and heard[0]["data"]["state"] == "queued" and len(heard) == 7

    play(home, act)


def test_a_websocket_gives_arrays_of_events_and_pictures_of_what_is_worked_on(home):
    async def act(api):
        async with api.client.ws_connect("/api/v1/events/socket") as ws:
            (begin,) = await ws.receive_json()
            assert begin["kind"] == "begin" and begin["number"] == api.service.hub.newest
            await api.submit(workflow(work=("Work", {"seconds": 0.5})), id="w")
            heard, pictures = [], []
            async with asyncio.timeout(20):
                while not any(event["data"].get("state") == "done" for event in heard):
                    frame = await ws.receive()
                    if frame.type.name == "TEXT":
                        heard += json.loads(frame.data)
                    else:
                        pictures.append(frame.data)
        numbers = [event["number"] for event in heard]
        assert numbers == list(range(begin["number"] + 1, begin["number"] + 1 + len(numbers)))
        assert sum(event["kind"] == "progress" for event in heard) > 5 and 2 <= len(pictures) <= 7
        (length,) = struct.unpack(">I", pictures[0][:4])
        assert json.loads(pictures[0][4 : 4 + length]) == {"job": "w", "node": "work", "type": "image/jpeg"}
        assert pictures[0][4 + length :].startswith(b"\xff\xd8\xff")
        async with api.client.ws_connect(f"/api/v1/events/socket?after={numbers[2]}&job=w") as ws:
            await ws.receive_json()
            assert [event["number"] for event in await ws.receive_json()] == numbers[3:]

    play(home, act)


def test_events_of_any_size_are_whole_frames(home):
    """Read by aiohttp's client: a frame says its length in one byte, in three or in nine (RFC 6455, 5.2)."""

    async def act(api):
        async with api.client.ws_connect("/api/v1/events/socket", max_msg_size=0) as ws:
            (begin,) = await ws.receive_json()
            lengths = set()
            for size in (0, *range(10, 60), *range(65_400, 65_560, 3), 200_000):
                api.service.hub.publish("x", "y" * size)
                text = (await ws.receive()).data
                (event,) = json.loads(text)
                assert (event["kind"], event["data"]) == ("x", "y" * size)
                lengths.add(len(text))
            assert min(lengths) < 125 and {126, 127} & lengths and max(lengths) > 2**16
            assert event["number"] == begin["number"] + 106

    play(home, act)


def test_what_a_client_says_over_its_websocket_changes_nothing_and_a_foreign_page_gets_none(home):
    async def act(api):
        async with api.client.ws_connect("/api/v1/events/socket") as ws:
            await ws.receive_json()
            await ws.send_str("anything")
            await api.submit(SAY, id="one")
            assert (await ws.receive_json())[0]["job"] == "one"
        foreign = {"Origin": "http://evil.example", "Upgrade": "websocket", "Connection": "Upgrade"}
        await api.get("/events/socket", 403, headers=foreign)

    play(home, act)


async def connect_without_reading(api, path):
    """A client with a small buffer that asks for events and reads nothing."""
    stuck = socket.socket()
    stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    stuck.setblocking(False)
    loop, server = asyncio.get_running_loop(), api.client.server
    await loop.sock_connect(stuck, (server.host, server.port))
    more = (
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
        + "A" * 22
        + "==\r\n"
    )
    upgrade = more if path.endswith("socket") else ""
    await loop.sock_sendall(
        stuck, f"GET /api/v1{path} HTTP/1.1\r\nHost: {server.host}:{server.port}\r\n{upgrade}\r\n".encode()
    )
    return stuck


def test_a_client_that_does_not_read_is_dropped_after_a_time_while_others_hear_everything(home, monkeypatch):
    monkeypatch.setattr(frames, "STUCK", 0.5)

    async def act(api):
        hub, loop = api.service.hub, asyncio.get_running_loop()
        for path in ("/events", "/events/socket"):
            stuck = await connect_without_reading(api, path)
            await asyncio.sleep(0.1)
            assert api_connections(api) == 1
            async with events(api) as response:
                stream, began, first = Stream(response), loop.time(), hub.newest + 1
                for number in range(400):
                    hub.publish("flood", {"number": number, "text": "x" * 50_000})
                    if number % 20 == 0:
                        await asyncio.sleep(0.01)
                last = hub.newest
                heard = 0
                async for number, _ in stream:
                    assert number == first + heard
                    heard += 1
                    if number == last:
                        break
            assert heard == 400 and loop.time() - began < 10
            async with asyncio.timeout(10):
                while api_connections(api):
                    await asyncio.sleep(0.05)
            stuck.close()

    def api_connections(api):
        return len([one for one in api.client.server.runner.server.connections if one.transport])

    play(home, act)


def test_streams_end_when_the_server_stops(home):
    async def act(api):
        response = await api.client.get("/api/v1/events")
        ws = await api.client.ws_connect("/api/v1/events/socket")
        await ws.receive_json()
        loop = asyncio.get_running_loop()
        began = loop.time()
        stopping = asyncio.create_task(api.client.server.close())
        async with asyncio.timeout(5):
            rest = await response.content.read()
            closed = await ws.receive()
        await stopping
        assert rest.startswith(b"id: ") and closed.type.name in ("CLOSE", "CLOSING", "CLOSED")
        assert loop.time() - began < 3

    play(home, act)


def test_what_one_client_does_to_the_queue_is_heard_by_the_others(home):
    async def act(api):
        async with events(api) as response:
            stream = aiter(Stream(response))
            said = []

            async def hear(count=1):
                async with asyncio.timeout(5):
                    for _ in range(count):
                        _, event = await anext(stream)
                        said.append((event["kind"], event.get("job"), event["data"]))

            await api.post("/queue/pause", 204)
            await hear()
            for id in "ab":
                await api.submit(SAY, id=id)
            await api.post("/jobs/b/move", 204, json={"to": "front"})
            await hear(3)
            await api.post("/queue/clear")
            await api.post("/queue/resume", 204)
            await api.ask("DELETE", "/jobs/a", 204)
            await hear(4)
        queued = {"state": "queued", "reason": ""}
        cleared = {"state": "cancelled", "reason": "The queue was cleared."}
        assert said[:4] == [
            ("queue", None, {"paused": True}), ("state", "a", queued), ("state", "b", queued),
            ("queue", None, {"moved": "b"}),
        ]  # fmt: skip
        assert sorted(said[4:6], key=lambda one: one[1]) == [("state", "a", cleared), ("state", "b", cleared)]
        assert said[6:] == [("queue", None, {"paused": False}), ("deleted", "a", {})]

    play(home, act)


def test_a_preview_frame_is_a_length_a_header_and_the_picture():
    frame = streams.preview_frame(Preview(1, "j", "né", "image/webp", b"RIFF"))
    header = json.dumps({"job": "j", "node": "né", "type": "image/webp"}, separators=(",", ":"), ensure_ascii=False)
    assert frame == len(header.encode()).to_bytes(4, "big") + header.encode() + b"RIFF"
