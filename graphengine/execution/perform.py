"""Do one task: put its inputs together, call the node, keep what it made; or ask a lazy node what it needs."""

import time
import traceback
from asyncio import CancelledError
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from graphengine.execution.cache import Cache
from graphengine.execution.call import Function, arguments, call
from graphengine.execution.codec import Codec
from graphengine.execution.disk import DiskCache
from graphengine.execution.expand import accepted
from graphengine.execution.keys import Decisions, Key, Keys
from graphengine.execution.outcome import Failure, Outcome
from graphengine.execution.plan import Task
from graphengine.execution.services import Memory, Progress, Provenance, Results
from graphengine.execution.threads import Threads
from graphengine.execution.values import Entry, entry_of
from graphengine.graph.check import Analysis
from graphengine.graph.errors import Cancelled, GraphengineError, NodeError
from graphengine.graph.literals import short
from graphengine.graph.node import Expansion
from graphengine.graph.spec import NodeSpec


@dataclass(frozen=True)
class Tools:
    """What runs need, made once by the engine.

    Attributes:
        threads: In which nodes run.
        cache, disk: The tiers; no disk tier when None.
        function: Spec -> the function, its pack imported when first needed.
        needs: Spec of a lazy node -> the function that tells what it needs.
        service: Service id -> the service of this engine (others than those in ``services``).
        lost: The first file that results refer to and that is not there (saved ones may have been removed), or None.
        relieve: Free memory after it ran out.
        guard: Codec to prove with that inputs are not changed in place, or None.
    """

    threads: Threads
    cache: Cache
    disk: DiskCache | None
    function: Callable[[NodeSpec], Function]
    needs: Callable[[NodeSpec], Callable[..., Sequence[str]]]
    service: Callable[[str], Any]
    lost: Callable[[Mapping[str, Any]], str | None] = lambda results: None
    relieve: Callable[[], None] = lambda: None
    guard: Codec | None = None


class RunState(Protocol):
    """What a task sees of its run."""

    tools: Tools
    decisions: Decisions
    outcome: Outcome
    values: dict[Key, Entry]
    provenance: Callable[[], Provenance]

    def is_cancelled(self) -> bool: ...

    def emit(self, kind: str, node: str = "", **data: Any) -> None: ...


class Performer:
    """Does the tasks of one round; used by several threads, each with a task of its own."""

    def __init__(self, run: RunState, analysis: Analysis, keys: Keys) -> None:
        self.run, self.analysis, self.keys = run, analysis, keys
        self.nodes, self.specs = analysis.workflow.nodes, analysis.specs

    def attempt(self, task: Task) -> Failure | None:
        """Do a task; a failure is data, a cancel is neither."""
        if self.run.is_cancelled():
            return None
        try:
            self._decide(task) if task.decide else self._run(task)
        except Cancelled:
            if not self.run.is_cancelled():
                return self._failure(task, NodeError("It stopped by itself.", "Run it again."))
        except (Exception, SystemExit, CancelledError) as error:  # noqa: BLE001  a node must not stop the others
            return self._failure(task, error)
        return None

    def _failure(self, task: Task, error: BaseException) -> Failure:
        return _described(task.id, self.specs[task.id].kind, error)

    def _inputs(self, task: Task) -> dict[str, Any]:
        """Literals, and the values of links that lead to something that was made."""
        inputs = dict(self.analysis.values[task.id])
        values, of = self.run.values, self.keys.of
        spec = self.specs[task.id]
        lazy = spec.lazy_inputs and spec.lazy_inputs - self.keys.needed.get(task.id, frozenset())
        for name, link in self.nodes[task.id].links.items():
            if name in lazy:
                inputs[name] = None
                continue
            key = of[link.node]
            source = self.specs[link.node]
            port = source.output_port(link.output)
            if key is None or port is None:
                raise NodeError(f"The value of '{link.node}.{link.output}' is not there.", input=name)
            inputs[name] = values[key].outputs[source.outputs.index(port)]
        return inputs

    def _decide(self, task: Task) -> None:
        """Ask once for each call that the node will be mapped to: all of them share what any of them needs."""
        spec = self.specs[task.id]
        needs, defaults = self.run.tools.needs(spec), _defaults(spec)
        calls = arguments(spec, self._inputs(task))
        names = [name for given in calls for name in _lazy_names(spec, needs(**{**defaults, **given}))]
        known = self.keys.needed.get(task.id, frozenset())
        self.run.decisions.needed(task.key, [name for name in dict.fromkeys(names) if name not in known])

    def _run(self, task: Task) -> None:
        run, spec = self.run, self.specs[task.id]
        inputs = self._inputs(task)
        run.emit("started", task.id)
        run.tools.function(spec)  # imports its pack, which is no work of the node
        began = time.perf_counter()
        before = self._digests(inputs)
        outputs, results = self._call(task, inputs)
        self._prove(before, inputs)
        seconds = time.perf_counter() - began
        if isinstance(outputs, Expansion):
            run.decisions.expanded(task.key, accepted(outputs.workflow, spec))
            run.emit("finished", task.id, seconds=seconds, bytes=0, results={})
            return
        if (lost := run.tools.lost(results.items)) is not None:
            message = f"It refers to the file '{lost}' in its results, and there is no such file."
            raise NodeError(message, "Have it write the file before it ends, where 'reserve' of Files says.")
        if spec.expands:
            run.decisions.needed(task.key, ())
        entry = entry_of(outputs, results.items, seconds)
        run.values[task.key] = entry
        if not spec.volatile:
            run.tools.cache.put(task.key, entry)
            if run.tools.disk is not None:
                run.tools.disk.write(task.key, entry, always=spec.output)
        run.outcome.ran.append(task.id)
        run.outcome.took[task.id] = seconds
        run.emit("finished", task.id, seconds=seconds, bytes=entry.size, results=entry.results)

    def _call(self, task: Task, inputs: Mapping[str, Any]) -> tuple[tuple[Any, ...] | Expansion, Results]:
        """What a node gives and shows; when memory runs out, tried once more with all that there is."""
        try:
            return self._try(task, inputs, Memory())
        except Exception as error:
            if not _out_of_memory(error):
                raise
            reason = str(error).splitlines()[0] if str(error) else "out of memory"
        self.run.tools.relieve()  # only here: until its error is gone, all that the node had made is held by it
        self.run.emit("retried", task.id, reason=reason)
        return self._try(task, inputs, Memory(tight=True))

    def _try(
        self, task: Task, inputs: Mapping[str, Any], memory: Memory
    ) -> tuple[tuple[Any, ...] | Expansion, Results]:
        spec, results = self.specs[task.id], Results()
        function = self.run.tools.function(spec)  # first: services may be classes of the pack that this imports
        services = {name: self._service(task.id, id, results, memory) for name, id in spec.services.items()}
        return call(function, spec, inputs, services, self.run.is_cancelled), results

    def _service(self, node: str, id: str, results: Results, memory: Memory) -> Any:
        own: dict[str, Callable[[], Any]] = {
            "Progress": lambda: Progress(
                lambda *step: self._report(node, *step),
                self.run.is_cancelled,
                lambda text: self.run.emit("text", node, text=text),
            ),
            "Results": lambda: results,
            "Memory": lambda: memory,
            "Provenance": self.run.provenance,
        }
        module, _, name = id.partition(":")
        return own[name]() if module == Progress.__module__ else self.run.tools.service(id)

    def _report(self, node: str, done: int, total: int, preview: Any) -> None:
        self.run.emit("progress", node, done=done, total=total)
        if preview is not None:
            self.run.emit("preview", node, image=preview)

    def _digests(self, inputs: Mapping[str, Any]) -> dict[str, bytes]:
        guard = self.run.tools.guard
        return {name: guard.digest(value) for name, value in inputs.items()} if guard else {}

    def _prove(self, before: Mapping[str, bytes], inputs: Mapping[str, Any]) -> None:
        guard = self.run.tools.guard
        for name, digest in before.items():
            if guard and guard.digest(inputs[name]) != digest:
                message = "It changed this input in place, which corrupts what the cache holds."
                raise NodeError(message, "Make the node copy before it writes.", input=name)


def _defaults(spec: NodeSpec) -> dict[str, Any]:
    """What the function of a node has for the inputs that it need not be given."""
    left_out = [port for port in spec.inputs if not port.required and not port.variadic]
    return {port.name: None if port.optional else port.default for port in left_out}


def _lazy_names(spec: NodeSpec, answer: object) -> list[str]:
    """What a lazy node said that it needs, refused unless it is names of its lazy inputs."""
    there = sorted(spec.lazy_inputs)
    if not isinstance(answer, (list, tuple, set, frozenset)):
        message = f"Its function 'needs' returned {short(answer)}, which is no list of names."
        raise NodeError(message, f"Have it return a list of some of {', '.join(there)}.")
    for name in answer:
        if name not in there:
            message = f"Its function 'needs' named {short(name)}, which is none of its lazy inputs."
            raise NodeError(message, f"Have it name some of {', '.join(there)}.")
    return list(answer)


def _described(node: str, kind: str, error: BaseException) -> Failure:
    """An error as people need it; only one that nobody foresaw says where in the code it came from."""
    if isinstance(error, GraphengineError) and hasattr(error, "message"):  # a class of a pack may not have called ours
        return Failure(node, kind, error.message, error.cure, getattr(error, "input", ""))
    if isinstance(error, OSError):
        message = f"{error.strerror or error}" + (f": {error.filename}" if error.filename else "")
        return Failure(node, kind, f"{message}.", "See that the place exists, has room and may be written to.")
    trace = "".join(traceback.format_exception(error))
    try:
        text = str(error)
    except Exception:  # noqa: BLE001  it is the pack's, as what it tells about
        text = "it cannot say what was wrong"
    return Failure(node, kind, f"{type(error).__name__}: {text}", trace=trace)


def _out_of_memory(error: Exception) -> bool:
    """Torch has a class of its own for each device; all are named the same."""
    return isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
