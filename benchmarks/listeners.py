"""Many websocket clients that listen to all events, in a process of their own.

    python benchmarks/listeners.py ADDRESS CLIENTS JOBS

Prints a line when all are connected, and how many events each heard once all have heard of the end of so many jobs.
"""

import asyncio
import json
import sys

from aiohttp import ClientSession, ClientWebSocketResponse


async def listen(socket: ClientWebSocketResponse, jobs: int) -> int:
    """How many events came, in order, until so many jobs were done."""
    last = count = done = 0
    async for message in socket:
        for event in json.loads(message.data):
            if event["kind"] == "begin":
                continue
            assert event["number"] > last, "events came out of order"
            last, count = event["number"], count + 1
            done += event["kind"] == "state" and event["data"]["state"] == "done"
        if done >= jobs:
            return count
    raise RuntimeError("the service closed the socket")


async def main(address: str, clients: int, jobs: int) -> None:
    async with ClientSession() as http:
        sockets = [await http.ws_connect(f"{address}/api/v1/events/socket", max_msg_size=0) for _ in range(clients)]
        print("connected", flush=True)
        print(json.dumps(await asyncio.gather(*(listen(socket, jobs) for socket in sockets))), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
