"""The worker's side: ``python -m graphengine.worker`` does what comes in on its standard input until that ends.

One thread reads, so that a cancel is heard while a job runs; the main thread runs the jobs, one after the other, and a
third answers what need not wait for them. What nodes print goes to standard error, which the service logs: standard
output belongs to the protocol.
"""

import io
import json
import os
import queue
import sys
import threading
import traceback
from collections.abc import Callable
from functools import lru_cache
from typing import Any, BinaryIO

from graphengine.engine import Engine
from graphengine.execution.executor import Run as Running
from graphengine.execution.outcome import Outcome
from graphengine.garbage import collect_seldom
from graphengine.graph import document
from graphengine.graph.errors import CheckError, GraphengineError
from graphengine.graph.workflow import Workflow
from graphengine.worker import protocol
from graphengine.worker.outbox import Outbox, encoded
from graphengine.worker.protocol import Answer, Ask, Begin, Cancel, Ended, Ready, Run, Stop

BESIDE = frozenset({"memory", "value"})  # questions that are answered while a job runs


class Worker:
    """Runs jobs with one engine.

    Args:
        incoming, outgoing: The two streams of frames.
    """

    def __init__(self, incoming: BinaryIO, outgoing: BinaryIO) -> None:
        self.incoming, self.outgoing = incoming, outgoing
        self.outbox = Outbox(self._send, outgoing.flush)
        self.todo: queue.SimpleQueue[Run | Ask | None] = queue.SimpleQueue()
        self.beside: queue.SimpleQueue[Ask] = queue.SimpleQueue()
        self.job, self.running = "", None  # type: str, Running | None
        self.cancelled: set[str] = set()
        self.load = lru_cache(maxsize=1)(_load)  # a document that comes again is most often the last one

    def serve(self) -> None:
        """Do what comes in, until told to stop."""
        begin = self._receive()
        if not isinstance(begin, Begin):
            raise ValueError(f"the first message is {begin}; it must be Begin")
        self.engine = Engine(begin.settings)
        self.outbox.say(Ready(os.getpid()))
        threading.Thread(target=self._listen, name="graphengine-listen", daemon=True).start()
        threading.Thread(target=self._answer_beside, name="graphengine-answer", daemon=True).start()
        while (task := self.todo.get()) is not None:
            if isinstance(task, Run):
                self._run(task)
            else:
                self.outbox.say(self._answer(task))

    def _listen(self) -> None:
        """Sort what comes in: jobs wait, a cancel does not; the end of the stream ends everything."""
        try:
            while (message := self._receive()) is not None:
                if isinstance(message, Cancel):
                    self._cancel(message.job)
                elif isinstance(message, Stop):
                    self.todo.put(None)
                elif isinstance(message, Ask) and message.about in BESIDE:
                    self.beside.put(message)
                elif isinstance(message, (Run, Ask)):
                    self.todo.put(message)
        finally:
            os._exit(0)  # nobody is there to work for; what was finished is on disk

    def _answer_beside(self) -> None:
        while True:
            self.outbox.say(self._answer(self.beside.get()))

    def _cancel(self, job: str) -> None:
        self.cancelled.add(job)
        if self.running is not None and self.job == job:
            self.running.cancel()

    def _started(self, running: Running) -> None:
        self.running = running
        if self.job in self.cancelled:
            running.cancel()

    def _run(self, request: Run) -> None:
        self.job = request.job
        self.cancelled.intersection_update({request.job})  # others had ended before they were told to
        self.outbox.begin(request.job)
        try:
            workflow = self.load(request.document)
            outcome = self.engine.run(
                workflow, request.targets, on_event=self.outbox.event, on_start=self._started, name=request.name,
                texts=request.texts,
            )  # fmt: skip
            self.outbox.say(ended(request.job, outcome, self.engine.settings.device))
        except GraphengineError as error:
            self.outbox.say(refused(request.job, error))
        except Exception as error:  # noqa: BLE001  a fault of ours must not end the worker
            traceback.print_exc()
            problem = GraphengineError(f"{type(error).__name__}: {error}", "This is a fault in graphengine; report it.")
            self.outbox.say(refused(request.job, problem))
        finally:
            self.running = None

    def _answer(self, question: Ask) -> Answer:
        try:
            return Answer(question.number, ASKED[question.about](self.engine, question))
        except GraphengineError as error:
            return Answer(question.number, error=str(error))
        except Exception as error:  # noqa: BLE001  a fault of ours must not end the thread that answers
            traceback.print_exc()
            return Answer(question.number, error=f"{type(error).__name__}: {error}")

    def _receive(self) -> protocol.ToWorker | None:
        header = self.incoming.read(protocol.HEADER.size)
        if len(header) < protocol.HEADER.size:
            return None
        return protocol.to_worker(self.incoming.read(protocol.length_of(header)))

    def _send(self, message: protocol.FromWorker) -> None:
        self.outgoing.write(protocol.frame(message))


def _load(data: bytes) -> Workflow:
    """The workflow of a document, which the server wrote within its limits; else it is told what is wrong with it."""
    try:
        return document.from_json(json.loads(data.decode()))
    except (ValueError, RecursionError):
        return document.load(data)


def ended(job: str, outcome: Outcome, device: str) -> Ended:
    """A job's outcome as a message."""
    facts = {
        "device": device,
        "seconds": outcome.seconds,
        "ran": outcome.ran,
        "cached": outcome.cached,
        "blocked": outcome.blocked,
        "failures": outcome.failures,
    }
    return Ended(job, outcome.status, facts, outcome.results)  # type: ignore[arg-type]


def refused(job: str, error: GraphengineError) -> Ended:
    """A job that could not be run at all."""
    problems = error.problems if isinstance(error, CheckError) else ()
    return Ended(job, "failed", {"message": error.message, "cure": error.cure, "problems": problems}, {})


def _plan(engine: Engine, question: Ask) -> dict[str, Any]:
    preview = engine.plan(document.load(question.document), question.targets, name=question.name)
    return {
        "run": {id: list(reasons) for id, reasons in preview.reasons.items()},
        "cached": list(preview.plan.cached),
        "order": list(preview.order),
        "seconds": preview.seconds,
    }


def _free(engine: Engine, question: Ask) -> dict[str, Any]:
    engine.free(models="models" in (question.targets or ()), cache="cache" in (question.targets or ()))
    return engine.memory()


def _value(engine: Engine, question: Ask) -> dict[str, Any]:
    node, output = question.targets or ("", "")
    look = engine.look(document.load(question.document), node, output)
    if look is None:
        return {"kept": False, "facts": {}, "text": "", "bars": [], "picture": None}
    picture = None if look.picture is None else encoded(look.picture)
    return {"kept": True, "facts": look.facts, "text": look.text, "bars": look.bars, "picture": picture}


ASKED: dict[str, Callable[[Engine, Ask], Any]] = {
    "plan": _plan,
    "free": _free,
    "memory": lambda engine, question: engine.memory(),
    "value": _value,
}


def main() -> None:
    """Serve on the standard streams."""
    collect_seldom()
    outgoing = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # what a node prints is read while it runs
    Worker(sys.stdin.buffer, outgoing).serve()
    os._exit(0)  # the thread that listens holds the stream, which an orderly end would wait for
