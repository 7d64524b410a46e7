"""What is known of jobs, when their ends or deletions are heard late or not at all."""

import asyncio
import json
import logging
from contextlib import asynccontextmanager
from types import SimpleNamespace

from graphengine.compat.comfyui_server.audience import Audience
from graphengine.server.hub import Hub
from graphengine.server.job import JobState, Submission
from graphengine.server.jobs import Jobs
from graphengine.server.store import Store


class Listener:
    knows_metadata = False

    def __init__(self, id):
        self.id, self.heard = id, []

    def say(self, frame):
        self.heard.append(json.loads(frame.payload))

    say_newest = say

    def hide(self):
        pass


@asynccontextmanager
async def listening(path, **more):
    """A service without workers, its audience with one listener; the hub holds four events."""
    store, gone = Store(path), []
    service = SimpleNamespace(hub=Hub(4), jobs=await Jobs.open(store))
    audience, listener = Audience(service, SimpleNamespace(forget=gone.append)), Listener("me")
    telling = asyncio.create_task(audience.keep_telling())
    await asyncio.sleep(0.05)
    audience.enter(listener)
    try:
        async with asyncio.timeout(20):
            yield service, listener, gone
    finally:
        service.hub.close()
        await telling
        store.close()


def state(service, id, state):
    service.hub.publish("state", {"state": state, "reason": ""}, job=id, client="me")


async def until(condition):
    while not condition():
        await asyncio.sleep(0.01)


def remaining(listener):
    return listener.heard[-1]["data"].get("status", {}).get("exec_info", {}).get("queue_remaining")


def test_an_audience_that_missed_the_end_of_a_job_catches_up_with_it_and_with_the_queue(tmp_path):
    async def play():
        async with listening(tmp_path / "x.sqlite") as (service, listener, _):
            await service.jobs.submit(Submission(document=b'{"nodes": {}}', id="a", client="me"))
            state(service, "a", JobState.QUEUED)
            await service.jobs.take()
            state(service, "a", JobState.RUNNING)
            await until(lambda: remaining(listener) == 1)
            await asyncio.sleep(0.1)
            await service.jobs.finish("a", JobState.DONE)
            state(service, "a", JobState.DONE)
            for _ in range(20):
                service.hub.publish("queue", {})
            await until(lambda: remaining(listener) == 0)
            assert {"type": "executing", "data": {"node": None, "prompt_id": "a", "display_node": None}} in [
                {"type": one["type"], "data": {"display_node": None, **one["data"]}} for one in listener.heard
            ]

    asyncio.run(play())


def test_nothing_is_kept_of_a_job_that_is_deleted(tmp_path):
    async def play():
        async with listening(tmp_path / "x.sqlite") as (service, _, gone):
            service.hub.publish("deleted", {}, job="a")
            await until(lambda: gone == ["a"])

    asyncio.run(play())


def test_an_event_that_cannot_be_told_is_logged_and_the_others_are_told(tmp_path, caplog):
    async def play():
        async with listening(tmp_path / "x.sqlite") as (service, listener, _):
            await service.jobs.submit(Submission(document=b'{"nodes": {}}', id="a", client="me"))
            state(service, "a", JobState.QUEUED)
            service.hub.publish("state", {"state": "no such state"}, job="odd", client="me")
            service.hub.publish("progress", {"node": "n"}, job="a", client="me")  # without how far
            service.hub.publish("progress", {"node": "n", "done": 1, "total": 2}, job="a", client="me")
            await until(lambda: listener.heard and listener.heard[-1]["type"] == "progress_state")
            assert [one["data"]["value"] for one in listener.heard if one["type"] == "progress"] == [1]
            service.hub.publish("state", {"state": "done"}, job="a")  # without a reason
            await until(lambda: listener.heard[-1]["data"] == {"node": None, "prompt_id": "a"})

    with caplog.at_level(logging.ERROR, "graphengine.server"):
        asyncio.run(play())
    assert [(record.name, record.getMessage()) for record in caplog.records] == [
        ("graphengine.server", "event 'state' of job 'odd' cannot be told to websockets"),
        ("graphengine.server", "event 'progress' of job 'a' cannot be told to websockets"),
        ("graphengine.server", "event 'state' of job 'a' cannot be told to websockets"),
    ]
    assert all(record.exc_info for record in caplog.records)
