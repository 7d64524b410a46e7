import asyncio
import signal

import pytest

from graphengine.graph import document
from graphengine.graph.workflow import Node, Workflow
from graphengine.server import runner
from graphengine.server.hub import Hub, Preview
from graphengine.server.job import JobState, Submission
from graphengine.server.jobs import Jobs
from graphengine.server.runner import Runner
from graphengine.server.store import Store
from graphengine.settings import Settings
from tests.indexed import PACKS, indexed


def asked(id="", client="", **nodes):
    return Submission(document=document.save(Workflow(nodes)), id=id, client=client)


class Service:
    """A runner with everything it needs, and all that the hub told."""

    def __init__(self, home, **options):
        self.home, self.options, self.told = home, options, []

    async def __aenter__(self):
        self.store = Store(self.home / "server.sqlite")
        self.jobs, self.hub = await Jobs.open(self.store), Hub()
        self.listening = asyncio.create_task(self._listen(self.hub.subscribe()))
        settings = Settings(home=indexed(self.home, PACKS), packs=(PACKS,))
        self.runner = Runner(self.jobs, self.hub, settings, **self.options)
        await self.runner.start()
        return self

    async def __aexit__(self, *_):
        await self.runner.stop(5)
        self.hub.close()
        await self.listening
        self.store.close()

    async def _listen(self, subscription):
        async for batch in subscription:
            self.told += batch

    def submit(self, id, **nodes):
        return self.jobs.submit(asked(id, **nodes))

    async def finished(self, *ids):
        async with asyncio.timeout(30):
            for id in ids:
                while (job := await self.jobs.show(id)).ended is None:
                    await asyncio.sleep(0.01)
        return job

    async def until(self, condition):
        async with asyncio.timeout(30):
            while not condition():
                await asyncio.sleep(0.005)

    def states(self, id):
        return [one.data["state"] for one in self.told if one.job == id and getattr(one, "kind", "") == "state"]

    def kinds(self, id):
        return [one.kind for one in self.told if one.job == id and not isinstance(one, Preview)]


def serving(home, play, **options):
    async def run():
        async with Service(home, **options) as service:
            return await play(service)

    return asyncio.run(run())


def test_jobs_are_run_in_order_and_what_they_made_is_recorded(tmp_path):
    async def play(service):
        for number in range(5):
            await service.submit(f"job{number}", say=Node("acts/Say", {"text": str(number)}))
        last = await service.finished(*(f"job{number}" for number in range(5)))
        assert (last.state, last.outcome["ran"]) == (JobState.DONE, ["say"])
        results = await service.jobs.results(after=0)
        assert [(one.job, one.node, one.kind, one.item) for one in results] == [
            (f"job{number}", "say", "text", str(number)) for number in range(5)
        ]
        await service.until(lambda: "done" in service.states("job4"))
        ended = [one.job for one in service.told if one.kind == "state" and one.data["state"] == "done"]
        assert ended == [f"job{number}" for number in range(5)]
        assert service.kinds("job0") == ["state", "planned", "started", "finished", "ended", "state"]

    serving(tmp_path, play)


def test_a_job_whose_worker_is_killed_is_lost_with_the_reason_and_the_next_one_runs(tmp_path):
    async def play(service):
        await service.submit("falls", fall=Node("acts/Fall", {"number": int(signal.SIGKILL)}))
        await service.submit("next", say=Node("acts/Say"))
        await service.submit("crashes", fall=Node("acts/Fall", {"number": int(signal.SIGSEGV)}))
        await service.submit("last", say=Node("acts/Say"))
        await service.finished("falls", "next", "crashes", "last")
        states = {id: await service.jobs.show(id) for id in ("falls", "next", "crashes", "last")}
        assert [job.state for job in states.values()] == ["lost", "done", "lost", "done"]
        assert "SIGKILL" in states["falls"].reason and "SIGSEGV" in states["crashes"].reason

    serving(tmp_path, play)


def test_a_lost_job_is_noticed_within_three_seconds_and_done_again_with_what_was_finished(tmp_path):
    async def play(service):
        nodes = {"say": Node("acts/Say", {"text": "kept"}), "work": Node("acts/Work", {"seconds": 20.0})}
        await service.submit("one", **nodes)
        await service.until(lambda: "progress" in service.kinds("one") and "finished" in service.kinds("one"))
        loop = asyncio.get_running_loop()
        began = loop.time()
        service.runner.places[0].worker.kill()
        lost = await service.finished("one")
        assert lost.state == JobState.LOST and loop.time() - began < 3
        await service.submit("two", say=nodes["say"], work=Node("acts/Work", {"seconds": 0.01}))
        again = await service.finished("two")
        assert (again.state, again.outcome["cached"], again.outcome["ran"]) == (JobState.DONE, ["say"], ["work"])

    serving(tmp_path, play)


def test_cancelling_reaches_jobs_that_wait_and_that_run(tmp_path):
    async def play(service):
        await service.submit("long", work=Node("acts/Work", {"seconds": 30.0}))
        await service.submit("waits", say=Node("acts/Say"))
        await service.until(lambda: "progress" in service.kinds("long"))
        assert await service.runner.cancel("waits", "Not needed.") and await service.runner.cancel("long")
        await service.finished("long", "waits")
        jobs = [await service.jobs.show(id) for id in ("long", "waits")]
        assert [job.state for job in jobs] == [JobState.CANCELLED] * 2
        assert [job.reason for job in jobs] == ["It was cancelled.", "Not needed."]
        assert not await service.runner.cancel("long")
        await service.until(lambda: service.states("waits") == ["cancelled"])

    serving(tmp_path, play)


def test_a_node_that_never_returns_is_ended_by_force_after_a_grace_time(tmp_path):
    async def play(service):
        await service.submit("hangs", hang=Node("acts/Hang"))
        await service.until(lambda: "started" in service.kinds("hangs"))
        await service.runner.cancel("hangs")
        job = await service.finished("hangs")
        assert job.state == JobState.CANCELLED and "by force" in job.reason
        await service.submit("next", say=Node("acts/Say"))
        assert (await service.finished("next")).state == JobState.DONE

    serving(tmp_path, play, grace=0.3)


def test_a_job_that_runs_when_the_service_stops_waits_for_the_next_start(tmp_path):
    async def begin(service):
        await service.submit("long", work=Node("acts/Work", {"seconds": 60.0}))
        await service.submit("waits", say=Node("acts/Say"))
        await service.until(lambda: "progress" in service.kinds("long"))
        await service.runner.stop(0.1)
        assert (await service.jobs.show("long")).state == JobState.QUEUED
        await service.runner.cancel("long")

    async def go_on(service):
        assert (await service.finished("waits")).state == JobState.DONE
        assert (await service.jobs.show("long")).state == JobState.CANCELLED

    serving(tmp_path, begin)
    serving(tmp_path, go_on)


def test_failures_have_a_reason(tmp_path):
    async def play(service):
        await service.submit("fails", refuse=Node("acts/Refuse"))
        await service.submit("refused", what=Node("acts/Nothing"))
        jobs = [await service.finished(id) for id in ("fails", "refused")]
        assert [job.state for job in jobs] == [JobState.FAILED] * 2
        assert jobs[0].reason == "node 'refuse' (acts/Refuse): It is refused."
        assert "no kind 'acts/Nothing'" in jobs[1].reason

    serving(tmp_path, play)


def test_a_job_of_which_a_node_failed_before_it_was_cancelled_is_failed(tmp_path):
    async def play(service):
        await service.submit("one", fail=Node("acts/Fail"), work=Node("acts/Work", {"seconds": 60.0}))
        await service.until(lambda: {"failed", "progress"} <= set(service.kinds("one")))
        await service.runner.cancel("one")
        job = await service.finished("one")
        assert job.state == JobState.FAILED and "one over nothing" in job.reason

    serving(tmp_path, play)


def test_several_workers_run_jobs_side_by_side_each_on_its_device(tmp_path):
    async def play(service):
        for id in ("a", "b"):
            await service.submit(id, work=Node("acts/Work", {"seconds": 30.0}))
        await service.until(lambda: all("progress" in service.kinds(id) for id in ("a", "b")))
        assert {job.id for job in service.runner.running} == {"a", "b"}
        for id in ("a", "b"):
            await service.runner.cancel(id)
        await service.finished("a", "b")
        jobs = [await service.jobs.show(id) for id in ("a", "b")]
        assert {job.outcome["device"] for job in jobs} == {"cpu:0", "cpu:1"}

    serving(tmp_path, play, count=2, devices=("cpu:0", "cpu:1"))


@pytest.mark.parametrize(("devices", "given"), [((), "auto auto auto"), (("cpu:0", "cpu:1"), "cpu:0 cpu:1 cpu:0")])
def test_workers_take_the_devices_in_turn(tmp_path, devices, given):
    async def play(service):
        assert [place.worker.settings.device for place in service.runner.places] == given.split()

    serving(tmp_path, play, count=3, devices=devices)


def slowed(function, before=0.0, after=0.0):
    async def slow(*args, **named):
        await asyncio.sleep(before)
        value = await function(*args, **named)
        await asyncio.sleep(after)
        return value

    return slow


@pytest.mark.parametrize(("before", "after"), [(0.3, 0.0), (0.0, 0.3), (0.0, 60.0)])
def test_the_end_of_a_job_is_recorded_though_the_service_stops_meanwhile(tmp_path, monkeypatch, before, after):
    monkeypatch.setattr(runner, "RECORDING", 1.0)

    async def play(service):
        service.jobs.finish = slowed(service.jobs.finish, before, after)
        await service.submit("one", say=Node("acts/Say"))
        await service.until(lambda: service.runner.places[0].over is not None and service.runner.places[0].over.done())
        await asyncio.sleep(0.1)
        await service.runner.stop(0)
        assert (await service.jobs.show("one")).state == JobState.DONE
        assert not service.runner.places[0].worker.alive

    serving(tmp_path, play)


def test_a_job_that_is_taken_while_the_service_stops_goes_back_to_the_queue(tmp_path):
    async def play(service):
        service.jobs.take = slowed(service.jobs.take, after=0.3)
        await asyncio.sleep(0.1)
        await service.submit("one", say=Node("acts/Say"))
        async with asyncio.timeout(10):
            while (await service.jobs.show("one")).state != JobState.RUNNING:
                await asyncio.sleep(0.01)
        await service.runner.stop(5)
        assert (await service.jobs.show("one")).state == JobState.QUEUED
        await asyncio.sleep(0.05)
        assert service.states("one") == ["queued"]

    serving(tmp_path, play)
