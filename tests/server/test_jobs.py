"""Jobs, one subject at a time; ``test_jobs_model`` compares long random sequences with a model."""

import asyncio
import time

import pytest

from graphengine.files import FileRef
from graphengine.graph.errors import CallError
from graphengine.server import job_queue
from graphengine.server import jobs as jobs_module
from graphengine.server.errors import Conflict
from graphengine.server.job import JobState, Submission
from graphengine.server.jobs import STOPPED, Jobs
from graphengine.server.store import Store
from tests.server.children import started


def asked(document=b"{}", **fields):
    return Submission(document=document, **fields)


def served(path, work):
    """What ``work(jobs)`` returns, in a server's life of its own."""

    async def live():
        store = Store(path)
        try:
            return await work(await Jobs.open(store))
        finally:
            store.close()

    return asyncio.run(live())


async def submitted(jobs, *names, **fields):
    return [(await jobs.submit(asked(id=name, **fields)))[0] for name in names]


async def order(jobs):
    return [job.id for job in await jobs.waiting()]


async def run_all(jobs, count):
    for _ in range(count):
        await jobs.finish((await jobs.take()).id, JobState.DONE)


def test_a_job_is_shown_after_a_restart_as_it_was_submitted_to_the_byte(path):
    wanted = asked(
        b'{"a": 1 }\n\xc3\xa9', targets=["9"], priority=-1.5, client="c", extra={"png": [1, {"x": None}]}, title="t"
    )
    job, new = served(path, lambda jobs: jobs.submit(wanted))
    assert new
    assert job.state == JobState.QUEUED
    assert served(path, lambda jobs: jobs.show(job.id)) == job
    assert (job.document, job.targets, job.priority) == (wanted.document, ["9"], -1.5)
    assert (job.client, job.extra, job.title) == ("c", wanted.extra, "t")


def test_running_jobs_are_lost_when_the_server_ends_and_queued_ones_stay(path):
    async def before(jobs):
        await submitted(jobs, "a", "b")
        return await jobs.take()

    assert served(path, before).id == "a"

    async def after(jobs):
        return await jobs.show("a"), await order(jobs), [step.state for step in await jobs.transitions("a")]

    for _ in range(2):
        lost, waiting, states = served(path, after)
        assert (lost.state, lost.reason, waiting) == (JobState.LOST, STOPPED, ["b"])
        assert states == ["queued", "running", "lost"]
        assert lost.created <= lost.started <= lost.ended <= time.time()


def test_a_key_gives_the_same_job_for_the_same_request_and_a_conflict_for_another(path):
    async def work(jobs):
        first, new = await jobs.submit(asked(key="k"))
        again = [await jobs.submit(asked(key="k", id="other")) for _ in range(2)]
        assert (new, again) == (True, [(first, False)] * 2)
        for other in (asked(b"{ }", key="k"), asked(key="k", targets=["1"])):
            with pytest.raises(Conflict, match=rf"'k' was used for job '{first.id}'"):
                await jobs.submit(other)
        at_once = await asyncio.gather(*(jobs.submit(asked(key="at once")) for _ in range(20)))
        assert (len({job.id for job, _ in at_once}), sum(new for _, new in at_once)) == (1, 1)
        assert (await jobs.counts())[JobState.QUEUED] == 2

    served(path, work)


def test_an_id_of_the_callers_own_is_taken_once(path):
    async def work(jobs):
        await submitted(jobs, "mine")
        with pytest.raises(Conflict, match="'mine' already"):
            await submitted(jobs, "mine")

    served(path, work)


def test_what_a_run_reported_and_produced_comes_with_its_end(path):
    produced = {"9": {"images": [FileRef("a.png"), FileRef("b.png", "sub")], "text": ["é"]}}

    async def work(jobs):
        await submitted(jobs, "a", "b")
        for _ in range(2):
            await jobs.finish((await jobs.take()).id, JobState.FAILED, "no", {"seconds": 1.5}, produced)
        return await jobs.show("a")

    job = served(path, work)
    assert (job.state, job.reason, job.outcome) == ("failed", "no", {"seconds": 1.5})

    async def read(jobs):
        last = await jobs.results(limit=1)
        rest = await jobs.results(before=last[0].number)
        rising = await jobs.results(after=0)
        assert [*last, *rest] == rising[::-1]
        return await jobs.results("a", after=0)

    assert [(r.job, r.node, r.kind, r.position, r.item) for r in served(path, read)] == [
        ("a", "9", "images", 0, {"filename": "a.png", "subfolder": "", "type": "output"}),
        ("a", "9", "images", 1, {"filename": "b.png", "subfolder": "sub", "type": "output"}),
        ("a", "9", "text", 0, "é"),
    ]


def test_broken_characters_in_what_a_run_says_do_not_keep_a_job_from_ending(path):
    async def work(jobs):
        await submitted(jobs, "a", title="\udce9", client="\ud800", extra={"\ud800": "\ud800"})
        await jobs.take()
        await jobs.finish("a", JobState.FAILED, "no \udce9", {"x": "\ud800"}, {"\ud800": {"text": ["\ud800"]}})
        return await jobs.show("a"), await jobs.results("a")

    job, (result,) = served(path, work)
    assert (job.title, job.client, job.extra, job.reason, job.outcome) == ("?", "?", {"?": "?"}, "no ?", {"x": "?"})
    assert (result.node, result.item) == ("?", "?")


def test_results_that_are_not_json_leave_the_job_running(path):
    async def work(jobs):
        await submitted(jobs, "a")
        await jobs.take()
        with pytest.raises(TypeError):
            await jobs.finish("a", JobState.DONE, results={"1": {"images": [object()]}})
        return await jobs.show("a"), await jobs.results()

    job, results = served(path, work)
    assert (job.state, results) == ("running", [])


def test_a_paused_queue_stays_paused_over_a_restart(path):
    async def before(jobs):
        await submitted(jobs, "a")
        await jobs.pause()
        return await jobs.take()

    assert served(path, before) is None

    async def after(jobs):
        assert (await jobs.paused(), await jobs.take()) == (True, None)
        waiting = asyncio.create_task(jobs.wait())
        await asyncio.sleep(0)
        assert not waiting.done()
        await jobs.resume()
        await asyncio.wait_for(waiting, 1)
        return await jobs.take()

    assert served(path, after).id == "a"


def test_whoever_waits_is_woken_by_a_job(path):
    async def work(jobs):
        taken = []

        async def runner():
            while len(taken) < 200:
                job = await jobs.take()
                if job is None:
                    await jobs.wait()
                else:
                    taken.append(job.id)

        running = asyncio.create_task(runner())
        for name in range(200):
            await submitted(jobs, str(name))
            if name % 7 == 0:
                await asyncio.sleep(0.001)
        await asyncio.wait_for(running, 20)
        return taken

    assert served(path, work) == [str(name) for name in range(200)]


def test_a_job_that_comes_while_the_queue_is_found_empty_is_not_slept_through(path, monkeypatch):
    async def work(jobs):
        write = jobs._store.write

        async def slowly(transaction):
            monkeypatch.setattr(jobs._store, "write", write)
            found = await write(transaction)
            await submitted(jobs, "a")
            return found

        monkeypatch.setattr(jobs._store, "write", slowly)
        assert await jobs.take() is None
        await asyncio.wait_for(jobs.wait(), 1)
        return await jobs.take()

    assert served(path, work).id == "a"


def test_a_requeued_job_has_the_place_that_it_had(path):
    async def work(jobs):
        await submitted(jobs, *"abc")
        await jobs.take()
        await submitted(jobs, "d")
        await jobs.requeue("a", "drained")
        assert (await jobs.show("a")).started is None
        assert (await jobs.transitions("a"))[-1].reason == "drained"
        return await order(jobs)

    assert served(path, work) == [*"abcd"]


def test_the_next_job_is_taken_together_with_the_end_of_one(tmp_path):
    async def work(jobs):
        await submitted(jobs, "a", "b", "c")
        await jobs.take()
        following = await jobs.finish("a", JobState.DONE, take=True)
        states = {job.id: job.state for job in await jobs.page()}
        assert (following.id, following.state) == ("b", JobState.RUNNING)
        assert states == {"a": JobState.DONE, "b": JobState.RUNNING, "c": JobState.QUEUED}
        await jobs.pause()
        assert await jobs.finish("b", JobState.DONE, take=True) is None
        with pytest.raises(Conflict):
            await jobs.finish("b", JobState.DONE, take=True)
        await jobs.resume()
        return await jobs.take()

    assert served(tmp_path / "jobs", work).id == "c"


def test_of_jobs_that_were_taken_the_last_ones_are_remembered_within_a_bound(path, monkeypatch):
    monkeypatch.setattr(jobs_module, "REMEMBERED", 10_500)

    async def play(jobs):
        for size, name in ((6000, "first"), (100, "second"), (200, "third"), (50_000, "last")):
            await jobs.submit(asked(b"x" * size, id=name))
        assert jobs.taken("first") is None
        await jobs.take()
        await jobs.finish("first", JobState.DONE, take=True)  # the second
        assert [len(jobs.taken(name).document) for name in ("first", "second")] == [6000, 100]
        await run_all(jobs, 1)  # the third
        assert (jobs.taken("first"), jobs.taken("third").id) == (None, "third")
        await run_all(jobs, 1)
        assert (jobs.taken("third"), jobs.taken("last").id) == (None, "last")  # even one that is too large

    served(path, play)


def test_what_is_moved_to_the_back_is_followed_by_what_comes_after_also_over_a_restart(path):
    async def before(jobs):
        await submitted(jobs, *"abc")
        for name in "ab":
            await jobs.move_to_back(name)

    served(path, before)

    async def after(jobs):
        await submitted(jobs, "d")
        return await order(jobs)

    assert served(path, after) == [*"cabd"]


def test_moving_into_the_same_gap_any_number_of_times_keeps_the_order(path, monkeypatch):
    monkeypatch.setattr(job_queue, "STEP", 4)

    async def work(jobs):
        await submitted(jobs, *"abcdefgh")
        expected = [*"abcdefgh"]
        for name in "abcdefgab" * 3:
            await jobs.move_before(name, "h")
            expected.remove(name)
            expected.insert(expected.index("h"), name)
            assert await order(jobs) == expected
        await submitted(jobs, "i")
        return await order(jobs) == [*expected, "i"]

    assert served(path, work)


def test_a_moved_job_takes_the_priority_of_its_place(path):
    async def work(jobs):
        await submitted(jobs, "low", priority=5)
        await submitted(jobs, "high", priority=-5)
        await jobs.move_before("low", "high")
        assert await order(jobs) == ["low", "high"]
        await jobs.move_to_back("low")
        await jobs.move_to_front("low")
        await submitted(jobs, "middle")
        return await order(jobs)

    assert served(path, work) == ["low", "high", "middle"]


def test_only_what_waits_can_be_moved(path):
    async def work(jobs):
        await submitted(jobs, "a", "b")
        await jobs.take()
        for call in (jobs.move_before("a", "b"), jobs.move_before("b", "a"), jobs.move_to_back("a")):
            with pytest.raises(Conflict, match="'a' is running"):
                await call
        for call in (jobs.move_to_front("x"), jobs.finish("x", JobState.DONE), jobs.show("x"), jobs.requeue("x")):
            with pytest.raises(CallError, match="There is no job 'x'"):
                await call

    served(path, work)


def test_pages_of_all_jobs_and_of_some_states_are_complete_in_either_direction(path):
    async def work(jobs):
        await submitted(jobs, *map(str, range(10)))
        await run_all(jobs, 3)
        await jobs.take()
        assert (await jobs.page(limit=1))[0].document == b""
        assert (await jobs.page(limit=1, documents=True))[0].document == b"{}"
        for states, expected in (((), 10), ((JobState.DONE, JobState.QUEUED), 9), ((JobState.RUNNING,), 1)):
            rising, falling = [], []
            while page := await jobs.page(states, limit=2, after=rising[-1] if rising else 0):
                rising += [job.number for job in page]
            while page := await jobs.page(states, limit=2, before=falling[-1] if falling else None):
                falling += [job.number for job in page]
            assert len(rising) == expected
            assert rising == sorted(rising) == falling[::-1]

    served(path, work)


def test_deleting_takes_all_that_belongs_to_a_finished_job_and_leaves_the_others(path):
    async def work(jobs):
        await submitted(jobs, "a", "b", document=b"shared")
        await submitted(jobs, "c", document=b"of c alone")
        for name in "abc":
            await jobs.take()
            await jobs.finish(name, JobState.DONE, results={"1": {"text": [name]}})
        await submitted(jobs, "d")
        assert await jobs.delete(["a", "c", "d", "x", "a"]) == ["a", "c"]
        assert [result.job for result in await jobs.results()] == ["b"]
        assert (await jobs.show("b")).document == b"shared"
        left = [
            await jobs._store.read(lambda c, q=query: c.execute(q).fetchone()[0])
            for query in ("SELECT count(*) FROM transitions", "SELECT count(*) FROM contents")
        ]
        assert left == [4, 2]

    served(path, work)


def test_pruning_keeps_the_last_jobs_and_the_young_ones_a_bounded_number_at_a_time(path, monkeypatch):
    monkeypatch.setattr("graphengine.server.jobs.PRUNED", 3)

    async def work(jobs):
        await submitted(jobs, *map(str, range(10)))
        await run_all(jobs, 8)
        assert await jobs.prune(keep_jobs=4, keep_seconds=60) == ["0", "1", "2"]
        assert await jobs.prune(keep_jobs=4, keep_seconds=60) == ["3"]
        assert await jobs.prune(keep_jobs=4, keep_seconds=60) == []
        assert await jobs.prune(keep_jobs=4, keep_seconds=-1) == ["4", "5", "6"]
        return await jobs.counts()

    assert served(path, work) == dict.fromkeys(JobState, 0) | {JobState.DONE: 1, JobState.QUEUED: 2}


def test_a_server_killed_at_any_moment_has_every_job_once_and_none_with_two_ends(path):
    code = """
        from graphengine.server.jobs import Jobs
        from graphengine.server.job import JobState, Submission
        async def go():
            jobs = await Jobs.open(Store(path))
            async def client(part):
                for number in range(100_000):
                    key = f"ROUND-{part}-{number}"
                    await jobs.submit(Submission(document=key.encode(), key=key))
                    print("accepted", key, flush=True)
            async def runner():
                while True:
                    if job := await jobs.take():
                        await jobs.finish(job.id, JobState.DONE, results={"1": {"text": [job.key]}})
                        print("done", job.key, flush=True)
                    else:
                        await jobs.wait()
            await asyncio.gather(runner(), *map(client, range(4)))
        asyncio.run(go())
    """
    told, number = set(), 0
    while number < 20 or sum(line.startswith(b"done ") for line in told) <= 100:  # a busy machine does little in a time
        with started(path, code.replace("ROUND", str(number))) as child:
            told.add(child.stdout.readline())
            time.sleep(0.003 * number)
            child.kill()
            told |= set(child.stdout.read().splitlines(keepends=True))
        number += 1
    told = {tuple(line.decode().split()) for line in told if line.endswith(b"\n")}

    async def all_jobs(jobs):
        return await jobs.page(limit=10**6, documents=True), await jobs.results(limit=10**6)

    jobs, results = served(path, all_jobs)
    done = [job.key for job in jobs if job.state == JobState.DONE]
    assert {key for what, key in told if what == "accepted"} <= {job.key for job in jobs}
    assert {key for what, key in told if what == "done"} <= set(done)
    assert sorted(result.item for result in results) == sorted(done)
    assert all(job.document.decode() == job.key for job in jobs)
    assert {job.state for job in jobs} <= {"queued", "done", "lost"}
    assert len(done) > 100
