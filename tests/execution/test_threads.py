import threading
import time

from graphengine.execution import threads as module
from graphengine.execution.threads import Threads

SOON = 10.0


def done_by(threads, name, seconds=0.0):
    """The thread that did a piece of work of this name, once it is done."""
    found, done = [], threading.Event()

    def work():
        found.append(threading.current_thread())
        time.sleep(seconds)
        done.set()

    threads.start(name, work)
    return found, done


def test_one_thread_does_what_comes_one_after_another_and_is_of_its_name():
    threads, seen = Threads(), set()
    for _ in range(20):
        found, done = done_by(threads, "device")
        assert done.wait(SOON)
        seen |= set(found)
        time.sleep(0.01)  # until it is idle again
    assert len(seen) <= 2
    assert {(thread.name, thread.daemon) for thread in seen} == {("graphengine-device", True)}


def test_work_that_comes_meanwhile_is_done_by_another_thread():
    threads = Threads()
    both = threading.Barrier(2, timeout=SOON)
    reached = []
    for _ in range(2):
        threads.start("cpu", lambda: reached.append(both.wait()))
    deadline = time.monotonic() + SOON
    while len(reached) < 2 and time.monotonic() < deadline:
        time.sleep(0.005)
    assert len(reached) == 2


def test_names_have_threads_of_their_own():
    threads = Threads()
    first, done = done_by(threads, "cpu")
    assert done.wait(SOON)
    time.sleep(0.05)
    second, done = done_by(threads, "io")
    assert done.wait(SOON) and first[0] is not second[0]


def test_a_thread_without_work_ends_and_work_after_that_is_done(monkeypatch):
    monkeypatch.setattr(module, "IDLE", 0.02)
    threads = Threads()
    found, done = done_by(threads, "cpu")
    assert done.wait(SOON)
    found[0].join(SOON)
    assert not found[0].is_alive()
    _, done = done_by(threads, "cpu")
    assert done.wait(SOON)
