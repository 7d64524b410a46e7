"""The memory tier of the cache: values by key within a budget of bytes.

What leaves first is what costs least to make again for the memory it holds (GreedyDual-Size, Cao and Irani 1997):
priority = clock + seconds / bytes; evicting raises the clock, so what is not asked for ages.
"""

import heapq
import threading
from dataclasses import dataclass

from graphengine.execution.keys import Key
from graphengine.execution.values import Entry


@dataclass(slots=True)
class _Held:
    entry: Entry
    priority: float


class Cache:
    """Entries by key; thread-safe.

    Args:
        budget: Bytes of values to keep.
    """

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self.size = 0
        self._held: dict[Key, _Held] = {}
        self._heap: list[tuple[float, Key]] = []
        self._clock = 0.0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._held)

    def __contains__(self, key: Key) -> bool:
        return key in self._held

    def get(self, key: Key) -> Entry | None:
        """The entry, which is thereby wanted again; None when it is not here."""
        held = self._held.get(key)
        if held is None:
            return None
        held.priority = self._priority(held.entry)
        return held.entry

    def put(self, key: Key, entry: Entry) -> None:
        """Keep an entry, evicting others; one larger than the whole budget is not kept."""
        if entry.size > self.budget:
            return
        with self._lock:
            self._drop(key)
            priority = self._priority(entry)
            self._held[key] = _Held(entry, priority)
            self.size += entry.size
            heapq.heappush(self._heap, (priority, key))
            self._evict(self.budget)

    def free(self, size: int) -> int:
        """Evict until ``size`` bytes are freed or nothing is left; returns the bytes freed."""
        with self._lock:
            before = self.size
            self._evict(max(0, self.size - size))
            return before - self.size

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._held.clear()
            self._heap.clear()
            self.size = 0

    def _priority(self, entry: Entry) -> float:
        return self._clock + entry.seconds / max(entry.size, 1)

    def _evict(self, budget: int) -> None:
        while self.size > budget and self._heap:
            priority, key = heapq.heappop(self._heap)
            held = self._held.get(key)
            if held is None:
                continue
            if held.priority > priority:  # asked for since it was pushed: look at it again later
                heapq.heappush(self._heap, (held.priority, key))
                continue
            self._clock = priority
            self._drop(key)

    def _drop(self, key: Key) -> None:
        held = self._held.pop(key, None)
        if held is not None:
            self.size -= held.entry.size
