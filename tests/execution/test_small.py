"""Small entries in one file: whatever happens to it costs at most the work again."""

import os
import random
import subprocess
import sys

import pytest

from graphengine.api import Node, Workflow
from graphengine.execution.codec import Codec
from graphengine.execution.disk import DiskCache
from graphengine.execution.small import HEAD, LARGEST, SmallEntries
from graphengine.execution.values import Entry
from tests.execution.kinds import engine, link

WORKFLOW = Workflow(
    {"n": Node("Number", {"value": 3.0}), "show": Node("Show", {"value": link("n")})},
)


def key(number):
    return number.to_bytes(32)


def entries(tmp_path, limit=10**9):
    return SmallEntries(tmp_path / "small", limit)


def test_what_one_writes_all_find_the_newest_of_each_key(tmp_path):
    chance = random.Random(1)
    several, known = [entries(tmp_path) for _ in range(3)], {}
    for _ in range(500):
        number = chance.randrange(60)
        known[number] = chance.randbytes(chance.randrange(300))
        chance.choice(several).write(key(number), known[number])
    for one in (*several, entries(tmp_path)):
        one._looked = float("-inf")  # they look only now and then
        assert {number: one.read(key(number)) for number in range(60)} == {n: known.get(n) for n in range(60)}


def test_processes_that_write_at_once_lose_nothing(tmp_path):
    script = (
        "import sys; from pathlib import Path; from graphengine.execution.small import SmallEntries\n"
        "entries, first = SmallEntries(Path(sys.argv[1]), 10**9), int(sys.argv[2])\n"
        "for number in range(first, first + 1000): entries.write(number.to_bytes(32), b'%d' % number * 50)"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", script, str(tmp_path / "small"), str(place * 1000)])
        for place in range(3)
    ]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    found = entries(tmp_path)
    assert all(found.read(key(number)) == b"%d" % number * 50 for number in range(3000))


@pytest.mark.parametrize("cut", [1, 20, HEAD.size, HEAD.size + 50])
def test_a_write_that_was_cut_short_costs_itself_and_at_most_the_next(tmp_path, cut):
    held = entries(tmp_path)
    for number in range(3):
        held.write(key(number), b"x" * 100)
    os.truncate(held.path, (HEAD.size + 100) * 2 + cut)
    for number in range(3, 20):
        entries(tmp_path).write(key(number), b"x" * 100)
    found = entries(tmp_path)
    right = [number for number in range(20) if found.read(key(number)) == b"x" * 100]
    assert set(right) >= {0, 1, *range(5, 20)} and 2 not in right


def test_the_oldest_half_goes_and_others_who_have_the_file_open_see_it(tmp_path):
    held, other = entries(tmp_path, limit=10_000), entries(tmp_path, limit=10_000)
    for number in range(1000):
        held.write(key(number), b"%d" % number)
        if number == 500:
            assert other.read(key(500)) == b"500" and key(500) in other._places
        assert held.path.stat().st_size <= 10_000 + 100
    other._looked = float("-inf")
    for one in (held, other):
        assert one.read(key(999)) == b"999" and one.read(key(950)) == b"950" and one.read(key(500)) is None
        assert len(one._places) <= 10_000 / HEAD.size
    assert os.listdir(tmp_path) == ["small"]


def test_a_file_that_is_gone_is_begun_again(tmp_path):
    held = entries(tmp_path)
    held.write(key(1), b"1")
    assert held.read(key(1)) == b"1"
    held.path.unlink()
    assert held.read(key(1)) is None
    held.write(key(2), b"2")
    assert (held.read(key(1)), held.read(key(2))) == (None, b"2")


def test_damage_costs_the_work_of_what_is_damaged(tmp_path):
    def fresh():
        return engine(tmp_path, cache=True)

    assert fresh().run(WORKFLOW).ran == ["n", "show"]
    path = tmp_path / "cache" / "values" / "small"
    data = bytearray(path.read_bytes())
    data[-5] ^= 0xFF
    path.write_bytes(data)
    assert fresh().run(WORKFLOW).ran == ["show"]
    assert fresh().run(WORKFLOW).ran == []
    path.write_bytes(b"of another program" * 1000)
    assert fresh().run(WORKFLOW).ran == ["n", "show"]
    assert fresh().run(WORKFLOW).ran == []


def test_a_file_that_cannot_be_read_costs_the_small_entries_alone(tmp_path):
    cache = DiskCache(tmp_path, Codec(), 10**9)
    cache.write(key(1), Entry(("x" * LARGEST,), {}, 1.0, LARGEST))
    (tmp_path / "small").mkdir()
    again = DiskCache(tmp_path, Codec(), 10**9)
    again.write(key(2), Entry(("x",), {}, 1.0, 1))
    assert (again.read(key(1)).outputs, again.read(key(2))) == (("x" * LARGEST,), None)


def test_large_entries_have_files_of_their_own(tmp_path):
    cache = DiskCache(tmp_path, Codec(), 10**9)
    cache.write(key(1), Entry(("x" * LARGEST,), {}, 1.0, LARGEST))
    cache.write(key(2), Entry(("x",), {}, 1.0, 1))
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == [
        f"{key(1).hex()}.safetensors",
        "small",
    ]
    again = DiskCache(tmp_path, Codec(), 10**9)
    assert (again.read(key(1)).outputs, again.read(key(2)).outputs) == (("x" * LARGEST,), ("x",))
