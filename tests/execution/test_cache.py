"""The memory tier, against a brute-force reading of the rule."""

import threading
import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from graphengine.execution.cache import Cache
from graphengine.execution.values import Entry, entry_of, size_of


def entry(seconds, size):
    return Entry((), {}, seconds, size)


class Oracle:
    """GreedyDual-Size as the paper writes it: evict the lowest H, which becomes L; H = L + cost / size."""

    def __init__(self, budget):
        self.budget, self.clock, self.held = budget, 0.0, {}

    def get(self, key):
        if key in self.held:
            found = self.held[key][1]
            self.held[key] = (self.clock + found.seconds / found.size, found)

    def put(self, key, new):
        if new.size > self.budget:
            return
        self.held[key] = (self.clock + new.seconds / new.size, new)
        while sum(held.size for _, held in self.held.values()) > self.budget:
            lowest = min(self.held, key=lambda key: (self.held[key][0], key))
            self.clock = self.held.pop(lowest)[0]


STEPS = st.lists(
    st.tuples(st.sampled_from(["get", "put"]), st.sampled_from([b"a", b"b", b"c", b"d", b"e"]),
              st.integers(0, 50), st.integers(1, 12)),
    max_size=60,
)  # fmt: skip


@given(STEPS)
def test_it_holds_what_the_rule_says_and_never_more_than_its_budget(steps):
    cache, oracle = Cache(20), Oracle(20)
    for step, key, seconds, size in steps:
        if step == "get":
            cache.get(key)
            oracle.get(key)
        else:
            cache.put(key, entry(seconds, size))
            oracle.put(key, entry(seconds, size))
        assert cache.size == sum(held.size for _, held in oracle.held.values()) <= 20
        assert {key for key in (b"a", b"b", b"c", b"d", b"e") if key in cache} == oracle.held.keys()
        assert len(cache) == len(oracle.held)


def test_what_is_cheap_to_make_again_for_its_size_goes_first():
    cache = Cache(100)
    cache.put(b"dear", entry(10, 50))
    cache.put(b"cheap", entry(1, 50))
    cache.put(b"new", entry(5, 50))
    assert [key in cache for key in (b"dear", b"cheap", b"new")] == [True, False, True]


def test_what_is_larger_than_the_budget_is_not_kept_and_evicts_nothing():
    cache = Cache(100)
    cache.put(b"a", entry(1, 60))
    cache.put(b"b", entry(100, 101))
    assert (b"a" in cache, b"b" in cache, cache.size) == (True, False, 60)


def test_freeing_says_how_much_was_freed():
    cache = Cache(100)
    for i in range(10):
        cache.put(bytes([i]), entry(i, 10))
    assert cache.free(25) == 30
    assert cache.size == 70
    assert bytes([2]) not in cache
    assert cache.free(1000) == 70
    cache.clear()
    assert (len(cache), cache.size, cache.free(1)) == (0, 0, 0)


def test_threads_never_break_the_count():
    cache = Cache(500)

    def work(seed):
        for i in range(2000):
            cache.put(bytes([(i * seed) % 50]), entry(i % 7, 1 + i % 40))
            cache.get(bytes([i % 50]))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in (1, 3, 7, 11)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    held = [cache.get(bytes([i])) for i in range(50)]
    assert cache.size == sum(found.size for found in held if found) <= 500


def test_sizes_count_arrays_by_their_bytes():
    import numpy

    array = numpy.zeros((10, 10), dtype=numpy.float32)
    assert 400 <= size_of(array) <= 500
    assert size_of([array, {"x": array}, (array,)]) >= 1200
    assert size_of("a" * 1000) >= 1000


def test_keeping_very_many_small_values_is_counted_as_what_it_costs():
    tracemalloc.start()
    try:
        cache, before = Cache(10**9), tracemalloc.get_traced_memory()[0]
        for number in range(2000):
            text = f"value {number}"
            cache.put(b"%032d" % number, entry_of((text,), {"text": [text]}, 0.01))
        used = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert 0.5 * used < cache.size < 2 * used
