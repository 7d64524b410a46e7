"""The real application in this process, asked in bytes through a connection that is no socket."""

import asyncio
import atexit
import contextlib
import logging
import shutil
import tempfile
import warnings
from functools import cache
from pathlib import Path

from aiohttp import web

from graphengine.server.answers import json_answer
from graphengine.server.app import make_app
from graphengine.server.bodies import read_json
from graphengine.server.config import Limits, Serving
from graphengine.server.keys import PICTURES, SERVING
from graphengine.server.routes import Route
from graphengine.server.serve import accepting
from graphengine.server.uploads import receive_mask, receive_upload
from graphengine.settings import Settings

LIMITS = Limits(
    upload_bytes=2**20, pixels=2**16, json_bytes=2**20, json_depth=20, header_seconds=0.05, body_seconds=0.2
)  # nothing more comes: what is incomplete ends soon
SECONDS = 10  # for one answer, on a machine that has other things to do


class Served:
    """The application of an empty home, with routes that store files and read JSON.

    Attributes:
        base: A folder that holds ``home`` and nothing else.
    """

    def __init__(self) -> None:
        logging.getLogger("aiohttp").setLevel(logging.CRITICAL)  # a line for each attack
        self.base = Path(tempfile.mkdtemp(prefix="fuzz-"))
        self.home = self.base / "home"
        self._loop = asyncio.Runner()
        serving = Serving(limits=LIMITS)
        app = make_app(Settings(home=self.home), serving, None, _routes(self.home))
        self._server = accepting(app, serving)
        self._accept = self._loop.run(self._server.__aenter__())

    @classmethod
    @cache
    def one(cls) -> "Served":
        """The one of this process."""
        served = cls()
        atexit.register(served.close)
        return served

    def close(self) -> None:
        """Stop, and leave nothing."""
        self._loop.run(self._server.__aexit__(None, None, None))
        self._loop.close()
        shutil.rmtree(self.base)

    def ask(self, data: bytes) -> bytes:
        """What is answered to these bytes until the connection ends; nothing comes after them."""
        with only_ours():
            return self._loop.run(self._ask(data))

    async def _ask(self, data: bytes) -> bytes:
        connection = Connection()
        protocol = self._accept()
        protocol.connection_made(connection)
        connection.get_protocol().data_received(data)  # the gate has stepped aside
        async with asyncio.timeout(SECONDS):
            await connection.ended.wait()
        return bytes(connection.written)


class Connection(asyncio.Transport):
    """Keeps what is written to it.

    Attributes:
        written: So far.
        ended: Set once it is closed.
    """

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 50_000), "sockname": ("127.0.0.1", 8188)})
        self.written, self.ended = bytearray(), asyncio.Event()
        self._protocol: asyncio.BaseProtocol | None = None

    def write(self, data) -> None:
        self.written += data

    def writelines(self, pieces) -> None:
        for piece in pieces:
            self.write(piece)

    def is_closing(self) -> bool:
        return self.ended.is_set()

    def is_reading(self) -> bool:
        return True

    def pause_reading(self) -> None:
        """All has come."""

    resume_reading = pause_reading

    def set_protocol(self, protocol) -> None:
        self._protocol = protocol

    def get_protocol(self):
        return self._protocol

    def close(self) -> None:
        if not self.ended.is_set():
            self.ended.set()
            if self._protocol is not None:
                asyncio.get_running_loop().call_soon(self._protocol.connection_lost, None)

    abort = close


@contextlib.contextmanager
def only_ours():
    """Warnings of others, at input that is hostile, are none of ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _routes(home):
    roots = {"input": home / "input"}

    async def upload(request: web.Request) -> web.Response:
        app = request.app
        return json_answer(await receive_upload(request, roots, app[SERVING].limits, app[PICTURES]))

    async def mask(request: web.Request) -> web.Response:
        app = request.app
        return json_answer(await receive_mask(request, roots, app[SERVING].limits, app[PICTURES]))

    async def json(request: web.Request) -> web.Response:
        return json_answer(repr(await read_json(request, request.app[SERVING].limits)))

    return (
        Route("POST", "/upload", upload, "Stores files.", compatible=True),
        Route("POST", "/mask", mask, "Stores a mask.", compatible=True),
        Route("POST", "/json", json, "Reads JSON.", compatible=True),
    )
