"""What the service costs: its start, its memory, nodes and jobs over HTTP, a restart with a full queue.

    python benchmarks/serving.py [--json] [--comfyui URL]

Nodes are trivial ones of tests/data/packs, so that what is measured is ours. Processor time is that of the server and
its worker together. Where jobs are posted one by one, clients and service share the processors, so the clients do what
they must and no more: one connection is kept, and each answer is read whole and must say 201 before the next is sent;
what listeners do is told in ``listeners.py``. What a ComfyUI at a URL is measured by is told in ``prompts.py``.
"""

import asyncio
import contextlib
import json
import os
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
from aiohttp import ClientSession

from answers import whole_answer
from measures import Measure, report
from processes import ROOT
from prompts import Place, beside

JOBS, LISTENERS, QUEUED = 2000, 50, 1000
MIB = 2**20


class Served:
    """A service in a process of its own, and a client of it."""

    def __init__(self, process: asyncio.subprocess.Process, address: str, http: ClientSession, began: float) -> None:
        self.process, self.address, self.http, self.began = process, address, http, began

    @property
    def place(self) -> Place:
        """Where prompts are posted to."""
        return Place(self.http, self.address)

    def memory(self) -> tuple[float, float]:
        """Resident MB of the server and of its worker."""
        server = psutil.Process(self.process.pid)
        workers = [one for one in server.children(recursive=True) if "graphengine.worker" in one.cmdline()]
        return server.memory_info().rss / MIB, workers[0].memory_info().rss / MIB

    async def get(self, path: str) -> Any:
        async with self.http.get(self.address + path) as answer:
            answer.raise_for_status()
            return await answer.json()

    async def post(self, path: str, data: Any) -> Any:
        async with self.http.post(self.address + path, json=data) as answer:
            if answer.status >= 400:
                raise RuntimeError(await answer.text())
            return await answer.json(content_type=None) if answer.content_length else None

    async def stop(self) -> None:
        if self.process.returncode is None:
            self.process.terminate()
            await self.process.wait()


@contextlib.asynccontextmanager
async def serving(home: Path) -> AsyncIterator[Served]:
    command = [sys.executable, "-m", "graphengine", "serve", "--port", "0", "--home", str(home)]
    packs = ["--packs", str(ROOT / "tests/data/packs")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        *command, *packs, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, env=environment
    )
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode()
    address = next(word for word in line.split() if word.startswith("http://")).rstrip("/")
    async with ClientSession() as http:
        served = Served(process, address, http, began)
        try:
            yield served
        finally:
            await served.stop()


def chains(count: int, length: int, value: int) -> dict[str, Any]:
    """An API graph of chains of additions, each shown at its end; its first nodes add ``value``."""
    nodes: dict[str, Any] = {}
    for chain in range(count):
        for place in range(length - 1):
            above: Any = [f"{chain}.{place - 1}", 0] if place else value
            nodes[f"{chain}.{place}"] = {"class_type": "acts/Add", "inputs": {"a": above, "b": chain}}
        nodes[f"{chain}.end"] = {"class_type": "PreviewAny", "inputs": {"source": [f"{chain}.{length - 2}", 0]}}
    return nodes


async def run_graph(served: Served, graph: dict[str, Any]) -> float:
    """Processor seconds from posting a graph to the message that it is finished."""
    return (await served.place.finish(graph)).processor


async def nodes(served: Served) -> list[Measure]:
    """Milliseconds of processor time a node."""
    found = []
    shapes = {"20 chains of 50": (20, 50), "one chain of 1,000": (1, 1000), "400 chains of 50": (400, 50)}
    await run_graph(served, chains(1, 5, 99))
    for seed, (name, (count, length)) in enumerate(shapes.items()):
        graph = chains(count, length, seed)
        first = await run_graph(served, graph)
        again = min([await run_graph(served, graph) for _ in range(3)])
        each = 1000 / (count * length)
        found.append(Measure(f"{name} over HTTP, first: processor a node", first * each, "ms", 0.1))
        found.append(Measure(f"{name} over HTTP, unchanged: processor a node", again * each, "ms", 0.02))
    return found


def post_jobs(address: str, count: int) -> None:
    """Post trivial jobs, no two the same, each when the one before was accepted."""
    place = urlsplit(address)
    head = f"POST /api/v1/jobs HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Type: application/json\r\n"
    with socket.create_connection((place.hostname, place.port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for number in range(count):
            graph = {"a": {"class_type": "PreviewAny", "inputs": {"source": ["b", 0]}},
                     "b": {"class_type": "acts/Add", "inputs": {"a": number, "b": 5}}}  # fmt: skip
            body = json.dumps({"workflow": graph})
            connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
            answer = whole_answer(connection)
            assert answer.startswith(b"HTTP/1.1 201 "), answer


async def jobs(served: Served) -> list[Measure]:
    """Seconds for a thousand trivial jobs, posted one after another, with many listening to everything."""
    listeners = await asyncio.create_subprocess_exec(
        sys.executable, ROOT / "benchmarks/listeners.py", served.address, str(LISTENERS), str(JOBS),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert listeners.stdout is not None
    await listeners.stdout.readline()
    before, began = served.place.processor(), time.perf_counter()
    post_jobs(served.address, JOBS)
    posted = time.perf_counter() - began
    heard = json.loads(await listeners.stdout.readline())
    seconds, processor = time.perf_counter() - began, served.place.processor() - before
    assert len(set(heard)) == 1, f"events were lost: {heard}"
    name, each = f"1,000 jobs posted one by one, {LISTENERS} listeners", 1000 / JOBS
    return [
        Measure(f"{name}: accepted", posted * each, "s"),
        Measure(f"{name}: done", seconds * each, "s", 1.0),
        Measure(f"{name}: processor", processor * each, "s"),
    ]


async def restart(home: Path) -> list[Measure]:
    """Seconds until a service with a full queue answers, and whether all is there."""
    async with serving(home) as served:
        await served.post("/api/v1/queue/pause", {})
        for number in range(QUEUED):
            graph = {"a": {"class_type": "acts/Say", "inputs": {"text": str(number)}}}
            await served.post("/api/v1/jobs", {"workflow": graph})
        served.process.kill()
    async with serving(home) as served:
        queue = await served.get("/api/v1/queue")
        seconds = time.perf_counter() - served.began
        assert queue["counts"]["queued"] == QUEUED, queue["counts"]
    return [Measure(f"{QUEUED} jobs queued, killed: start to the queue's answer", seconds, "s", 1.0)]


async def all_measures(home: Path) -> list[Measure]:
    async with serving(home):
        pass  # makes the index of packs
    found: list[Measure] = []
    starts = []
    for _ in range(3):
        async with serving(home) as served:
            await served.get("/system_stats")
            await served.get("/object_info")
            starts.append(time.perf_counter() - served.began)
            await asyncio.sleep(1)
            server, worker = served.memory()
    found.append(Measure("process start to /system_stats and /object_info", min(starts), "s", 0.6))
    found.append(Measure("idle memory of the server", server, "MB", 80))
    found.append(Measure("idle memory of the worker before its first job", worker, "MB", 40))
    async with serving(home) as served:
        found += await nodes(served)
        found += await jobs(served)
        if "--comfyui" in sys.argv:
            peer = sys.argv[sys.argv.index("--comfyui") + 1].rstrip("/")
            found += await beside(served.place, Place(served.http, peer))
    return found + await restart(home)


def measures() -> Iterator[Measure]:
    with tempfile.TemporaryDirectory() as scratch:
        yield from asyncio.run(all_measures(Path(scratch)))


if __name__ == "__main__":
    report(measures)
