"""Threads that are kept for more work: starting one costs more than a small node, and what a library keeps for each
thread that calls it (OpenMP's teams) is made only once."""

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue

IDLE = 10.0  # seconds without work after which a thread ends


class Threads:
    """As many threads as there is work at a time; they never keep the process alive."""

    def __init__(self) -> None:
        self._idle: dict[str, list[SimpleQueue[Callable[[], None]]]] = {}  # name -> what its threads wait at
        self._lock = threading.Lock()

    def start(self, name: str, work: Callable[[], None]) -> None:
        """Do something in a thread of this name: the one that was idle last, or a new one.

        Args:
            work: Raises nothing.
        """
        with self._lock:
            idle = self._idle.setdefault(name, [])
            box = idle.pop() if idle else None
        if box is None:
            box = SimpleQueue()
            threading.Thread(target=self._serve, args=(box, idle), name=f"graphengine-{name}", daemon=True).start()
        box.put(work)

    def _serve(self, box: "SimpleQueue[Callable[[], None]]", idle: "list[SimpleQueue[Callable[[], None]]]") -> None:
        while True:
            try:
                box.get(timeout=IDLE)()
            except Empty:
                with self._lock:
                    if box in idle:  # else work is just being put
                        idle.remove(box)
                        return
            else:
                with self._lock:
                    idle.append(box)
