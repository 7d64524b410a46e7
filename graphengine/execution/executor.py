"""The executor: runs plans. The only file that waits.

A run goes in rounds: check, key, plan, do the tasks; when a task decided something (a lazy node's needs, a workflow
that takes a node's place), the plan is asked again, without what failed and what depends on it. Within a round, threads
take ready tasks of their resource from the schedule until nothing is left: one thread for the device, a few for the
processor and for waiting on disks and networks. A thread that finishes a task takes the next one itself, and as long as
there is just one to do, the caller does it: a chain of small nodes costs no hand-over.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from graphengine.execution.events import Event, OnEvent
from graphengine.execution.keys import Context, Decisions, Key, Keys, compute_keys
from graphengine.execution.outcome import Failure, Outcome
from graphengine.execution.perform import Performer, Tools
from graphengine.execution.plan import Plan, Task, make_plan
from graphengine.execution.schedule import Schedule
from graphengine.execution.services import Provenance
from graphengine.execution.values import Entry
from graphengine.graph.check import Analysis
from graphengine.graph.spec import NodeSpec

WORKERS = {"device": 1, "cpu": 2, "io": 8, "coroutine": 32}
ANYWHERE = frozenset({"cpu", "io"})  # what the caller's thread may do too
SLOW = 0.005  # seconds without a task done, after which another thread is started for those that are ready


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
        self.values: dict[Key, Entry] = {}
        self.failed: dict[Key, str] = {}  # key of a task -> its node

    def cancel(self) -> None:
        """Stop as soon as what is running looks; safe from any thread and from a signal handler."""
        self._cancelled.set()

    def is_cancelled(self) -> bool:
        return self._cancelled.is_set()

    def emit(self, kind: str, node: str = "", **data: Any) -> None:
        """Report something."""
        with self._event_lock:
            self._on_event(Event(kind, node, data, self._events, time.perf_counter() - self._began))
            self._events += 1

    def fail(self, key: Key, failure: Failure) -> None:
        """Keep and report that a node failed, and leave what has its key out from now on."""
        self.outcome.failures.append(failure)
        self.failed[key] = failure.node
        data = {"input": failure.input, "message": failure.message, "cure": failure.cure, "trace": failure.trace}
        self.emit("failed", failure.node, node_kind=failure.kind, **data)

    def plan(self, analysis: Analysis, targets: Iterable[str]) -> tuple[Keys, Plan]:
        """Key and plan a checked workflow."""
        keys = compute_keys(analysis, self.decisions, self.context)
        specs = analysis.specs
        return keys, make_plan(analysis, keys, targets, lambda id, key: self._is_cached(specs[id], key), self.failed)

    def _is_cached(self, spec: NodeSpec, key: Key) -> bool:
        entry = self.values.get(key) or self.tools.cache.get(key)
        if entry is None and self.tools.disk is not None and not spec.volatile:
            entry = self.tools.disk.read(key)
            if entry is not None:
                self.tools.cache.put(key, entry)
        if entry is None or (spec.output and self.tools.lost(entry.results) is not None):
            return False
        self.values[key] = entry
        return True

    def round(self, analysis: Analysis, targets: Sequence[str]) -> bool:
        """Do all that can be planned now; true when something was decided, so that there is more to plan."""
        keys, plan = self.plan(analysis, targets)
        self.keys = keys
        self.emit("planned", run=[task.id for task in plan.tasks], cached=list(plan.cached), waiting=list(plan.waiting))
        self._block(plan.blocked)
        self.outcome.cached += plan.cached
        decided = _Round(self, analysis, keys, plan, targets).perform() if plan.tasks else False
        for id in targets:
            key = keys.of.get(id)
            entry = self.values.get(key) if key is not None else None
            if entry is not None and id not in self.outcome.values:
                self.outcome.values[id] = entry.outputs
                self.outcome.results[id] = entry.results
                if id in plan.cached:
                    self.emit("cached", id, results=entry.results)
        return decided and not self.is_cancelled()

    def _block(self, blocked: Mapping[str, str]) -> None:
        """Tell of nodes that another round would have run, had not something failed."""
        told = self.outcome.unfinished
        for id, by in blocked.items():
            if id not in told:
                self.outcome.blocked.append(id)
                self.emit("blocked", id, by=by)

    def end(self) -> Outcome:
        """Say how it ended."""
        outcome = self.outcome
        outcome.seconds = time.perf_counter() - self._began
        outcome.status = "failed" if outcome.failures else "cancelled" if self.is_cancelled() else "done"
        self.emit("ended", status=outcome.status, seconds=outcome.seconds)
        return outcome


class _Round:
    """The tasks of one plan, done by threads."""

    def __init__(self, run: Run, analysis: Analysis, keys: Keys, plan: Plan, targets: Sequence[str]) -> None:
        self.run, self.analysis, self.keys, self.plan = run, analysis, keys, plan
        self.specs = analysis.specs
        self.schedule = Schedule(plan.tasks, {task.id: self._resource(task) for task in plan.tasks})
        self.condition = threading.Condition()
        self.hired: dict[str, int] = {}
        self.working = 0
        self.settled: dict[str, int] = {}
        self.idle: dict[str, int] = {}
        # whether another round will read the values again
        self.more = any(task.decide or self.specs[task.id].expands for task in plan.tasks)
        self.performer = Performer(run, analysis, keys)
        self.broken: BaseException | None = None
        self.kept = {keys.of[id] for id in (*targets, *plan.cached)}
        self.reads: dict[str, int] = {}
        for task in plan.tasks:
            for source in set(task.after):
                self.reads[source] = self.reads.get(source, 0) + 1

    def _resource(self, task: Task) -> str:
        spec = self.specs[task.id]
        if task.decide:
            return "cpu"
        return "coroutine" if spec.coroutine and spec.resource != "device" else spec.resource

    def perform(self) -> bool:
        """Do all tasks; true when something was to be decided."""
        self._do_single()
        with self.condition:
            for resource, heap in list(self.schedule.ready.items()):
                if heap:
                    self._hire(resource)
            try:
                self._wait()
            except KeyboardInterrupt:
                self.run.cancel()
                self._wait()
            self.condition.wait_for(lambda: not self.working)
        if self.broken is not None:
            raise self.broken
        return self.more

    def _do_single(self) -> None:
        """Do tasks here while just one can be done: nothing else can become ready meanwhile."""
        if _in_event_loop():  # where a node's asyncio.run would be refused
            return
        while (task := self.schedule.take_single(ANYWHERE)) is not None:
            try:
                failure = self.performer.attempt(task)
            except KeyboardInterrupt:
                self.run.cancel()
                failure = None
            self._settle(task, failure)

    def _wait(self) -> None:
        """Until all is done; meanwhile start threads where tasks take long, and pass a cancel on.

        Where they take microseconds, more threads would only wait for one another.
        """
        while not self.schedule.over:
            before = dict(self.settled)
            self.condition.wait(timeout=SLOW if any(self.schedule.ready.values()) else 0.1)
            if self.run.is_cancelled():
                self.run.outcome.blocked += self.schedule.stop()
                self.condition.notify_all()
            for resource, heap in list(self.schedule.ready.items()):
                if heap and self.settled.get(resource) == before.get(resource):
                    self._wake(resource)
        self.condition.notify_all()

    def _wake(self, resource: str) -> None:
        """Have a thread look for a task of a resource: an idle one, or a new one if there may be more."""
        if self.idle.get(resource):
            self.condition.notify_all()
        else:
            self._hire(resource)

    def _hire(self, resource: str) -> None:
        hired = self.hired.get(resource, 0)
        if hired < WORKERS[resource]:
            self.hired[resource] = hired + 1
            self.working += 1
            self.run.tools.threads.start(resource, lambda: self._work(resource))

    def _work(self, resource: str) -> None:
        """Take ready tasks of one resource until all is over."""
        try:
            while (task := self._next(resource)) is not None:
                failure = self.performer.attempt(task)
                with self.condition:
                    self.settled[resource] = self.settled.get(resource, 0) + 1
                    for ready in self._settle(task, failure):
                        if ready != resource:
                            self._wake(ready)
                    if self.schedule.over:
                        self.condition.notify_all()
        except BaseException as error:  # noqa: BLE001  an error of ours in a thread must reach the caller, not vanish
            with self.condition:
                self.broken = error
                self.schedule.stop()
                self.schedule.finished |= self.schedule.tasks.keys()
        with self.condition:
            self.working -= 1
            self.condition.notify_all()

    def _next(self, resource: str) -> Task | None:
        """A task of a resource, waited for; None when all is over."""
        with self.condition:
            while (task := self.schedule.take(resource)) is None and not self.schedule.over:
                self.idle[resource] = self.idle.get(resource, 0) + 1
                self.condition.wait()
                self.idle[resource] -= 1
            return task

    def _settle(self, task: Task, failure: Failure | None) -> Sequence[str]:
        """Note how a task ended; the resources of those that became ready."""
        outcome, ready = self.run.outcome, []
        if failure is not None:
            self.run.fail(task.key, failure)
            for id in self.schedule.fail(task.id):
                outcome.blocked.append(id)
                self.run.emit("blocked", id, by=task.id)
        elif self.run.is_cancelled() and task.id not in outcome.ran:
            outcome.blocked += [task.id, *self.schedule.fail(task.id)]
        else:
            ready = self.schedule.done(task.id)
        self._release(task)
        return ready

    def _release(self, task: Task) -> None:
        """Let go of values that nothing in this run reads any more; the cache may still hold them."""
        if self.more:
            return
        for source in set(task.after):
            self.reads[source] -= 1
            key = self.keys.of[source]
            if not self.reads[source] and key is not None and key not in self.kept:
                self.run.values.pop(key, None)


def _in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
