"""Long lists of jobs: what they show of each, and that a part of a list costs little however many jobs there are."""

import pytest

from graphengine.server import job_lists
from graphengine.server.job import JobState, Submission
from graphengine.server.job_lists import Wanted
from graphengine.server.open_file import open_writer
from tests.server.test_jobs import served, submitted


def file(name, type="output", **more):
    return {"filename": name, "subfolder": "", "type": type, **more}


A, B, TEMP = file("a.png"), file("b.png"), file("a.png", "temp")
# what a run showed -> how many things that is, and what of it is shown first: as ComfyUI 0.8.0 answered
SHOWN = [
    ({"9": {"images": [A, B]}}, 2, ("9", "images", A)),
    ({"9": {"images": [TEMP, B]}}, 2, ("9", "images", B)),
    ({"9": {"images": [TEMP, file("b.png", "temp")]}}, 2, ("9", "images", TEMP)),
    ({"9": {"images": [TEMP]}, "8": {"images": [B]}}, 2, ("8", "images", B)),
    ({"9": {"images": [A]}, "8": {"images": [B]}}, 2, ("9", "images", A)),
    ({"9": {"images": [file("a.png", "input")]}, "8": {"images": [TEMP]}}, 2, ("9", "images", file("a.png", "input"))),
    ({"9": {"images": [A], "animated": [True]}}, 1, ("9", "images", A)),
    ({"9": {"animated": [A]}}, 0, None),
    ({"9": {"text": ["hi"], "images": [A]}}, 1, ("9", "images", A)),
    ({"9": {"text": ["a", "b", "c"]}}, 0, None),
    ({"9": {"text": [{"a": 1}]}}, 1, None),
    ({"9": {"text": [file("a.glb")]}}, 1, ("9", "text", file("a.glb"))),
    ({"9": {"video": [file("a.mp4")]}}, 1, ("9", "video", file("a.mp4"))),
    ({"9": {"gifs": [file("a.gif")]}}, 1, None),
    ({"9": {"gifs": [file("a", format="video/h264-mp4")]}}, 1, ("9", "gifs", file("a", format="video/h264-mp4"))),
    ({"9": {"other": [file("a", format="Video/x")]}}, 1, None),
    ({"9": {"other": [file("a", format="audio/wav")]}}, 1, ("9", "other", file("a", format="audio/wav"))),
    ({"9": {"other": [file("a", format="image/png")]}}, 1, None),
    ({"9": {"audio": [file("b.flac")]}, "8": {"images": [A]}}, 2, ("9", "audio", file("b.flac"))),
    ({"9": {"latents": [file("a.latent")]}}, 1, None),
    ({"9": {"latents": [file("a.latent")]}, "8": {"images": [TEMP]}}, 2, ("8", "images", TEMP)),
    ({"9": {"3d": [file("a.glb")]}}, 1, ("9", "3d", file("a.glb"))),
    ({"9": {"other": [file("a.GLB")]}}, 1, ("9", "other", file("a.GLB"))),
    ({"9": {"other": [file("a.stl")]}}, 1, None),
    ({"9": {"result": ["mesh/a.glb", None]}}, 0, None),
    ({"9": {"images": ["a.png", None]}}, 0, None),
    ({"9": {"images": ["a.png", B]}}, 1, ("9", "images", B)),
    ({"9": {"images": [{}]}}, 1, ("9", "images", {})),
    ({"9": {"scores": [1, [2, 3]]}}, 0, None),
    ({}, 0, None),
]


def test_a_list_counts_what_is_no_text_and_shows_first_what_was_saved(path):
    async def work(jobs):
        found = []
        for results, _, _ in SHOWN:
            job, _ = await jobs.submit(Submission(document=b"{}"))
            await jobs.take()
            await jobs.finish(job.id, JobState.DONE, results=results)
            one = await jobs.listed_one(job.id)
            found.append((results, one.things, one.preview))
        return found

    assert served(path, work) == SHOWN


def test_what_a_client_sent_besides_is_listed_only_where_it_is_what_it_should_be(path):
    deep = '{"number":1,"embed":' + "[" * 3000 + "]" * 3000 + "}"
    extras = [{"embed": {"workflow": {"id": "W"}}, "number": 2.5}, {"embed": {"workflow": {"id": 5}}, "number": "x"},
              {"embed": "text", "number": True}, {"embed": {"workflow": "text"}}, {}]  # fmt: skip

    async def work(jobs):
        for place, extra in enumerate(extras):
            await submitted(jobs, str(place), extra=extra)
        set_extra = "UPDATE jobs SET extra = ? WHERE id = '4'"
        await jobs._store.write(lambda connection: connection.execute(set_extra, (deep,)).rowcount)
        listed, total = await jobs.listed(Wanted([JobState.QUEUED], rising=True))
        assert [(job.workflow, job.chosen) for job in listed] == [("W", 2.5), *[(None, None)] * 4]
        assert total == 5
        assert [job.id for job in (await jobs.listed(Wanted([JobState.QUEUED], workflow="W")))[0]] == ["0"]

    served(path, work)


# of a hundred thousand jobs every fourth was cancelled, half of those before they ran
MANY = """
INSERT INTO jobs (id, state, created, started, ended, content, priority, rank, client, extra, title)
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
    SELECT 'many' || i, CASE i % 4 WHEN 0 THEN 'done' WHEN 1 THEN 'failed' WHEN 2 THEN 'cancelled' ELSE 'lost' END,
        i, CASE WHEN i % 8 = 2 THEN NULL ELSE i END, i + i % 1000 / 10.0, 1, 0, i, '',
        '{"embed":{"workflow":{"id":"' || CASE i WHEN 4 THEN 'rare' ELSE 'W' || (i % 3) END || '"}}}', '' FROM n
"""


def looked_up(connection, wanted):
    """The ids of a part of a list, the whole's length, and the steps of SQLite's plan for the part."""
    asked = []
    connection.set_trace_callback(asked.append)
    found, total = job_lists.listed(connection, wanted)
    connection.set_trace_callback(None)
    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {asked[1]}")]
    return [job.id for job in found], total, plan


def expected(wanted):
    """The same, reckoned: the numbers are those of ``MANY``."""
    states = {0: JobState.DONE, 1: JobState.FAILED, 2: JobState.CANCELLED, 3: JobState.LOST}
    every = [i for i in range(1, 100_001) if i % 8 != 2 and states[i % 4] in wanted.states]
    if wanted.workflow is not None:
        every = [i for i in every if ("rare" if i == 4 else f"W{i % 3}") == wanted.workflow]
    every.sort(key=lambda i: (i % 1000 if wanted.by_seconds else i) * (1 if wanted.rising else -1))
    return [f"many{i}" for i in every[wanted.skip : wanted.skip + wanted.limit]], len(every)


ENDED = (JobState.DONE, JobState.FAILED, JobState.CANCELLED, JobState.LOST)


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    connection = open_writer(tmp_path_factory.mktemp("many") / "x.sqlite")
    connection.execute("INSERT INTO contents VALUES (1, x'00', x'7b7d')")
    connection.execute(MANY)
    yield connection
    connection.close()


@pytest.mark.parametrize("wanted", [
    Wanted(ENDED), Wanted(ENDED, rising=True, skip=40), Wanted(ENDED, skip=80_000), Wanted([JobState.CANCELLED]),
    Wanted([*ENDED, JobState.QUEUED], workflow="W1"), Wanted(ENDED, workflow="rare"), Wanted([JobState.RUNNING]),
])  # fmt: skip
def test_a_part_of_a_hundred_thousand_jobs_is_read_from_one_index_in_its_order(many, wanted):
    ids, total, plan = looked_up(many, wanted)
    assert (ids, total) == expected(wanted)
    steps = [step for step in plan if "jobs" in step]
    assert steps and all(step.startswith("SEARCH jobs USING INDEX jobs_state (state=?") for step in steps), plan
    assert not any("TEMP B-TREE" in step for step in plan), plan


@pytest.mark.parametrize("wanted", [
    Wanted(ENDED, by_seconds=True), Wanted(ENDED, by_seconds=True, rising=True, skip=70),
    Wanted([JobState.DONE], workflow="W2", by_seconds=True),
])  # fmt: skip
def test_the_order_of_how_long_jobs_ran_is_sorted_from_the_same_index(many, wanted):
    ids, total, plan = looked_up(many, wanted)
    whole, length = expected(wanted)
    seconds = [int(id.removeprefix("many")) % 1000 for id in ids]
    assert (seconds, total) == ([int(id.removeprefix("many")) % 1000 for id in whole], length)
    assert not any(step.startswith("SCAN jobs") for step in plan), plan


def test_a_job_that_is_put_back_waits_in_the_list_too(path):
    async def work(jobs):
        await submitted(jobs, "a", "b")
        await jobs.take()
        await jobs.requeue("a")
        await jobs.cancel_queued(["b"])
        listed, total = await jobs.listed(Wanted([*JobState]))
        assert [(job.id, job.state, job.started) for job in listed] == [("a", JobState.QUEUED, None)]
        assert total == 1
        assert await jobs.listed(Wanted([])) == ([], 0)
        assert await jobs.listed_one("b") is None

    served(path, work)
