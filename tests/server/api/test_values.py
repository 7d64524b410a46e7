"""What went through an output, seen from outside: kept or not, in the middle of a job, and asked for amiss."""

import asyncio
import base64
import io
import os
import signal
import time

import pytest
from PIL import Image

from .serving import LONG, play, workflow

SEEN = workflow(odd=("Odd", {"text": "some"}), see=("See", {"value": ["odd.odd"]}))


def of(node, output="odd", **more):
    return {"node": node, "output": output, **more}


async def seen(api, **asked):
    """What is answered once the worker has loaded what it needs; until then it may say that it is busy."""
    async with asyncio.timeout(30):
        while True:
            async with api.client.post("/api/v1/value", json=asked) as answer:
                if answer.status != 503:
                    assert answer.status == 200, await answer.text()
                    return await answer.json()


def test_a_value_is_shown_as_its_pack_tells_it_and_no_longer_than_people_read(home):
    async def act(api):
        job = await api.submit(SEEN)
        await api.ended(job["id"])
        found = await seen(api, **of("odd", job=job["id"]))
        assert found["kept"] and found["facts"]["first"] == "s"
        assert found["facts"]["number"] == "nan" and found["facts"]["list"] == list(range(20))
        assert len(found["facts"]) <= 20 and all(len(str(fact)) <= 400 for fact in found["facts"].values())
        assert found["text"] == "some" * 2500 and found["bars"] == [4.0] * 64
        picture = Image.open(io.BytesIO(base64.b64decode(found["picture"])))
        assert (picture.format, picture.size) == ("JPEG", (4, 3))
        assert await seen(api, **of("odd", workflow=SEEN)) == found

    play(home, act)


def test_a_value_inside_a_sub_workflow_is_found_by_the_name_that_the_run_gives_its_node(home):
    inner = {"nodes": SEEN["nodes"], "interface": {"inputs": {}, "outputs": {"odd": {"node": "odd", "output": "odd"}}}}
    outer = {"graphengine": 1, "nodes": {"box": {"kind": "@group", "inputs": {}}}, "workflows": {"group": inner}}

    async def act(api):
        job = await api.submit(outer)
        await api.ended(job["id"])
        found = await seen(api, **of("box:odd", job=job["id"]))
        assert found["kept"] and found["text"] == "some" * 2500
        assert await seen(api, **of("box", job=job["id"])) == found

    play(home, act)


def test_results_say_which_job_showed_them_and_what_kind_of_file_they_are(home):
    async def act(api):
        said = await api.submit(workflow(say=("Say", {"text": "hello"}), save=("Save", {})), title="greeting")
        done = await api.ended(said["id"])
        found = {one["node"]: one for one in (await api.get("/results"))["results"]}
        for one in found.values():
            assert (one["title"], one["job_number"], one["time"]) == ("greeting", done["number"], done["ended"])
        assert found["say"]["type"] is None and found["save"]["type"] is None

    play(home, act)


def test_a_function_that_fails_costs_only_what_it_had_told(home):
    async def act(api):
        job = await api.submit(workflow(odd=("Odd", {}), see=("See", {"value": ["odd.odd"]})))
        await api.ended(job["id"])
        found = await seen(api, **of("odd", job=job["id"]))
        assert found["facts"] == {"characters": 0, "problem": "IndexError: string index out of range"}

    play(home, act)


def test_a_value_that_is_no_longer_kept_is_told_so_and_running_to_its_node_makes_it_again(home):
    async def act(api):
        both = workflow(add=("Add", {"a": 3, "b": 4}), work=("Work", {"seconds": 0.01, "after": ["add.int"]}))
        job = await api.submit(both)
        await api.ended(job["id"])
        asked = of("add", "int", job=job["id"])
        assert (await seen(api, **asked))["text"] == "7"
        await api.post("/memory/free", json={"cache": True})
        assert not (await seen(api, **asked))["kept"]
        assert not (await seen(api, **of("add", "int", workflow=workflow(add=("Add", {"a": 5})))))["kept"]
        await api.ended((await api.submit(both, targets=["add"]))["id"])
        assert (await seen(api, **asked))["text"] == "7"

    play(home, act)


@pytest.mark.alone
def test_a_value_is_shown_while_a_later_node_of_the_same_job_works(home):
    async def act(api):
        long = workflow(add=("Add", {"a": 3, "b": 4}), work=("Work", {"seconds": 60.0, "after": ["add.int"]}))
        job = await api.submit(long)
        await api.working(job["id"])
        began = time.monotonic()
        assert (await seen(api, **of("add", "int", job=job["id"])))["text"] == "7"
        assert not (await seen(api, **of("work", "float", job=job["id"])))["kept"]
        assert time.monotonic() - began < 2
        await api.post(f"/jobs/{job['id']}/cancel")
        assert (await api.ended(job["id"]))["state"] == "cancelled"

    play(home, act)


@pytest.mark.alone
def test_a_worker_that_hears_nothing_is_told_as_busy_within_a_second(home):
    async def act(api):
        job = await api.submit(LONG)
        await api.working(job["id"])
        pid = api.service.runner.places[0].worker.pid
        os.kill(pid, signal.SIGSTOP)
        try:
            began = time.monotonic()
            error = (await api.post("/value", 503, json=of("work", "float", job=job["id"])))["error"]
            assert 0.9 < time.monotonic() - began < 2 and error["code"] == "busy"
        finally:
            os.kill(pid, signal.SIGCONT)

    play(home, act)


def test_what_is_asked_amiss_is_refused_in_words_and_costs_nobody_anything(home):
    async def act(api):
        job = (await api.submit(SEEN))["id"]
        await api.ended(job)

        async def refused(status, part, **asked):
            error = (await api.post("/value", status, json=asked))["error"]
            assert part in error["message"]

        await refused(404, "nobody", **of("odd", job="nobody"))
        await refused(400, "no node 'gone'", **of("gone", job=job))
        await refused(400, "no output 'gone'", **of("odd", "gone", job=job))
        await refused(400, "one run", **of("odd"))
        await refused(400, "one run", **of("odd", job=job, workflow=SEEN))
        await refused(400, "", node=5, output="odd", job=job)
        await refused(400, "", **of("odd", workflow={"no": "workflow"}))
        await refused(400, "no node", **of("x" * 100_000, "\0\n" * 1000, job=job))
        unknown = {"graphengine": 1, "nodes": {"a": {"kind": "Nothing", "inputs": {}}}}
        assert not (await seen(api, **of("a", workflow=unknown)))["kept"]
        muted = {"graphengine": 1, "nodes": {"a": {**SEEN["nodes"]["odd"], "mode": "muted"}}}
        assert not (await seen(api, **of("a", workflow=muted)))["kept"]
        assert (await seen(api, **of("odd", job=job)))["kept"]

    play(home, act)
