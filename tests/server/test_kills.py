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

ROOT = Path(__file__).parent.parent.parent


@contextlib.asynccontextmanager
async def serving(home):
    command = [sys.executable, "-m", "graphengine", "serve", "--port", "0", "--home", home]
    process = await asyncio.create_subprocess_exec(
        *command, "--packs", ROOT / "tests/data/packs", stdout=asyncio.subprocess.PIPE,
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


async def keep_posting(http, name, accepted):
    """Post jobs until the service is gone; note those it said it had accepted."""
    with contextlib.suppress(aiohttp.ClientError, ConnectionError):
        while True:
            say = {"class_type": "acts/Say", "inputs": {"text": f"{name} {len(accepted)}"}}
            async with http.post("jobs", json={"workflow": {"say": say}}) as answer:
                accepted.add((await answer.json())["id"])


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
        chance, accepted = random.Random(kills), set()
        for number in range(kills):
            async with serving(tmp_path) as (process, http):
                posting = [asyncio.create_task(keep_posting(http, f"{number} {i}", accepted)) for i in range(4)]
                await asyncio.sleep(chance.uniform(0.05, 1.0))
                process.kill()
                await asyncio.gather(*posting)
        async with serving(tmp_path) as (_, http):
            while True:
                async with http.get("queue") as answer:
                    counts = (await answer.json())["counts"]
                if not counts.get("queued") and not counts.get("running"):
                    break
                await asyncio.sleep(0.1)
            return accepted, await everything(http, "jobs"), await everything(http, "results")

    accepted, jobs, results = asyncio.run(play())
    states = Counter(job["state"] for job in jobs)
    assert len(accepted) > kills
    assert accepted <= {job["id"] for job in jobs}
    assert set(states) <= {"done", "lost"} and states["lost"] <= kills
    assert Counter(result["job"] for result in results) == Counter(job["id"] for job in jobs if job["state"] == "done")
