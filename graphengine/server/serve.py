"""Serve: bind, say where, answer until told to stop, then let requests end."""

import asyncio
import contextlib
import errno
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Sequence

from aiohttp import web

import graphengine
from graphengine.graph.errors import CallError
from graphengine.server.app import make_app
from graphengine.server.config import Serving, resolve
from graphengine.server.flood import gated
from graphengine.server.logs import start_logs
from graphengine.server.routes import Route
from graphengine.server.service import Service
from graphengine.server.tokens import link, token_of
from graphengine.settings import Settings

BACKLOG = 128


def serve(
    settings: Settings,
    serving: Serving,
    more_routes: Sequence[Route] = (),
    extensions: Sequence[Callable[[web.Application], None]] = (),
) -> None:
    """Serve until SIGTERM or SIGINT; jobs that do not end meanwhile are done at the next start.

    Args:
        more_routes, extensions: See ``make_app``.

    Raises:
        CallError: A setting cannot be, or an address cannot be listened on.
    """
    serving = resolve(serving)
    with contextlib.ExitStack() as stack:
        sockets = bind(serving.listen, serving.port)  # before a token is made, which is shown only once
        for listening in sockets:
            stack.enter_context(listening)
        kept, token = token_of(settings.home, serving.new_token) if serving.token else (None, None)
        start_logs(serving.log_format)
        app = make_app(settings, serving, kept, more_routes, Service(settings, serving), extensions)
        with asyncio.Runner(loop_factory=_new_loop) as runner:
            runner.run(_serve(app, serving, sockets, ready_line(sockets, kept is not None, token)))


def bind(addresses: Sequence[str], port: int) -> list[socket.socket]:
    """A listening socket for each address, all at one port.

    Raises:
        CallError: One is taken, not ours, or no address.
    """
    sockets: list[socket.socket] = []
    try:
        for address in addresses:
            sockets.append(_bind(address, port))
            port = sockets[0].getsockname()[1]
    except BaseException:
        for one in sockets:
            one.close()
        raise
    return sockets


def ready_line(sockets: Sequence[socket.socket], asks: bool, token: str | None) -> str:
    """The line that says where the service is; with the link, when the token was just made."""
    addresses = [_address(one) for one in sockets]
    shown = link(addresses[0], token) if token else addresses[0] + "/"
    more = f" (and {', '.join(addresses[1:])})" if addresses[1:] else ""
    hint = " (with the token of its first start; --new-token makes another)" if asks and not token else ""
    return f"graphengine {graphengine.__version__} serves at {shown}{more}{hint}"


def _new_loop() -> asyncio.AbstractEventLoop:
    """libuv's where there is one: requests and sockets take a quarter less of the processor than with Python's own."""
    try:
        import uvloop
    except ImportError:  # as on Windows
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


async def _serve(app: web.Application, serving: Serving, sockets: Sequence[socket.socket], ready: str) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
    async with running(app, serving, sockets):
        print(ready, flush=True)  # noqa: T201
        await stop.wait()


@contextlib.asynccontextmanager
async def running(app: web.Application, serving: Serving, sockets: Sequence[socket.socket]) -> AsyncIterator[None]:
    """The application answers at these sockets; at the end no connection is taken, and requests have time to end."""
    async with accepting(app, serving) as accept:
        loop = asyncio.get_running_loop()
        servers = [await loop.create_server(accept, sock=one, backlog=BACKLOG) for one in sockets]
        try:
            yield
        finally:
            for server in servers:
                server.close()


@contextlib.asynccontextmanager
async def accepting(app: web.Application, serving: Serving) -> AsyncIterator[Callable[[], asyncio.Protocol]]:
    """The application runs; gives what makes the protocol of a new connection."""
    runner = web.AppRunner(app, shutdown_timeout=serving.drain_seconds)
    await runner.setup()
    try:
        assert runner.server is not None
        yield gated(runner.server, serving.limits)
    finally:
        await runner.cleanup()


def _bind(address: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(
            address.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _cannot(address, port, error) from None
    try:
        if sys.platform != "win32":  # there it would let two services share a port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listening.bind(place)
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        raise _cannot(address, port, error) from None
    return listening


def _cannot(address: str, port: int, error: OSError) -> CallError:
    if error.errno == errno.EADDRINUSE:
        return CallError(f"Port {port} of {address} is taken.", "Stop what uses it, or give another with --port.")
    if error.errno in (errno.EACCES, errno.EPERM):
        return CallError(f"Port {port} of {address} may not be used.", "Give one above 1023 with --port.")
    return CallError(f"{address} cannot be listened on: {error.strerror}.", "Give an address of this machine.")


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # what a browser on this machine opens
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"
