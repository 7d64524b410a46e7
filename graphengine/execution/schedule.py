"""Which task may run next: a pure state machine, one small step for each thing that happens.

    state      what it holds                                          changed by
    waiting    task -> how many unfinished tasks it reads             done
    readers    task -> the tasks that read it                         -
    ready      resource -> heap of (preference, task)                 take, done
    running    tasks taken and not finished                           take, done, fail
    finished   done, failed, or blocked by a failed one               done, fail

For a -> b -> d, a -> c -> d with everything on the processor: take gives a; done(a) makes b and c ready; take gives b,
which was planned first; fail(b) blocks d, and c still runs.
"""

import heapq
from collections.abc import Collection, Mapping, Sequence

from graphengine.execution.plan import Task


class Schedule:
    """The state of one round of tasks; not thread-safe, the executor holds a lock.

    Args:
        tasks: In order of preference.
        resources: Task id -> the resource it uses.
    """

    def __init__(self, tasks: Sequence[Task], resources: Mapping[str, str]) -> None:
        self.tasks = {task.id: task for task in tasks}
        self.preference = {task.id: place for place, task in enumerate(tasks)}
        self.resources = resources
        self.waiting: dict[str, int] = {}
        self.readers: dict[str, list[str]] = {}
        self.ready: dict[str, list[tuple[int, str]]] = {}
        self.running: set[str] = set()
        self.finished: set[str] = set()
        for task in tasks:
            sources = set(task.after)
            for source in sources:
                self.readers.setdefault(source, []).append(task.id)
            self.waiting[task.id] = len(sources)
            if not sources:
                self._make_ready(task.id)

    @property
    def over(self) -> bool:
        """Nothing is left to do."""
        return len(self.finished) == len(self.tasks)

    def take(self, resource: str) -> Task | None:
        """The preferred ready task of a resource, which is thereby running; None when there is none."""
        heap = self.ready.get(resource)
        if not heap:
            return None
        _, id = heapq.heappop(heap)
        self.running.add(id)
        return self.tasks[id]

    def take_single(self, resources: Collection[str]) -> Task | None:
        """The only task that can be done now, if it uses one of these; taken like any other."""
        ready = [resource for resource, heap in self.ready.items() for _ in heap]
        return self.take(ready[0]) if len(ready) == 1 and not self.running and ready[0] in resources else None

    def done(self, id: str) -> list[str]:
        """A task is done; returns the resources of the tasks that became ready."""
        self.running.discard(id)
        self.finished.add(id)
        resources = []
        for reader in self.readers.get(id, ()):
            self.waiting[reader] -= 1
            if not self.waiting[reader] and reader not in self.finished:
                resources.append(self._make_ready(reader))
        return resources

    def fail(self, id: str) -> list[str]:
        """A task failed; returns the tasks that can no longer run, in order of preference."""
        self.running.discard(id)
        self.finished.add(id)
        blocked: set[str] = set()
        pending = list(self.readers.get(id, ()))
        while pending:
            reader = pending.pop()
            if reader not in blocked and reader not in self.finished:
                blocked.add(reader)
                pending += self.readers.get(reader, ())
        self.finished |= blocked
        return sorted(blocked, key=self.preference.__getitem__)

    def stop(self) -> list[str]:
        """Give up what is not running; returns those tasks."""
        left = [id for id in self.tasks if id not in self.finished and id not in self.running]
        self.finished.update(left)
        self.ready.clear()
        return left

    def _make_ready(self, id: str) -> str:
        resource = self.resources[id]
        heapq.heappush(self.ready.setdefault(resource, []), (self.preference[id], id))
        return resource
