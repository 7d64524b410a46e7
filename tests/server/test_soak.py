"""A great many small jobs: memory stays what it was, and what is kept on the disk is what was wanted.

Each job has its own document, title, key, client and priority, so that whatever is kept by one of them shows.
"""

import asyncio
import contextlib
import os
import statistics
import sys
from pathlib import Path

import aiohttp
import pytest

from tests.indexed import PACKS, indexed

ROOT = Path(__file__).parents[2]
KEPT = 200  # jobs, by the retention of the service that is soaked
TOGETHER = 8  # jobs that are on their way
# pruned often, and events held for fewer jobs, so that a short soak is past its warm-up soon
SERVE = """
import sys
from graphengine.cli import main
from graphengine.server import hub, retention
retention.ROWS_EVERY = retention.FILES_EVERY = 0.5
hub.Hub.__init__.__defaults__ = (512, *hub.Hub.__init__.__defaults__[1:])
sys.exit(main(sys.argv[1:]))
"""


@contextlib.asynccontextmanager
async def serving(home):
    """The service as a process of its own, as an operator starts it."""
    options = ("--port", "0", "--home", indexed(home, PACKS), "--packs", PACKS, "--keep-temp", "1M")
    options += ("--cache-memory", "200K", "--cache-disk", "1M")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SERVE, "serve", *options, "--keep-jobs", str(KEPT), stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), 120)).decode()
        address = next(word for word in line.split() if word.startswith("http://")).rstrip("/")
        async with aiohttp.ClientSession(f"{address}/") as http:
            yield http
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await asyncio.wait_for(process.wait(), 60)


async def listen(socket, ended):
    """As ComfyUI's page does: hears what is told to the client of every job, and when each has ended."""
    async for frame in socket:
        data = frame.json()
        if data["type"] == "executing" and data["data"].get("node") is None:
            ended.release()


async def submit(http, number):
    say = {"kind": "acts/Say", "inputs": {"text": f"text {number}"}}
    job = {
        "workflow": {"graphengine": 1, "nodes": {f"say {number}": say}},
        "title": f"title {number}",
        "key": f"key {number}",
        "client": "listener",
        "priority": number % 3,
    }
    async with http.post("api/v1/jobs", json=job) as answer:
        assert answer.status == 201, await answer.text()
        id = (await answer.json())["id"]
    if number % 10 == 0:  # too late, too early, or in the middle
        async with http.post(f"api/v1/jobs/{id}/cancel", json={}) as answer:
            assert answer.status in (200, 404, 409)
        async with http.get(f"history/{id}") as answer:
            assert answer.status == 200


async def resident(http):
    """Megabytes of server and worker."""
    async with http.get("api/v1/metrics") as answer:
        lines = (await answer.text()).splitlines()
    return [float(line.split()[1]) / 2**20 for line in lines if line.startswith("graphengine_resident_memory_bytes{")]


async def soak(home, count):
    """Memory of server and worker after each twentieth of the jobs; the counts of what is kept at last."""
    measured, flying = [], asyncio.Semaphore(TOGETHER)
    async with serving(home) as http, http.ws_connect("ws?clientId=listener") as socket:
        listening = asyncio.create_task(listen(socket, flying))
        for number in range(count):
            await asyncio.wait_for(flying.acquire(), 60)
            await submit(http, number)
            if number % (count // 20) == count // 20 - 1:
                measured.append(await resident(http))
        async with asyncio.timeout(120):
            while (kept := await counts(http))["queued"] or kept["running"] or sum(kept.values()) > KEPT:
                await asyncio.sleep(0.2)
        listening.cancel()
    return measured, kept


async def counts(http):
    async with http.get("api/v1/queue") as answer:
        return (await answer.json())["counts"]


@pytest.mark.parametrize("count", [1000, pytest.param(100_000, marks=[pytest.mark.slow, pytest.mark.timeout(3600)])])
def test_memory_and_disk_stay_what_they_were_however_many_jobs_have_run(tmp_path, count):
    (tmp_path / "temp").mkdir()
    for number in range(8):
        (tmp_path / f"temp/{number}.bin").write_bytes(bytes(2**18))
    measured, kept = asyncio.run(soak(tmp_path, count))
    for before, after in zip(*(map(statistics.median, zip(*measured[at], strict=True)) for at in HALVES), strict=True):
        assert after < 1.05 * before, measured
    assert sum(kept.values()) == KEPT
    assert (tmp_path / "server/server.sqlite").stat().st_size < 4_000_000
    assert sum(path.stat().st_size for path in (tmp_path / "temp").iterdir()) <= 2**20


HALVES = slice(8, 12), slice(16, 20)  # twentieths: after the warm-up, and at the end
