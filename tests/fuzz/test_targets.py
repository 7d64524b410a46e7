"""Every target within a few seconds: what it once failed on, its good inputs, and hostile variants of them.

``make fuzz`` goes on for longer, led by what the code does with the input.
"""

import contextlib
import time
import tracemalloc
from functools import cache
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from .mutate import mutated
from .targets import NAMES, load

CASES = Path(__file__).with_name("cases")
SECONDS = 5.0  # of the processor; the inputs are below 64 kB
BYTES = 64 * 2**20
SLOW = {"pickled": 20, "thumbnail": 40, "upload": 60, "http": 60, "body": 40}  # examples, of those that cost more


@cache
def seeds(name):
    return load(name).seeds()


def take(name, data):
    """Give a target an input: it takes it or refuses it as documented, in bounded time and memory."""
    target = load(name)
    began = time.process_time()
    tracemalloc.start()
    try:
        with contextlib.suppress(target.ERRORS):
            target.take(data)
        assert tracemalloc.get_traced_memory()[1] < BYTES
    finally:
        tracemalloc.stop()
    assert time.process_time() - began < SECONDS


def hostile(name):
    """Any bytes, and variants of the seeds; a number stands for each, so there is nothing to shrink."""
    return st.binary(max_size=200) | st.tuples(st.sampled_from(seeds(name)), st.integers(0, 2**63)).map(
        lambda made: mutated(made[0], Random(made[1]))
    )


@pytest.mark.parametrize("name", NAMES)
def test_good_inputs_are_taken(name):
    for seed in seeds(name):
        load(name).take(seed)


@pytest.mark.parametrize("case", sorted(CASES.glob("*/*")), ids=lambda case: f"{case.parent.name}-{case.name}")
def test_what_was_once_found_stays_mended(case):
    take(case.parent.name, case.read_bytes())


@pytest.mark.parametrize("name", NAMES)
def test_hostile_inputs_are_taken_or_refused_as_documented_within_bounds(name):
    @settings(
        max_examples=SLOW.get(name, 150),
        deadline=None,
        phases=(Phase.explicit, Phase.reuse, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @given(hostile(name))
    def fuzz(data):
        take(name, data)

    fuzz()
