"""Our interface over a real socket, with a real worker that runs the pack ``acts``."""

import asyncio
from contextlib import asynccontextmanager

from aiohttp.test_utils import TestClient, TestServer

from graphengine.server.app import make_app
from graphengine.server.config import Limits, Serving
from graphengine.server.keys import SERVICE
from graphengine.server.service import Service
from graphengine.settings import Settings
from tests.indexed import PACKS

ENDED = {"done", "failed", "cancelled", "lost"}


def settings_of(home):
    return Settings(home=home, packs=(PACKS,))


def workflow(**nodes):
    """A document: name -> (kind, inputs); ``"node.output"`` in a list is a link."""
    return {"graphengine": 1, "nodes": {id: _node(*node) for id, node in nodes.items()}}


def _node(kind, inputs=()):
    return {"kind": f"acts/{kind}", "inputs": {name: _value(value) for name, value in dict(inputs).items()}}


def _value(value):
    if not isinstance(value, list):
        return value
    node, output = value[0].split(".")
    return {"link": {"node": node, "output": output}}


SAY = workflow(say=("Say", {"text": "hello"}))
LONG = workflow(work=("Work", {"seconds": 60.0}))


class Api:
    """What tests say to the interface."""

    def __init__(self, client, app):
        self.client, self.app = client, app

    @property
    def service(self):
        return self.app[SERVICE]

    async def ask(self, method, path, status=200, *, json=None, headers=None, **options):
        """The JSON that is answered, after its status was looked at."""
        if method in ("POST", "PUT") and "data" not in options:
            options["json"] = {} if json is None else json
        elif "data" in options and isinstance(options["data"], bytes):
            headers = {"Content-Type": "application/json", **(headers or {})}
        async with self.client.request(method, f"/api/v1{path}", headers=headers, **options) as answer:
            body = await answer.read()
            assert answer.status == status, f"{method} {path}: {answer.status} {body[:2000]!r}"
            return await answer.json() if answer.content_type == "application/json" else body

    async def get(self, path, status=200, **options):
        return await self.ask("GET", path, status, **options)

    async def post(self, path, status=200, **options):
        return await self.ask("POST", path, status, **options)

    async def submit(self, workflow, **more):
        return await self.post("/jobs", 201, json={"workflow": workflow, **more})

    async def until(self, id, condition):
        async with asyncio.timeout(30):
            while not condition(job := await self.get(f"/jobs/{id}")):
                await asyncio.sleep(0.01)
        return job

    async def ended(self, id):
        return await self.until(id, lambda job: job["state"] in ENDED)

    async def working(self, id):
        """Until a node of the job tells its steps."""
        return await self.until(id, lambda job: any("done" in node for node in (job["progress"] or {}).values()))


@asynccontextmanager
async def api(home, limits=None, more_routes=()):
    settings = settings_of(home)
    serving = Serving(drain_seconds=0.2, limits=limits or Limits())
    app = make_app(settings, serving, None, more_routes, Service(settings))
    async with TestClient(TestServer(app)) as client:
        yield Api(client, app)


def play(home, act, **options):
    """Run an act against a served home."""

    async def run():
        async with api(home, **options) as served:
            return await asyncio.wait_for(act(served), 60)

    return asyncio.run(run())
