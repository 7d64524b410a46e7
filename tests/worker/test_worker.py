import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from graphengine.engine import Engine
from graphengine.graph import document
from graphengine.graph.errors import CallError
from graphengine.graph.workflow import Link, Node, Workflow
from graphengine.settings import Settings
from graphengine.worker.protocol import Cancel, Ended, Reported, Run, Shown
from graphengine.worker.supervisor import Supervised, WorkerDied, ending
from tests.indexed import PACKS


class Heard:
    """Everything that a worker said, and how it died."""

    def __init__(self):
        self.messages, self.deaths = [], []
        self.news = asyncio.Condition()

    def heard(self, worker, message):
        self.messages.append(message)

    def died(self, worker, reason):
        self.deaths.append(reason)

    def of(self, kind, job=None):
        return [m for m in self.messages if isinstance(m, kind) and job in (None, m.job)]

    def events(self, job):
        return [event for message in self.of(Reported, job) for event in message.events]

    async def until(self, condition):
        async with asyncio.timeout(20):
            while not condition():
                await asyncio.sleep(0.005)

    async def ended(self, job):
        await self.until(lambda: self.of(Ended, job) or self.deaths)
        return self.of(Ended, job)[0]


def working(home, play, **settings):
    """Play with one worker, and stop it."""

    async def run():
        heard = Heard()
        worker = Supervised(Settings(home=home, packs=(PACKS,), **settings), heard)
        await worker.start()
        try:
            return await play(worker, heard)
        finally:
            await worker.stop(2)

    return asyncio.run(run())


def job(id, targets=None, **nodes):
    return Run(id, document.save(Workflow(nodes)), targets)


def test_a_job_is_run_and_its_events_come_in_order_and_before_its_end(tmp_path):
    async def play(worker, heard):
        add = Node("acts/Add", {"a": 1, "b": 2})
        worker.send(
            job(
                "one",
                say=Node("acts/Say", {"text": "hi"}),
                add=add,
                work=Node("acts/Work", {"seconds": 0.02, "after": Link("add", "int")}),
            )
        )
        end = await heard.ended("one")
        assert (end.status, end.results["say"]) == ("done", {"text": ["hi"]})
        assert set(end.outcome["ran"]) == {"say", "add", "work"}
        events = heard.events("one")
        numbers = [event.number for event in events]
        assert numbers == sorted(set(numbers))  # previews, which are told apart, have numbers too
        assert (events[0].kind, events[-1].kind, events[-1].data["status"]) == ("planned", "ended", "done")
        assert heard.messages.index(end) > heard.messages.index(heard.of(Reported)[-1])
        worker.send(job("two", add=add, say=Node("acts/Say", {"text": "hi"})))
        assert (await heard.ended("two")).outcome["cached"] == ["say"]

    working(tmp_path, play)


def test_failures_are_told_as_data_and_the_worker_goes_on(tmp_path):
    async def play(worker, heard):
        worker.send(job("a", refuse=Node("acts/Refuse"), fail=Node("acts/Fail"), say=Node("acts/Say")))
        end = await heard.ended("a")
        found = {failure["node"]: failure for failure in end.outcome["failures"]}
        assert end.status == "failed" and "say" in end.outcome["ran"]
        assert (found["refuse"]["message"], found["refuse"]["cure"]) == ("It is refused.", "Ask for something else.")
        assert found["fail"]["message"] == "ZeroDivisionError: one over nothing"
        worker.send(job("b", say=Node("acts/Nothing")))
        assert (await heard.ended("b")).outcome["problems"][0]["code"] == "unknown_kind"
        worker.send(Run("c", b"no document"))
        assert "not JSON" in (await heard.ended("c")).outcome["message"]
        worker.send(job("d", say=Node("acts/Say")))
        assert (await heard.ended("d")).status == "done"

    working(tmp_path, play)


def test_previews_are_pictures_at_most_ten_a_second(tmp_path):
    async def play(worker, heard):
        worker.send(job("a", work=Node("acts/Work", {"seconds": 0.6})))
        seconds = (await heard.ended("a")).outcome["seconds"]
        shown = heard.of(Shown)
        assert 3 <= len(shown) <= 10 * seconds + 1
        assert all(one.type == "image/jpeg" and one.picture[:2] == b"\xff\xd8" and one.node == "work" for one in shown)
        assert sum(event.kind == "progress" for event in heard.events("a")) == 60

    working(tmp_path, play)


def test_what_a_node_shows_wrongly_is_left_out_and_all_else_is_told(tmp_path):
    async def play(worker, heard):
        worker.send(job("bad", mumble=Node("acts/Mumble")))
        assert (await heard.ended("bad")).status == "done"
        await asyncio.sleep(0.1)
        worker.send(job("good", work=Node("acts/Work", {"seconds": 0.3})))
        await heard.until(lambda: any(event.kind == "progress" for event in heard.events("good")))
        assert not heard.of(Ended, "good")  # it is told while it runs
        await heard.ended("good")
        assert [event.kind for event in heard.events("bad")][-2:] == ["finished", "ended"]

    working(tmp_path, play)


def test_a_cancel_reaches_the_job_that_runs_and_one_that_waits(tmp_path):
    async def play(worker, heard):
        worker.send(job("long", work=Node("acts/Work", {"seconds": 30.0})))
        worker.send(job("waits", say=Node("acts/Say")))
        await heard.until(lambda: any(event.kind == "progress" for event in heard.events("long")))
        worker.send(Cancel("waits"))
        worker.send(Cancel("long"))
        worker.send(job("next", say=Node("acts/Say")))
        ends = [await heard.ended(id) for id in ("long", "waits", "next")]
        assert [end.status for end in ends] == ["cancelled", "cancelled", "done"]

    working(tmp_path, play)


def test_a_worker_that_is_killed_is_noticed_at_once_with_the_reason_and_starts_again(tmp_path):
    async def play(worker, heard):
        worker.send(job("a", fall=Node("acts/Fall", {"number": int(signal.SIGKILL)})))
        await heard.until(lambda: heard.deaths)
        assert "SIGKILL" in heard.deaths[0] and not heard.of(Ended)
        await worker.start()
        worker.send(job("b", say=Node("acts/Say")))
        await heard.until(lambda: heard.of(Ended, "b"))
        assert len(heard.deaths) == 1

    working(tmp_path, play)


def test_a_node_that_never_returns_is_ended_by_force_and_its_questions_fail(tmp_path):
    async def play(worker, heard):
        worker.send(job("a", hang=Node("acts/Hang")))
        await heard.until(lambda: any(event.kind == "started" for event in heard.events("a")))
        question = asyncio.create_task(worker.ask("plan", document.save(Workflow({}))))
        await asyncio.sleep(0.05)
        worker.kill()
        with pytest.raises(WorkerDied, match="SIGKILL"):
            await question

    working(tmp_path, play)


def test_questions_are_answered_also_while_a_job_runs(tmp_path):
    async def play(worker, heard):
        say = {"say": Node("acts/Say")}
        plan = await worker.ask("plan", document.save(Workflow(say)))
        assert list(plan["run"]) == ["say"] and plan["order"] == ["say"]
        worker.send(job("a", **say))
        await heard.ended("a")
        assert (await worker.ask("plan", document.save(Workflow(say))))["run"] == {}
        worker.send(job("b", work=Node("acts/Work", {"seconds": 1.0})))
        held = await worker.ask("memory")
        assert held["cache"]["values"] == 1 and not heard.of(Ended, "b")
        assert (await worker.ask("free", targets=["cache"]))["cache"]["values"] == 0
        with pytest.raises(CallError, match="no kind"):
            await worker.ask("plan", document.save(Workflow({"x": Node("Nobody")})))

    working(tmp_path, play, cache=False)


def test_a_worker_ends_when_nobody_is_there_to_work_for(tmp_path):
    async def play(worker, heard):
        worker.send(job("a", hang=Node("acts/Hang")))
        await heard.until(lambda: any(event.kind == "started" for event in heard.events("a")))
        worker.process.stdin.close()
        await heard.until(lambda: heard.deaths)
        assert heard.deaths == ["The worker process ended with status 0."]

    working(tmp_path, play)


def test_a_worker_needs_no_torch_for_a_job_without_it(tmp_path):
    async def play(worker, heard):
        worker.send(job("a", say=Node("acts/Say")))
        await heard.ended("a")
        loaded = Path(f"/proc/{worker.pid}/maps").read_text()
        assert "libtorch" not in loaded and "numpy" not in loaded

    if sys.platform != "linux":
        pytest.skip("reads /proc")
    Engine(Settings(home=tmp_path, packs=(PACKS,))).check(Workflow())  # makes the index, which imports every pack
    working(tmp_path, play)


def test_a_process_that_ended_says_how():
    assert ending(3) == "The worker process ended with status 3."
    assert "SIGSEGV" in ending(-signal.SIGSEGV) and "memory" not in ending(-signal.SIGSEGV)
    assert os.name == "nt" or "memory" in ending(-9)


@pytest.mark.parametrize("said", [r"\0\0\0\003abc", r"\377\377\377\377abc", "Segmentation fault"])
def test_a_worker_that_says_what_is_no_message_is_ended_and_told_of(tmp_path, monkeypatch, said):
    talker = tmp_path / "talker"
    talker.write_text(f"#!/bin/sh\nprintf '{said}'\nexec sleep 60\n")
    talker.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(talker))

    async def play(worker, heard):
        await heard.until(lambda: heard.deaths)
        assert "it sent a frame of" in heard.deaths[0]
        assert not worker.alive

    working(tmp_path, play)
