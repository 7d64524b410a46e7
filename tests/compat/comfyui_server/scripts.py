"""A server with a worker behind a real socket, and what nearly every script does with it."""

import asyncio
import json
from contextlib import asynccontextmanager, closing, suppress

from aiohttp import ClientSession, WSMsgType

from graphengine.compat.comfyui_server.routes import ROUTES
from graphengine.compat.comfyui_server.state import extend
from graphengine.server.app import make_app
from graphengine.server.config import Serving
from graphengine.server.serve import bind, running
from graphengine.server.service import Service
from graphengine.settings import Settings
from tests.indexed import PACKS


@asynccontextmanager
async def served(home, **more):
    """The service at a free port; gives a ``Script``."""
    settings, serving = Settings(home=home, packs=(PACKS,)), Serving(drain_seconds=2, **more)
    (listening,) = bind(("127.0.0.1",), 0)
    with closing(listening):
        app = make_app(settings, serving, None, ROUTES, Service(settings), (extend,))
        async with running(app, serving, [listening]):
            base = f"http://127.0.0.1:{listening.getsockname()[1]}"
            async with ClientSession(base) as session:
                yield Script(session, base, home, app)


def play(home, act, seconds=60, **more):
    """Run ``act(script)`` against a service."""

    async def run():
        async with asyncio.timeout(seconds), served(home, **more) as script:
            return await act(script)

    return asyncio.run(run())


class Script:
    def __init__(self, session, base, home, app):
        self.session, self.base, self.home, self.app = session, base, home, app

    async def get(self, path, status=200, /, **query):
        async with self.session.get(path, params=query) as answer:
            assert answer.status == status, (path, answer.status, await answer.text())
            return await answer.json() if answer.content_type == "application/json" else await answer.read()

    async def post(self, path, body=None, status=200, **options):
        given = options or {"json": body}
        async with self.session.post(path, **given) as answer:
            text = await answer.text()
            assert answer.status == status, (path, answer.status, text)
            return json.loads(text) if text else None

    async def run(self, graph, client="", **more):
        """Queue a graph; the job's id."""
        answer = await self.post("/prompt", {"prompt": graph, "client_id": client, **more})
        return answer["prompt_id"]

    @asynccontextmanager
    async def listening(self, client="", flags=None):
        """A websocket; what has come is in ``heard``, of binary frames the bytes."""
        query = f"?clientId={client}" if client else ""
        async with self.session.ws_connect(f"/ws{query}") as socket:
            if flags is not None:
                await socket.send_str(json.dumps({"type": "feature_flags", "data": flags}))
            yield Ear(socket)

    async def ended(self, id):
        while not (found := await self.get(f"/history/{id}")):
            await asyncio.sleep(0.01)
        return found[id]


class Ear:
    def __init__(self, socket):
        self.socket, self.heard = socket, []

    async def next(self):
        frame = await asyncio.wait_for(self.socket.receive(), 30)
        assert frame.type in (WSMsgType.TEXT, WSMsgType.BINARY), frame
        self.heard.append(json.loads(frame.data) if frame.type is WSMsgType.TEXT else frame.data)
        return self.heard[-1]

    async def until(self, wanted):
        while not wanted(message := await self.next()):
            pass
        return message

    async def end_of(self, id):
        """Until the last message of a job; what was said of it."""
        await self.until(
            lambda m: (
                isinstance(m, dict)
                and m["type"] == "executing"
                and m["data"]["node"] is None
                and m["data"].get("prompt_id") == id
            )
        )
        return self.heard

    async def for_a_moment(self, seconds=0.2):
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while True:
                    await self.next()
        return self.heard

    def types(self):
        return [message["type"] if isinstance(message, dict) else "preview" for message in self.heard]


def say(text="hello"):
    return {"class_type": "acts/Say", "inputs": {"text": text}}


def work(seconds=0.2, after=0):
    return {"class_type": "acts/Work", "inputs": {"seconds": seconds, "after": after}}
