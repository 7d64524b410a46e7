"""Jobs by their labels and titles: found by an index, however many there are."""

from contextlib import contextmanager
from functools import partial

import pytest

from graphengine.server import job_queue, job_rows
from graphengine.server.job import JobState, Submission
from graphengine.server.open_file import open_writer
from graphengine.server.schema import MIGRATIONS
from tests.server.test_jobs import served, submitted

MANY = """
INSERT INTO jobs (id, state, created, content, priority, rank, client, extra, title, labels)
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
    SELECT 'many' || i, 'queued', 0, 1, 0, i, '', '{}', '',
        CASE WHEN i IN (10, 500, 90000) THEN '{"rare":"x","all":""}' ELSE '{"all":""}' END FROM n
"""


@contextmanager
def little_work(connection):
    """The block looks at few rows only."""
    steps = []
    connection.set_progress_handler(lambda: steps.append(1), 100)
    yield
    connection.set_progress_handler(None, 0)
    assert len(steps) < 100  # of a hundred instructions each; a look at every job takes far more


def looked_up(connection, *plan, limit=50, state=None, **wanted):
    """The ids of a page of jobs, by these steps of SQLite's plan and no look at every job."""
    asked_for = []
    connection.set_trace_callback(asked_for.append)
    with little_work(connection):
        found = [job.id for job in job_rows.page(connection, state, limit, None, None, True, **wanted)]
    connection.set_trace_callback(None)
    taken = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {asked_for[-1]}")]
    assert all(step.startswith(begin) for step, begin in zip(taken, plan, strict=False)), taken
    assert len(taken) >= len(plan) and not any("TEMP B-TREE" in step for step in taken), taken
    return found


BY_LABEL = ("SEARCH job_labels USING PRIMARY KEY (name=?", "SEARCH jobs USING INTEGER PRIMARY KEY")


def test_labels_are_looked_up_and_not_looked_for_among_a_hundred_thousand_jobs(path):
    async def work(jobs):
        await submitted(jobs, "first")
        await jobs._store.write(lambda connection: connection.execute(MANY).rowcount)
        assert [job.id for job in await jobs.page(label="rare", limit=2)] == ["many90000", "many500"]
        assert [job.id for job in await jobs.page(label="rare", limit=2, after=0)] == ["many10", "many500"]
        for label, state, ids in (
            ("rare", None, ["many90000", "many500", "many10"]),
            ("all", JobState.QUEUED, [f"many{number}" for number in range(100_000, 99_950, -1)]),
            ("none", None, []),
        ):
            find = partial(looked_up, label=label, state=state)
            assert await jobs._store.read(lambda connection, find=find: find(connection, *BY_LABEL)) == ids

    served(path, work)


@pytest.mark.parametrize("state", [None, JobState.QUEUED])
def test_titles_are_looked_up_and_not_looked_for_among_a_hundred_thousand_jobs(path, state):
    def find(connection):
        return looked_up(connection, "SEARCH jobs USING INDEX jobs_title (title=?", limit=2, state=state, title="rare")

    async def work(jobs):
        await submitted(jobs, "first")
        await jobs._store.write(lambda connection: connection.execute(MANY).rowcount)
        rare = "UPDATE jobs SET title = 'rare' WHERE id IN ('many10', 'many500', 'many90000')"
        await jobs._store.write(lambda connection: connection.execute(rare).rowcount)
        assert await jobs._store.read(find) == ["many90000", "many500"]

    served(path, work)


def test_the_queue_is_never_sorted_however_many_wait(path):
    def use(connection):
        with little_work(connection):
            taken = [job_queue.take(connection, 1.0).id for _ in range(3)]
            job_queue.move_to_back(connection, "many5", 2**40)
            job_queue.move_to_front(connection, "many90000")
            job_queue.move_before(connection, "many7", "many4")
            return taken, [job.id for job in job_queue.waiting(connection, 4)]

    async def work(jobs):
        await submitted(jobs, "first")
        await jobs._store.write(lambda connection: connection.execute(MANY).rowcount)
        assert await jobs._store.write(use) == (
            ["many1", "many2", "many3"],
            ["many90000", "many7", "many4", "many6"],
        )

    served(path, work)


def test_jobs_of_an_older_file_are_found_by_their_labels(path):
    connection = open_writer(path, MIGRATIONS[:3])
    connection.execute("INSERT INTO contents VALUES (1, x'00', x'7b7d')")
    connection.execute(
        "INSERT INTO jobs (id, state, created, content, priority, rank, client, extra, title, labels)"
        """ VALUES ('old', 'done', 0, 1, 0, 0, '', '{}', '', '{"sweep":"a","it''s":"b"}')"""
    )
    connection.close()

    async def work(jobs):
        await jobs.submit(Submission(document=b"{}", id="new", labels={"sweep": "b"}))
        assert [job.id for job in await jobs.page(label="sweep")] == ["new", "old"]
        assert [job.id for job in await jobs.page(label="it's")] == ["old"]
        await jobs.delete(["old"])
        assert [job.id for job in await jobs.page(label="sweep")] == ["new"]
        left = await jobs._store.read(lambda c: c.execute("SELECT name FROM job_labels").fetchall())
        assert left == [("sweep",)]

    served(path, work)
