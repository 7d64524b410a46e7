"""The whole service, killed at random moments under load: what was accepted is there, and nothing happened twice."""

import asyncio
import contextlib
import os
import random
import sys
from collections import Counter
from pathlib import Path

import aiohttp
import pytest

from tests.indexed import PACKS, indexed

ROOT = Path(__file__).parent.parent.parent


@contextlib.asynccontextmanager
async def serving(home):
    command = [sys.executable, "-m", "graphengine", "serve", "--port", "0", "--home", indexed(home, PACKS)]
    process = await asyncio.create_subprocess_exec(
        *command, "--packs", PACKS, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    line = (await process.stdout.readline()).decode()
    address = next(word for word in line.split() if word.startswith("http://")).rstrip("/")
    async with aiohttp.ClientSession(f"{address}/api/v1/") as http:
        try:
            yield process, http
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.wait()


SIZE = 2**20  # bytes of each file
GONE = (aiohttp.ClientError, ConnectionError)


def saying(text):
    return {"say": {"class_type": "acts/Say", "inputs": {"text": text}}}


async def keep_posting(http, name, accepted):
    """Post jobs until the service is gone; note those it said it had accepted."""
    save = {"save": {"class_type": "acts/Save", "inputs": {"bytes": SIZE}}}
    with contextlib.suppress(*GONE):
        while True:
            workflow = save if len(accepted) % 8 == 0 else saying(f"{name} {len(accepted)}")
            async with http.post("jobs", json={"workflow": workflow}) as answer:
                accepted.add((await answer.json())["id"])


async def keep_saving(http, name, saved):
    """Save states of a document until the service is gone; note what was sent, and how much of it was accepted."""
    sent, version = saved.setdefault(name, ([], 0))[0], None
    with contextlib.suppress(*GONE):
        while True:
            sent.append(saying(f"{name} {len(sent)}"))
            based_on = {} if version is None else {"based_on": version}
            async with http.put(f"documents/{name}", json=sent[-1], params=based_on) as answer:
                version = (await answer.json())["version"]
            saved[name] = sent, len(sent)


async def keep_sending(http, name, uploads):
    """Send files until the service is gone; note those it said it had stored."""
    with contextlib.suppress(*GONE):
        while True:
            form = aiohttp.FormData()
            form.add_field("file", name.encode() * (SIZE // len(name)), filename=f"{name}-{len(uploads)}.bin")
            async with http.post("uploads", data=form) as answer:
                uploads |= {file["filename"] for file in (await answer.json())["files"]}


async def everything(http, kind):
    found, before = [], {}
    while True:
        async with http.get(kind, params={"limit": 100, **before}) as answer:
            page = (await answer.json())[kind]
        if not page:
            return found
        found += page
        before = {"before": page[-1]["number"]}


@pytest.mark.parametrize("kills", [5, pytest.param(50, marks=pytest.mark.slow)])
def test_no_accepted_job_is_missing_and_none_has_two_results_after_kills_under_load(tmp_path, kills):
    async def play():
        chance = random.Random(kills)
        for number in range(kills):
            async with serving(tmp_path) as (process, http):
                busy = [
                    *(keep_posting(http, f"{number} {i}", accepted) for i in range(4)),
                    keep_saving(http, f"document{number}", saved),
                    keep_sending(http, f"file{number:04}", uploads),
                ]
                tasks = [asyncio.create_task(one) for one in busy]
                await asyncio.sleep(chance.uniform(0.05, 1.0))
                process.kill()
                await asyncio.gather(*tasks)
        async with serving(tmp_path) as (_, http):
            while True:
                async with http.get("queue") as answer:
                    counts = (await answer.json())["counts"]
                if not counts.get("queued") and not counts.get("running"):
                    break
                await asyncio.sleep(0.1)
            for name, (sent, count) in saved.items():
                await look_at(http, name, sent, count)
            return await everything(http, "jobs"), await everything(http, "results")

    accepted, saved, uploads = set(), {}, set()
    jobs, results = asyncio.run(play())
    states = Counter(job["state"] for job in jobs)
    assert len(accepted) > kills
    assert accepted <= {job["id"] for job in jobs}
    assert set(states) <= {"done", "lost"} and states["lost"] <= kills
    assert Counter(result["job"] for result in results) == Counter(job["id"] for job in jobs if job["state"] == "done")
    kept = {path.name: path.read_bytes() for path in (tmp_path / "input").iterdir()}
    assert uploads and uploads <= set(kept) and not any(name.endswith(".part") for name in kept)
    assert all(data == name[:8].encode() * (SIZE // 8) for name, data in kept.items())
    files = [result["item"]["filename"] for result in results if result["kind"] == "files"]
    assert files and set(files) <= {path.name for path in (tmp_path / "output").iterdir()}
    assert {path.stat().st_size for path in (tmp_path / "output").glob("saved_*")} == {SIZE}


async def look_at(http, name, sent, count):
    """A document is what was accepted last, or what was sent after it and perhaps not answered any more."""
    async with http.get(f"documents/{name}") as answer:
        if count == 0 and answer.status == 404:
            return
        assert answer.status == 200
        text = (await answer.json())["say"]["inputs"]["text"]
    assert text in [one["say"]["inputs"]["text"] for one in sent[max(0, count - 1) :]]


def test_a_service_that_is_told_to_stop_finishes_what_runs_and_keeps_what_waits(tmp_path):
    async def play():
        async with serving(tmp_path) as (process, http):
            work = {"work": {"class_type": "acts/Work", "inputs": {"seconds": 1.5}}}
            for id, workflow in {"runs": work, "waits": saying("later")}.items():
                async with http.post("jobs", json={"workflow": workflow, "id": id}) as answer:
                    assert answer.status == 201
            while (await shown(http, "runs"))["state"] != "running":
                await asyncio.sleep(0.02)
            process.terminate()
            assert await asyncio.wait_for(process.wait(), 20) == 0
        async with serving(tmp_path) as (_, http):
            runs = await shown(http, "runs")
            assert [step["state"] for step in runs["transitions"]] == ["queued", "running", "done"]
            while (waits := await shown(http, "waits"))["state"] != "done":
                await asyncio.sleep(0.05)
            assert len(waits["results"]) == len(runs["results"]) == 1

    asyncio.run(asyncio.wait_for(play(), 60))


async def shown(http, id):
    async with http.get(f"jobs/{id}") as answer:
        return await answer.json()
