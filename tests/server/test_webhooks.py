"""Who is told how jobs ended, when, and how often."""

import asyncio
import json
import time

import pytest

from graphengine.server import webhooks
from graphengine.server.deliveries import drop_beyond, next_due
from graphengine.server.errors import NotFound
from graphengine.server.hub import Hub
from graphengine.server.job import JobState, Submission
from graphengine.server.jobs import Jobs
from graphengine.server.store import Store
from graphengine.server.views import job_detail
from graphengine.server.webhooks import Webhooks, message, telling

URL = "https://studio.example/told"


class Service:
    """What webhooks ask a service for; ``answers`` are statuses or errors, the last one for ever."""

    def __init__(self, store, *answers):
        self.store, self.hub, self.outward, self.sent = store, Hub(), self, []
        self.answers = list(answers or [200])

    async def open(self):
        self.jobs = await Jobs.open(self.store)
        return self

    async def post(self, url, body, headers):
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        self.sent.append((url, json.loads(body), headers))
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def show(self, id):
        job = await self.jobs.show(id)
        return job_detail(job, 0, await self.jobs.transitions(id), await self.jobs.results(id), None)

    async def run(self, *ids, url=URL, state=JobState.DONE, **more):
        for id in ids:
            await self.jobs.submit(Submission(document=b"{}", id=id, webhook=url))
            await self.jobs.take()
            await self.jobs.finish(id, state, **more)
            self.hub.publish("state", {"state": state}, job=id)

    async def told(self, count):
        async with asyncio.timeout(20):
            while len(self.sent) < count:
                await asyncio.sleep(0.01)

    async def settled(self):
        """Until it is written down of all ends that they were told."""
        async with asyncio.timeout(20):
            while await self.waits():
                await asyncio.sleep(0.01)

    async def waits(self):
        return await self.store.read(next_due) is not None


def play(store, act, *answers):
    async def run():
        async with asyncio.timeout(60):
            return await act(await Service(store, *answers).open())

    return asyncio.run(run())


def test_an_end_is_told_with_its_state_times_error_and_results(store):
    async def act(service):
        async with telling(service, b"s" * 24):
            outcome = {"failures": [{"node": "1", "message": "It broke."}]}
            await service.run("a", state=JobState.FAILED, reason="It broke.", outcome=outcome)
            await service.run("b", results={"1": {"images": [{"filename": "x.png", "type": "output"}]}})
            await service.told(2)
            await service.settled()
        (_, failed, headers), (url, done, _) = sorted(service.sent, key=lambda one: one[1]["data"]["id"])
        assert (failed["type"], failed["data"]["id"], failed["data"]["reason"]) == ("job.failed", "a", "It broke.")
        assert failed["data"]["outcome"] == outcome and failed["data"]["ended"] >= failed["data"]["created"]
        assert (url, done["type"]) == (URL, "job.done")
        assert done["data"]["results"][0]["file"] == "/api/v1/files/output/x.png"
        assert headers["webhook-signature"].startswith("v1,") and headers["webhook-timestamp"].isdigit()

    play(store, act)


def test_however_a_job_ends_it_is_told_but_not_for_one_that_names_nobody(store):
    async def act(service):
        await service.run("nobody", url=None)
        for id in ("queued", "running"):
            await service.jobs.submit(Submission(document=b"{}", id=id, webhook=URL))
        await service.jobs.cancel_queued(["queued"])
        await service.jobs.take()
        service.jobs = await Jobs.open(store)  # as after a crash: what ran is lost
        await Webhooks(service).tell_due()
        assert sorted(body["type"] for _, body, _ in service.sent) == ["job.cancelled", "job.lost"]

    play(store, act)


def test_what_is_not_heard_is_told_again_later_and_later_under_the_same_id_and_given_up_at_last(store, monkeypatch):
    clock, waits = [time.time() + 1], []
    monkeypatch.setattr(webhooks.time, "time", lambda: clock[0])

    async def act(service):
        await service.run("a")
        while (pause := await Webhooks(service).tell_due()) is not None:
            waits.append(pause)
            clock[0] += pause
        assert waits == pytest.approx(webhooks.AGAIN)
        assert len({headers["webhook-id"] for _, _, headers in service.sent}) == 1
        assert len({headers["webhook-timestamp"] for _, _, headers in service.sent}) == len(service.sent)

    play(store, act, 500, OSError(111, "refused"), TimeoutError(), 302, 404)


def test_it_is_heard_at_the_third_try_and_not_told_a_fourth_time(store, monkeypatch):
    monkeypatch.setattr(webhooks, "AGAIN", (0.05,) * 7)

    async def act(service):
        async with telling(service, b""):
            await service.run("a")
            await service.told(3)
            await service.settled()
            await asyncio.sleep(0.3)
        assert len(service.sent) == 3

    play(store, act, 503, TimeoutError(), 204, 500)


def test_who_says_gone_is_not_told_again(store):
    async def act(service):
        await service.run("a")
        assert await Webhooks(service).tell_due() is None
        assert len(service.sent) == 1

    play(store, act, 410)


def test_what_was_not_told_is_told_after_a_restart(path):
    store = Store(path)
    play(store, lambda service: service.run("a"))
    store.close()
    store = Store(path)

    async def act(service):
        async with telling(service, b""):
            await service.told(1)

    play(store, act)
    store.close()


def test_a_receiver_that_is_stuck_keeps_no_job_waiting(store):
    async def act(service):
        stuck = asyncio.Event()

        async def post(*_):
            await stuck.wait()
            return 200

        service.post = post
        async with telling(service, b""):
            await service.run("first")
            await asyncio.sleep(0.2)
            await asyncio.wait_for(service.run(*map(str, range(50))), 20)
            stuck.set()

    play(store, act)


def test_only_so_many_wait_and_the_newest_are_kept(store, monkeypatch):
    monkeypatch.setattr(webhooks, "MOST", 3)

    async def act(service):
        await service.run(*"abcdef")
        await Webhooks(service).tell_due()
        assert sorted(body["data"]["id"] for _, body, _ in service.sent) == ["d", "e", "f"]
        assert await store.write(lambda connection: drop_beyond(connection, 3)) == 0

    play(store, act)


def test_a_job_that_was_deleted_is_told_to_nobody(store):
    async def act(service):
        await service.run("a", "b")
        await service.jobs.delete(["a"])
        await Webhooks(service).tell_due()
        assert [body["data"]["id"] for _, body, _ in service.sent] == ["b"]
        with pytest.raises(NotFound):
            await service.show("a")

    play(store, act)


def test_a_message_that_would_be_too_large_goes_without_its_results(store):
    async def act(service):
        await service.run("a", results={"1": {"text": ["x" * 2_000_000]}})
        data = json.loads(message(await service.show("a")))["data"]
        assert (data["id"], data["state"], data["results"]) == ("a", "done", [])

    play(store, act)
