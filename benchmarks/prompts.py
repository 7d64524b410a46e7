"""Graphs posted to ``/prompt``, as clients of ComfyUI do: here, and beside it at a ComfyUI on the same machine.

Both get the same graphs, of kinds that both have, in turn. Machines differ and are noisy, so what counts is the ratio.
"""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import count
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import psutil
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

from answers import whole_answer
from measures import Measure

ROUNDS, WARM = 5, 1  # of each measure; those that are left out
NODES, JOBS, CROWD = 200, 300, 50
VALUES = (number / 1_000_003 for number in count())  # no two graphs are the same


@dataclass(frozen=True)
class Spent:
    """Seconds of the clock, and of the processor in all processes of a service."""

    wall: float
    processor: float


@dataclass(frozen=True)
class Place:
    """A service that takes prompts."""

    http: ClientSession
    address: str

    def processor(self) -> float:
        """Seconds of processor time of its processes so far."""
        port = urlsplit(self.address).port
        listening = (one for one in psutil.net_connections("tcp") if one.status == psutil.CONN_LISTEN)
        server = psutil.Process(next(one.pid for one in listening if one.laddr.port == port))
        return sum(sum(one.cpu_times()[:2]) for one in (server, *server.children(recursive=True)))

    @asynccontextmanager
    async def crowd(self, size: int) -> AsyncIterator[None]:
        """So many clients that listen to what is told to everybody."""
        async with AsyncExitStack() as open:
            tasks = []
            for number in range(size):
                socket = await open.enter_async_context(self.http.ws_connect(f"{self.address}/ws?clientId={number}"))
                tasks.append(asyncio.create_task(_ignore(socket)))
            yield
            for task in tasks:
                task.cancel()

    async def finish(self, *graphs: dict[str, Any]) -> Spent:
        """What it takes from posting graphs, each when the one before was accepted, to the message that all ended."""
        async with self.http.ws_connect(f"{self.address}/ws?clientId=bench", max_msg_size=0) as socket:
            loop, before = asyncio.get_running_loop(), self.processor()
            began = loop.time()
            posting = asyncio.create_task(asyncio.to_thread(post, self.address, graphs))
            for _ in graphs:
                await _ended(socket)
            wall = loop.time() - began
            await posting
            return Spent(wall, self.processor() - before)


async def _ignore(socket: ClientWebSocketResponse) -> None:
    async for _ in socket:
        pass


async def _ended(socket: ClientWebSocketResponse) -> None:
    """Until a job of the client has ended well."""
    async for message in socket:
        if message.type is WSMsgType.TEXT and '"execut' in message.data:
            told = json.loads(message.data)
            if told["type"] == "execution_error":
                raise RuntimeError(told["data"])
            if told["type"] == "executing" and told["data"]["node"] is None:
                return
    raise RuntimeError("the service closed the socket")


def post(address: str, graphs: tuple[dict[str, Any], ...]) -> None:
    """Post graphs over one connection."""
    place = urlsplit(address)
    head = f"POST /prompt HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Type: application/json\r\n"
    with socket.create_connection((place.hostname, place.port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for graph in graphs:
            body = json.dumps({"prompt": graph, "client_id": "bench"})
            connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
            answer = whole_answer(connection)
            if not answer.startswith(b"HTTP/1.1 200 "):
                raise RuntimeError(answer)


def chain_of_masks(length: int) -> dict[str, Any]:
    """An API graph of kinds that ComfyUI has too, on one pixel; no two are the same."""
    size = {"width": 1, "height": 1}
    nodes: dict[str, Any] = {"0": {"class_type": "SolidMask", "inputs": {"value": next(VALUES), **size}}}
    for place in range(1, length - 1):
        nodes[str(place)] = {"class_type": "InvertMask", "inputs": {"mask": [str(place - 1), 0]}}
    nodes[str(length - 1)] = {"class_type": "PreviewAny", "inputs": {"source": [str(length - 2), 0]}}
    return nodes


async def beside(*places: Place) -> list[Measure]:
    """Milliseconds a node and a job here, beside those at a ComfyUI."""
    first, again = [], []
    for _ in range(ROUNDS):
        graph = chain_of_masks(NODES)
        first.append([await place.finish(graph) for place in places])
        again.append([await place.finish(graph) for place in places])
    found = [*_pair(f"a chain of {NODES} masks over HTTP, first: a node", first, NODES)]
    found += _pair(f"a chain of {NODES} masks over HTTP, unchanged: a node", again, NODES)
    for crowd in (0, CROWD):
        spent = []
        for _ in range(ROUNDS):
            graphs = [chain_of_masks(2) for _ in range(JOBS)]
            spent.append([])
            for place in places:
                async with place.crowd(crowd):
                    spent[-1].append(await place.finish(*graphs))
        found += _pair(f"jobs posted one by one, {crowd} more clients: a job", spent, JOBS)
    return found


def _pair(name: str, spent: list[list[Spent]], count: int) -> Iterator[Measure]:
    """The medians of what was spent here and there, a node or a job."""
    kinds: dict[str, Callable[[Spent], float]] = {"": lambda one: one.wall, ", processor": lambda one: one.processor}
    for kind, of in kinds.items():
        ours, theirs = (median(map(of, column)) * 1000 / count for column in zip(*spent[WARM:], strict=True))
        yield Measure(f"{name}{kind}", ours, "ms", peer=theirs)
