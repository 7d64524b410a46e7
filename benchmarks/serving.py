"""What the service costs: its start, its memory, nodes and jobs over HTTP, a restart with a full queue.

    python benchmarks/serving.py [--json] [--comfyui URL]

Nodes are trivial ones of tests/data/packs, so that what is measured is ours. Processor time is that of the server and
its worker together. Where jobs are posted one by one, clients and service share the processors, so the clients do what
they must and no more: one connection is kept, and each answer is read whole and must say 201 before the next is sent;
what listeners do is told in ``listeners.py``. A server of ComfyUI at a URL, on the same machine, gets the same graphs
of kinds that both have, in turn with ours, and is the peer of their wall clock.
"""

import asyncio
import contextlib
import json
import os
import re
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import psutil
from aiohttp import ClientSession, WSMsgType

from measures import Measure, report
from processes import ROOT

LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)
JOBS, LISTENERS, QUEUED = 2000, 50, 1000
MIB = 2**20


class Served:
    """A service in a process of its own, and a client of it."""

    def __init__(self, process: asyncio.subprocess.Process, address: str, http: ClientSession, began: float) -> None:
        self.process, self.address, self.http, self.began = process, address, http, began

    def processor(self) -> float:
        """Seconds of processor time of the server and its workers so far."""
        server = psutil.Process(self.process.pid)
        return sum(sum(one.cpu_times()[:2]) for one in (server, *server.children(recursive=True)))

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
    before = served.processor()
    await finish(served.http, served.address, graph)
    return served.processor() - before


async def finish(http: ClientSession, address: str, graph: dict[str, Any]) -> float:
    """Wall seconds from posting a graph to the message that it is finished."""
    async with http.ws_connect(f"{address}/ws?clientId=bench", max_msg_size=0) as socket:
        began = time.perf_counter()
        async with http.post(f"{address}/prompt", json={"prompt": graph, "client_id": "bench"}) as answer:
            if answer.status >= 400:
                raise RuntimeError(await answer.text())
            job = (await answer.json())["prompt_id"]
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                told = json.loads(message.data)
                if told["type"] == "execution_error":
                    raise RuntimeError(told["data"])
                if told["type"] == "executing" and told["data"] == {"node": None, "prompt_id": job}:
                    break
        return time.perf_counter() - began


def chain_of_masks(length: int, value: float) -> dict[str, Any]:
    """An API graph of kinds that ComfyUI has too, on one pixel; its first node has ``value``."""
    size = {"width": 1, "height": 1}
    nodes: dict[str, Any] = {"0": {"class_type": "SolidMask", "inputs": {"value": value, **size}}}
    for place in range(1, length - 1):
        nodes[str(place)] = {"class_type": "InvertMask", "inputs": {"mask": [str(place - 1), 0]}}
    nodes[str(length - 1)] = {"class_type": "PreviewAny", "inputs": {"source": [str(length - 2), 0]}}
    return nodes


async def beside(served: Served, peer: str) -> list[Measure]:
    """Wall milliseconds a node of the same graphs here and at a peer, run in turn; the medians."""
    first, again = [], []
    for value in range(7):
        graph = chain_of_masks(200, value / 10)
        first.append([await finish(served.http, address, graph) for address in (served.address, peer)])
        again.append([await finish(served.http, address, graph) for address in (served.address, peer)])
    found = []
    for name, pairs in (("first", first[1:]), ("unchanged", again[1:])):
        ours, theirs = (median(column) * 1000 / 200 for column in zip(*pairs, strict=True))
        found.append(Measure(f"a chain of 200 masks over HTTP, {name}: a node", ours, "ms", peer=theirs))
    return found


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


def whole_answer(connection: socket.socket) -> bytes:
    """The next answer, head and body."""
    answer = b""
    while True:
        answer += connection.recv(2**16)
        head, end, body = answer.partition(b"\r\n\r\n")
        length = LENGTH.search(head + b"\r\n")
        if end and length and len(body) == int(length[1]):
            return answer


async def jobs(served: Served) -> list[Measure]:
    """Seconds for a thousand trivial jobs, posted one after another, with many listening to everything."""
    listeners = await asyncio.create_subprocess_exec(
        sys.executable, ROOT / "benchmarks/listeners.py", served.address, str(LISTENERS), str(JOBS),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert listeners.stdout is not None
    await listeners.stdout.readline()
    began, before = time.perf_counter(), served.processor()
    post_jobs(served.address, JOBS)
    posted = time.perf_counter() - began
    heard = json.loads(await listeners.stdout.readline())
    seconds, processor = time.perf_counter() - began, served.processor() - before
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
            found += await beside(served, sys.argv[sys.argv.index("--comfyui") + 1].rstrip("/"))
    return found + await restart(home)


def measures() -> Iterator[Measure]:
    with tempfile.TemporaryDirectory() as scratch:
        yield from asyncio.run(all_measures(Path(scratch)))


if __name__ == "__main__":
    report(measures)
