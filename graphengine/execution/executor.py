"""The executor: runs plans. The only file that starts threads or waits.

A run goes in rounds: check, key, plan, do the tasks; when a task decided something (a lazy node's needs, a workflow
that takes a node's place), the plan is asked again. Within a round, threads take ready tasks of their resource from
the schedule until nothing is left: one thread for the device, a few for the processor and for waiting on disks and
networks. A thread that finishes a task takes the next one itself, so a chain of small nodes costs no hand-over.
"""

import threading
import time
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphengine.execution.cache import Cache
from graphengine.execution.call import Function, call
from graphengine.execution.codec import Codec
from graphengine.execution.disk import DiskCache
from graphengine.execution.events import Event, OnEvent
from graphengine.execution.keys import Context, Decisions, Key, Keys, compute_keys
from graphengine.execution.plan import Plan, Task, make_plan
from graphengine.execution.schedule import Schedule
from graphengine.execution.services import Memory, Progress, Provenance, Results
from graphengine.execution.values import Entry, size_of
from graphengine.graph.check import Analysis
from graphengine.graph.errors import Cancelled, GraphengineError, NodeError
from graphengine.graph.node import Expansion
from graphengine.graph.spec import NodeSpec

WORKERS = {"device": 1, "cpu": 2, "io": 8, "coroutine": 32}
SLOW = 0.005  # seconds a ready task waits before another thread is started for it


@dataclass(frozen=True)
class Failure:
    """A node that failed.

    Attributes:
        node, kind, input: Where.
        message, cure: What was wrong, and what to do.
        trace: For whoever mends the node.
    """

    node: str
    kind: str
    message: str
    cure: str = ""
    input: str = ""
    trace: str = ""

    def __str__(self) -> str:
        where = f"node '{self.node}' ({self.kind})" + (f": input '{self.input}'" if self.input else "")
        return f"{where}: {self.message}" + (f"\n  {self.cure}" if self.cure else "")


@dataclass
class Outcome:
    """How a run ended.

    Attributes:
        status: ``done``, ``failed`` or ``cancelled``.
        ran, cached: Node ids, in the order they finished.
        failures: Nodes that failed.
        blocked: Nodes that could not run because of them.
        results: Target id -> what it showed people.
        values: Target id -> its outputs.
        seconds: From start to end.
    """

    status: str = "done"
    ran: list[str] = field(default_factory=list)
    cached: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    blocked: list[str] = field(default_factory=list)
    results: dict[str, dict[str, list[Any]]] = field(default_factory=dict)
    values: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    seconds: float = 0.0


@dataclass(frozen=True)
class Tools:
    """What runs need, made once by the engine.

    Attributes:
        cache, disk: The tiers; no disk tier when None.
        function: Spec -> the function, its pack imported when first needed.
        needs: Spec of a lazy node -> the function that tells what it needs.
        service: Service id -> the service of this engine (others than those in ``services``).
        valid: Whether results of an output node are still there (saved files may have been removed).
        relieve: Free memory after it ran out.
        guard: Codec to prove with that inputs are not changed in place, or None.
    """

    cache: Cache
    disk: DiskCache | None
    function: Callable[[NodeSpec], Function]
    needs: Callable[[NodeSpec], Callable[..., Sequence[str]]]
    service: Callable[[str], Any]
    valid: Callable[[Mapping[str, Any]], bool] = lambda results: True
    relieve: Callable[[], None] = lambda: None
    guard: Codec | None = None


class Run:
    """One run of one workflow.

    Args:
        tools: Of the engine.
        decisions: What earlier runs found out; grows.
        context: What keys depend on besides the workflow.
        provenance: For files that carry their workflow.
        on_event: Called for each event, one at a time, in order; must be quick.
    """

    def __init__(
        self,
        tools: Tools,
        decisions: Decisions,
        context: Context,
        provenance: Callable[[], Provenance],
        on_event: OnEvent,
    ) -> None:
        self.tools, self.decisions, self.context = tools, decisions, context
        self.provenance = provenance
        self.outcome = Outcome()
        self.keys = Keys({}, {}, {})  # of the last round
        self._on_event = on_event
        self._began = time.perf_counter()
        self._events = 0
        self._event_lock = threading.Lock()
        self._cancelled = threading.Event()
        self._values: dict[Key, Entry] = {}

    def cancel(self) -> None:
        """Stop as soon as what is running looks; safe from any thread and from a signal handler."""
        self._cancelled.set()

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set()

    def emit(self, kind: str, node: str = "", **data: Any) -> None:
        """Report something."""
        with self._event_lock:
            self._on_event(Event(kind, node, data, self._events, time.perf_counter() - self._began))
            self._events += 1

    def plan(self, analysis: Analysis, targets: Iterable[str]) -> tuple[Keys, Plan]:
        """Key and plan a checked workflow."""
        keys = compute_keys(analysis, self.decisions, self.context)
        specs = analysis.specs
        return keys, make_plan(analysis, keys, targets, lambda id, key: self._is_cached(specs[id], key))

    def _is_cached(self, spec: NodeSpec, key: Key) -> bool:
        entry = self._values.get(key) or self.tools.cache.get(key)
        if entry is None and self.tools.disk is not None and not spec.volatile:
            entry = self.tools.disk.read(key)
            if entry is not None:
                self.tools.cache.put(key, entry)
        if entry is None or (spec.output and not self.tools.valid(entry.results)):
            return False
        self._values[key] = entry
        return True

    def round(self, analysis: Analysis, targets: Sequence[str]) -> bool:
        """Do all that can be planned now; true when something was decided, so that there is more to plan."""
        keys, plan = self.plan(analysis, targets)
        self.keys = keys
        self.emit("planned", run=[task.id for task in plan.tasks], cached=list(plan.cached), waiting=list(plan.waiting))
        self.outcome.cached += plan.cached
        decided = _Round(self, analysis, keys, plan, targets).perform() if plan.tasks else False
        for id in targets:
            key = keys.of.get(id)
            entry = self._values.get(key) if key is not None else None
            if entry is not None and id not in self.outcome.values:
                self.outcome.values[id] = entry.outputs
                self.outcome.results[id] = entry.results
                if id in plan.cached:
                    self.emit("cached", id, results=entry.results)
        return decided and not self.cancelled and not self.outcome.failures

    def end(self) -> Outcome:
        """Say how it ended."""
        outcome = self.outcome
        outcome.seconds = time.perf_counter() - self._began
        outcome.status = "failed" if outcome.failures else "cancelled" if self.cancelled else "done"
        self.emit("ended", status=outcome.status, seconds=outcome.seconds)
        return outcome


class _Round:
    """The tasks of one plan, done by threads."""

    def __init__(self, run: Run, analysis: Analysis, keys: Keys, plan: Plan, targets: Sequence[str]) -> None:
        self.run, self.analysis, self.keys, self.plan = run, analysis, keys, plan
        self.nodes, self.specs = analysis.workflow.nodes, analysis.specs
        self.schedule = Schedule(plan.tasks, {task.id: self._resource(task) for task in plan.tasks})
        self.condition = threading.Condition()
        self.threads: dict[str, list[threading.Thread]] = {}
        self.idle: dict[str, int] = {}
        self.decided = False
        self.more = any(
            task.decide or self.specs[task.id].expands for task in plan.tasks
        )  # a round to read values again
        self.broken: BaseException | None = None
        self.kept = {keys.of[id] for id in (*targets, *plan.cached)}
        self.reads: dict[str, int] = {}
        for task in plan.tasks:
            for source in set(task.after):
                self.reads[source] = self.reads.get(source, 0) + 1

    def _resource(self, task: Task) -> str:
        spec = self.specs[task.id]
        return "cpu" if task.decide else "coroutine" if spec.coroutine else spec.resource

    def perform(self) -> bool:
        """Start threads, wait for them; true when something was decided."""
        with self.condition:
            for resource in list(self.schedule.ready):
                self._hire(resource)
            try:
                self._wait()
            except KeyboardInterrupt:
                self.run.cancel()
                self._wait()
        for threads in self.threads.values():
            for thread in threads:
                thread.join()
        if self.broken is not None:
            raise self.broken
        return self.decided

    def _wait(self) -> None:
        """Until all is done; meanwhile start a thread for a task that has waited long, and pass a cancel on."""
        while not self.schedule.over:
            self.condition.wait(timeout=SLOW if any(self.schedule.ready.values()) else 0.1)
            if self.run.cancelled:
                self.run.outcome.blocked += self.schedule.stop()
                self.condition.notify_all()
            for resource, heap in list(self.schedule.ready.items()):
                if heap:
                    self._wake(resource)
        self.condition.notify_all()

    def _wake(self, resource: str) -> None:
        """Have a thread look for a task of a resource: an idle one, or a new one if there may be more."""
        if self.idle.get(resource):
            self.condition.notify_all()
        else:
            self._hire(resource)

    def _hire(self, resource: str) -> None:
        threads = self.threads.setdefault(resource, [])
        if len(threads) < WORKERS[resource]:
            thread = threading.Thread(target=self._work, args=(resource,), name=f"graphengine-{resource}", daemon=True)
            threads.append(thread)
            thread.start()

    def _work(self, resource: str) -> None:
        """Take ready tasks of one resource until all is over."""
        try:
            while True:
                with self.condition:
                    task = self.schedule.take(resource)
                    while task is None:
                        if self.schedule.over:
                            return
                        self.idle[resource] = self.idle.get(resource, 0) + 1
                        self.condition.wait()
                        self.idle[resource] -= 1
                        task = self.schedule.take(resource)
                failure = self._attempt(task)
                with self.condition:
                    self._settle(task, failure, resource)
        except BaseException as error:  # noqa: BLE001  an error of ours in a thread must reach the caller, not vanish
            with self.condition:
                self.broken = error
                self.schedule.stop()
                self.schedule.finished |= self.schedule.tasks.keys()
                self.condition.notify_all()

    def _settle(self, task: Task, failure: Failure | None, resource: str) -> None:
        outcome = self.run.outcome
        if failure is not None:
            outcome.failures.append(failure)
            for id in self.schedule.fail(task.id):
                outcome.blocked.append(id)
                self.run.emit("blocked", id, by=task.id)
        elif self.run.cancelled and task.id not in outcome.ran:
            outcome.blocked += [task.id, *self.schedule.fail(task.id)]
        else:
            for ready in self.schedule.done(task.id):
                if ready != resource:
                    self._wake(ready)
        self._release(task)
        if self.schedule.over:
            self.condition.notify_all()

    def _release(self, task: Task) -> None:
        """Let go of values that nothing in this run reads any more; the cache may still hold them."""
        if self.more:
            return
        for source in set(task.after):
            self.reads[source] -= 1
            key = self.keys.of[source]
            if not self.reads[source] and key is not None and key not in self.kept:
                self.run._values.pop(key, None)

    def _attempt(self, task: Task) -> Failure | None:
        """Do a task; a failure is data, a cancel is neither."""
        if self.run.cancelled:
            return None
        try:
            self._decide(task) if task.decide else self._run(task)
        except Cancelled:
            if not self.run.cancelled:
                return self._failure(task, NodeError("It stopped by itself.", "Run it again."))
        except Exception as error:  # noqa: BLE001  a node must not stop the others: reported by name
            return self._failure(task, error)
        return None

    def _failure(self, task: Task, error: Exception) -> Failure:
        spec = self.specs[task.id]
        ours = isinstance(error, GraphengineError)
        message = error.message if isinstance(error, GraphengineError) else f"{type(error).__name__}: {error}"
        cure = error.cure if isinstance(error, GraphengineError) else ""
        trace = "" if ours and error.__cause__ is None else "".join(traceback.format_exception(error))
        failure = Failure(task.id, spec.kind, message, cure, getattr(error, "input", "") if ours else "", trace)
        data = {"kind": spec.kind, "input": failure.input, "message": message, "cure": cure, "trace": trace}
        self.run.emit("failed", task.id, **{("node_kind" if k == "kind" else k): v for k, v in data.items()})
        return failure

    def _inputs(self, task: Task) -> dict[str, Any]:
        """Literals, and the values of links that lead to something that was made."""
        inputs = dict(self.analysis.values[task.id])
        values, of = self.run._values, self.keys.of
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
        inputs = self._inputs(task)
        known = self.keys.needed.get(task.id, frozenset())
        names = tuple(self.run.tools.needs(self.specs[task.id])(**inputs))
        self.run.decisions.needed(task.key, [name for name in names if name not in known])
        self.decided = True

    def _run(self, task: Task) -> None:
        run, spec = self.run, self.specs[task.id]
        inputs = self._inputs(task)
        results = Results()
        run.emit("started", task.id)
        began = time.perf_counter()
        before = self._digests(inputs)
        try:
            outputs = self._call(task, spec, inputs, results, Memory())
        except Exception as error:
            if not _out_of_memory(error):
                raise
            run.tools.relieve()
            run.emit("retried", task.id, reason=str(error).splitlines()[0] if str(error) else "out of memory")
            results = Results()
            outputs = self._call(task, spec, inputs, results, Memory(tight=True))
        self._prove(before, inputs)
        seconds = time.perf_counter() - began
        if isinstance(outputs, Expansion):
            run.decisions.expanded(task.key, outputs.workflow)
            self.decided = True
            run.emit("finished", task.id, seconds=seconds, bytes=0, results={})
            return
        if spec.expands:
            run.decisions.needed(task.key, ())
            self.decided = True
        entry = Entry(outputs, results.items, seconds, size_of(outputs))
        run._values[task.key] = entry
        if not spec.volatile:
            run.tools.cache.put(task.key, entry)
            if run.tools.disk is not None:
                run.tools.disk.write(task.key, entry, always=spec.output)
        run.outcome.ran.append(task.id)
        run.emit("finished", task.id, seconds=seconds, bytes=entry.size, results=entry.results)

    def _call(
        self, task: Task, spec: NodeSpec, inputs: Mapping[str, Any], results: Results, memory: Memory
    ) -> tuple[Any, ...] | Expansion:
        services = {name: self._service(task.id, id, results, memory) for name, id in spec.services.items()}
        cancelled = self.run._cancelled.is_set
        return call(self.run.tools.function(spec), spec, inputs, services, cancelled)

    def _service(self, node: str, id: str, results: Results, memory: Memory) -> Any:
        own: dict[str, Callable[[], Any]] = {
            "Progress": lambda: Progress(lambda *step: self._report(node, *step), self.run._cancelled.is_set),
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


def _out_of_memory(error: Exception) -> bool:
    """Torch has a class of its own for each device; all are named the same."""
    return isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
