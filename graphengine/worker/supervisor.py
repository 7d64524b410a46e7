"""The other side of a worker: starts its process, speaks to it, logs what it prints, and notices at once when it dies.

For asyncio. A worker that dies is started again by whoever listens, so that a crash costs one job.
"""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from itertools import count
from typing import Any, Protocol

from graphengine.graph.errors import CallError, GraphengineError
from graphengine.settings import Settings
from graphengine.worker import protocol
from graphengine.worker.prints import log_prints
from graphengine.worker.protocol import Answer, Ask, Begin, FromWorker, Ready, Stop, ToWorker

LAST_WORDS = (
    1.0  # seconds for what a worker printed before its end; processes of its own may hold the stream for longer
)


class WorkerDied(GraphengineError):
    """The worker ended before it answered."""


class Listener(Protocol):
    """Whom a worker reports to; called on the event loop."""

    def heard(self, worker: "Supervised", message: FromWorker) -> None:
        """Something of a job."""

    def died(self, worker: "Supervised", reason: str) -> None:
        """The process ended, though nobody had told it to."""


class Supervised:
    """One worker process.

    Args:
        settings: Of its engine.
        listener: Told what it says.
    """

    def __init__(self, settings: Settings, listener: Listener) -> None:
        self.settings, self.listener = settings, listener
        self.process: Process | None = None
        self._ready = asyncio.Event()
        self._questions: dict[int, asyncio.Future[Any]] = {}
        self._numbers = count()
        self._stopping = False
        self._watch: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start the process; it is ready for jobs a moment later, and may be sent some before."""
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "graphengine.worker", stdin=PIPE, stdout=PIPE, stderr=PIPE, start_new_session=True
        )  # in a session of its own, so that Ctrl-C in a terminal reaches only who started it
        self._stopping = False
        self._watch = asyncio.create_task(self._listen(self.process))
        self.send(Begin(self.settings))

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process else None

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self.process is not None and self.process.returncode is None

    @property
    def is_ready(self) -> bool:
        """Whether it has made its engine, and runs."""
        return self._ready.is_set() and self.alive

    async def ready(self) -> None:
        """Wait until it has made its engine."""
        await self._ready.wait()

    def send(self, message: ToWorker) -> None:
        """Say something; what is said to a dead worker is lost, as it is itself."""
        if self.process is not None and self.process.stdin is not None and not self.process.stdin.is_closing():
            self.process.stdin.write(protocol.frame(message))

    async def ask(self, about: str, document: bytes = b"", targets: Any = None, name: str = "") -> Any:
        """What it answers to a question.

        Raises:
            CallError: It could not answer; why.
            WorkerDied: It is no more.
        """
        if not self.alive:
            raise WorkerDied("The worker process is not running.", "Ask again: it is being started.")
        number = next(self._numbers)
        future = self._questions[number] = asyncio.get_running_loop().create_future()
        self.send(Ask(number, about, document, targets, name))  # type: ignore[arg-type]
        try:
            return await future
        finally:
            self._questions.pop(number, None)

    def kill(self) -> None:
        """End it now, whatever it does; the listener is told that it died."""
        if self.process is not None and self.alive:
            self.process.kill()

    async def stop(self, patience: float) -> None:
        """Have it finish its job and end; after ``patience`` seconds end it."""
        if self.process is None or self._watch is None:
            return
        self._stopping = True
        self.send(Stop())
        try:
            await asyncio.wait_for(asyncio.shield(self._watch), patience)
        except TimeoutError:
            self.kill()
            await self._watch

    async def _listen(self, process: Process) -> None:
        assert process.stdout is not None and process.stderr is not None
        prints = asyncio.create_task(log_prints(process.stderr))
        said = ""
        try:
            while True:
                header = await process.stdout.readexactly(protocol.HEADER.size)
                data = await process.stdout.readexactly(protocol.length_of(header))
                self._hear(protocol.from_worker(data))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        except ValueError as error:  # whatever it says next could be taken for anything
            said = f"The worker process was ended: it sent {error}."
            self.kill()
        status = await process.wait()
        await asyncio.wait([prints], timeout=LAST_WORDS)
        prints.cancel()
        reason = said or ending(status)
        for future in self._questions.values():
            if not future.done():
                future.set_exception(WorkerDied(reason))
        self._ready.clear()
        if not self._stopping:
            self.listener.died(self, reason)

    def _hear(self, message: FromWorker) -> None:
        if isinstance(message, Ready):
            self._ready.set()
        elif isinstance(message, Answer):
            future = self._questions.get(message.number)
            if future is not None and not future.done():
                if message.error:
                    future.set_exception(CallError(message.error))
                else:
                    future.set_result(message.found)
        else:
            self.listener.heard(self, message)


def ending(status: int) -> str:
    """How a process ended, in words."""
    if status >= 0:
        return f"The worker process ended with status {status}."
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    why = ", perhaps by the system for want of memory" if name == "SIGKILL" else ""
    return f"The worker process was ended by {name}{why}."
