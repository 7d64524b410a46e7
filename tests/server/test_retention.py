"""What is over is let go of, in bites, and nothing else is."""

import asyncio
import logging
import os
import time
from dataclasses import replace

import pytest

from graphengine.server import retention
from graphengine.server.config import Retention
from graphengine.server.documents import Documents
from graphengine.server.hub import Hub
from graphengine.server.job import JobState, Submission
from graphengine.server.jobs import Jobs
from graphengine.server.retention import prune_rows, retaining
from graphengine.server.space import used_bytes

ALL = Retention(jobs=10**9, job_seconds=1e12, database_bytes=10**12)


class Service:
    """What retention asks a service for."""

    def __init__(self, store):
        self.store, self.documents, self.hub = store, Documents(store), Hub()

    async def open(self):
        self.jobs = await Jobs.open(self.store)
        return self

    async def run(self, count, bytes=10, waiting=0):
        """Submit jobs, and end all but the last ``waiting``."""
        for number in range(count):
            await self.jobs.submit(Submission(document=b"%d" % number + os.urandom(bytes), id=str(number)))
        for _ in range(count - waiting):
            await self.jobs.finish((await self.jobs.take()).id, JobState.DONE, results={"1": {"text": ["x"]}})

    async def left(self):
        return [int(job.id) for job in (await self.jobs.page(limit=10_000))[::-1]]


def served(store, play):
    async def run():
        return await play(await Service(store).open())

    return asyncio.run(run())


def test_the_jobs_that_ended_last_stay_and_those_that_wait_do_too_and_it_is_told_who_went(store):
    async def play(service):
        await service.run(250, waiting=2)
        subscription = service.hub.subscribe()
        await prune_rows(service, replace(ALL, jobs=20))
        assert await service.left() == [*range(228, 250)]
        told = [message.job for message in await anext(subscription) if message.kind == "deleted"]
        assert told == [str(number) for number in range(228)]
        assert len(await service.jobs.results(limit=1000)) == 20
        await prune_rows(service, replace(ALL, job_seconds=-1.0))
        assert await service.left() == [248, 249]

    served(store, play)


def test_a_database_that_is_too_large_loses_old_jobs_but_never_the_last_ones(store, monkeypatch):
    monkeypatch.setattr(retention, "LEAST", 10)
    monkeypatch.setattr("graphengine.server.jobs.PRUNED", 5)

    async def play(service):
        await service.run(100, bytes=20_000)
        await prune_rows(service, replace(ALL, database_bytes=1_000_000))
        assert 25 < len(await service.left()) < 50 and await service.store.read(used_bytes) <= 1_000_000
        await prune_rows(service, replace(ALL, database_bytes=0))
        assert await service.left() == [*range(90, 100)]

    served(store, play)


def test_the_file_is_smaller_while_the_service_runs(store, path):
    async def play(service):
        await service.run(200, bytes=100_000)
        await store.fold()
        full = path.stat().st_size
        assert full > 20_000_000
        await prune_rows(service, replace(ALL, jobs=5))
        assert path.stat().st_size < full / 5
        assert await service.left() == [*range(195, 200)]

    served(store, play)


def test_a_great_many_jobs_go_while_others_come_and_are_not_kept_waiting(store):
    async def play(service):
        await service.run(1500)
        pruning = asyncio.create_task(prune_rows(service, replace(ALL, jobs=0)))
        came = 0
        while not pruning.done():
            await service.jobs.submit(Submission(document=b"new", id=f"9{came:05}"))
            came += 1
        assert came > 15  # one for each bite, at least
        assert len(await service.left()) == came

    served(store, play)


def test_documents_deleted_long_ago_go_for_good_and_histories_are_thinned(store, monkeypatch):
    clock = [1_700_000_000.0]
    monkeypatch.setattr("graphengine.server.documents.time.time", lambda: clock[0])

    async def play(service):
        await service.documents.save("gone", b"gone", None)
        version = None
        for number in range(50):
            version = await service.documents.save("edited", b"%d" % number, version)
        await service.documents.delete("gone")
        clock[0] += 31 * 86400
        await prune_rows(service, ALL)
        assert len(await service.documents.history("edited")) == 1
        contents = await store.read(lambda connection: connection.execute("SELECT data FROM contents").fetchall())
        assert contents == [(b"49",)]

    served(store, play)


def test_at_the_start_old_rows_thumbnails_and_temporary_files_go_but_no_output(store, tmp_path):
    async def play(service):
        await service.run(5)
        for place in ("thumbnails/ab", "temp", "output"):
            (tmp_path / place).mkdir(parents=True)
            for age in (0, 1000):
                path = tmp_path / place / f"{age}.png"
                path.write_bytes(bytes(100))
                os.utime(path, (0, time.time() - age))
        wanted = replace(ALL, jobs=2, thumbnail_bytes=150, temp_seconds=500)
        async with retaining(service, wanted, tmp_path / "thumbnails", tmp_path / "temp"), asyncio.timeout(20):
            while len(list(tmp_path.glob("*/**/*.png"))) > 4 or len(await service.left()) > 2:
                await asyncio.sleep(0.01)
        left = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.glob("*/**/*.png"))
        assert left == ["output/0.png", "output/1000.png", "temp/0.png", "thumbnails/ab/0.png"]

    served(store, play)


def test_a_database_that_cannot_be_written_just_now_is_tried_again_later(store, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(retention, "ROWS_EVERY", 0.01)
    caplog.set_level(logging.WARNING)

    async def play(service):
        await service.run(5)
        prune, failing = service.jobs.prune, iter([OSError(28, "No space left on device")])

        async def fails_once(*wanted):
            for error in failing:
                raise error
            return await prune(*wanted)

        service.jobs.prune = fails_once
        async with retaining(service, replace(ALL, jobs=2), tmp_path, tmp_path), asyncio.timeout(20):
            while len(await service.left()) > 2:
                await asyncio.sleep(0.01)
        assert "No space left" in caplog.text

    served(store, play)


@pytest.mark.parametrize("option", ["jobs", "job_seconds", "database_bytes", "thumbnail_bytes", "temp_bytes"])
def test_what_is_kept_by_default_is_bounded(option):
    assert 0 < getattr(Retention(), option) < 2**40
