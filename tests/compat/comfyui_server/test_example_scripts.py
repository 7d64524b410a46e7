"""The scripts that everybody begins with: urllib and websocket-client, nothing else."""

import asyncio
import io
import json
import uuid
from contextlib import closing
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from PIL import Image

from tests.compat.comfyui_server.scripts import play, work

websocket = pytest.importorskip("websocket")
SECONDS = 50
PICTURE = {"class_type": "EmptyImage", "inputs": {"width": 24, "height": 16, "batch_size": 2, "color": 0x00FF00}}
SAVE = {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "scripted"}}


def ask(base, path, body=None):
    data = None if body is None else json.dumps(body).encode()  # urllib calls it application/x-www-form-urlencoded
    with urlopen(Request(f"{base}{path}", data=data), timeout=SECONDS) as answer:
        return answer.read()


def queue(base, graph, client):
    return json.loads(ask(base, "/prompt", {"prompt": graph, "client_id": client}))["prompt_id"]


def follow(socket, id):
    """Node -> the binary frames that came while it was said to run, until the job has ended."""
    node, frames = "", {}
    while True:
        heard = socket.recv()
        if isinstance(heard, bytes):
            frames.setdefault(node, []).append(heard)
            continue
        message = json.loads(heard)
        if message["type"] == "executing" and message["data"].get("prompt_id") == id:
            node = message["data"]["node"]
            if node is None:
                return frames


def connected(base, client):
    place = f"ws{base.removeprefix('http')}/ws?clientId={client}"
    return closing(websocket.create_connection(place, timeout=SECONDS))


def run(home, use):
    async def act(script):
        await asyncio.to_thread(use, script.base, uuid.uuid4().hex)

    play(home, act)


def test_one_that_only_posts(home):
    def use(base, client):
        graph = {"1": PICTURE, "2": SAVE}
        answer = json.loads(ask(base, "/prompt", {"prompt": graph}))
        assert answer["node_errors"] == {} and answer["number"] > 0

    run(home, use)


def test_one_that_waits_on_the_websocket_and_reads_the_history(home):
    def use(base, client):
        with connected(base, client) as socket:
            graph = {
                "1": PICTURE,
                "9": SAVE,
            }
            id = queue(base, graph, client)
            follow(socket, id)
            history = json.loads(ask(base, f"/history/{id}"))[id]
            images = [image for output in history["outputs"].values() for image in output["images"]]
            assert len(images) == 2
            for image in images:
                query = urlencode(
                    {"filename": image["filename"], "subfolder": image["subfolder"], "type": image["type"]}
                )
                picture = Image.open(io.BytesIO(ask(base, f"/view?{query}")))
                assert picture.size == (24, 16) and picture.convert("RGB").getpixel((0, 0)) == (0, 255, 0)

    run(home, use)


def test_one_that_gets_its_pictures_over_the_websocket_whole(home):
    def use(base, client):
        with connected(base, client) as socket:
            graph = {"1": PICTURE, "save": {"class_type": "SaveImageWebsocket", "inputs": {"images": ["1", 0]}}}
            graph["2"] = work(0.1)  # shows previews meanwhile
            for _ in range(2):  # the second time everything before it is cached
                frames = follow(socket, queue(base, graph, client))
                assert len(frames["save"]) == 2
                for frame in frames["save"]:
                    assert frame[:8] == b"\0\0\0\1\0\0\0\2"
                    picture = Image.open(io.BytesIO(frame[8:]))
                    assert (picture.format, picture.size) == ("PNG", (24, 16))

    run(home, use)


def test_one_that_waits_for_a_job_that_is_taken_out_of_the_queue(home):
    def use(base, client):
        with connected(base, client) as socket:
            running = queue(base, {"1": work(20.0)}, "another")
            id = queue(base, {"1": work(20.5)}, client)
            ask(base, "/queue", {"delete": [id]})
            follow(socket, id)
            assert json.loads(ask(base, f"/history/{id}")) == {}
            ask(base, "/interrupt", {"prompt_id": running})

    run(home, use)
