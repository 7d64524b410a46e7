"""The disk tier: whatever happens to its files costs at most the work again."""

import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from graphengine.api import Node, Workflow
from graphengine.execution import disk as disks
from graphengine.execution.codec import Codec
from graphengine.execution.disk import DiskCache
from graphengine.execution.values import Entry
from tests.execution.kinds import engine, link

WORKFLOW = Workflow(
    {
        "n": Node("Number", {"value": 3.0}),
        "add": Node("Add", {"a": link("n"), "b": 1.0}),
        "show": Node("Show", {"value": link("add")}),
    }
)


def fresh(tmp_path, **settings):
    return engine(tmp_path, cache=True, **settings)


def files(tmp_path):
    return sorted(path for path in (tmp_path / "cache" / "values").rglob("*") if path.is_file())


def entry(size=0, seconds=1.0):
    return Entry(("x" * size,), {"text": ["t"]}, seconds, size)


def key(number):
    return bytes([number]) * 32


def cache(folder, limit=10**9, seconds=0.0):
    return DiskCache(folder, Codec(), limit, seconds)


@pytest.fixture
def apart(monkeypatch):
    """Small entries have files of their own too."""
    monkeypatch.setattr(disks, "LARGEST", -1)


def test_another_engine_finds_the_work_done_and_its_results(tmp_path):
    assert fresh(tmp_path).run(WORKFLOW).ran == ["n", "add", "show"]
    again = fresh(tmp_path).run(WORKFLOW)
    assert (again.ran, again.results["show"]["text"]) == ([], ["5.0"])


def cut(path):
    path.write_bytes(path.read_bytes()[:-1])


def empty(path):
    path.write_bytes(b"")


def flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(bytes(data))


def foreign(path):
    path.write_bytes(Codec().encode(["not", "an entry"]))


def a_number(path):
    path.write_bytes(Codec().encode(5))


def folder(path):
    path.unlink()
    path.mkdir()


def gone(path):
    path.unlink()


@pytest.mark.parametrize("damage", [cut, empty, flip, foreign, a_number, folder, gone], ids=lambda f: f.__name__)
def test_a_damaged_file_is_noticed_dropped_and_its_work_done_again(tmp_path, damage, apart):
    fresh(tmp_path).run(WORKFLOW)
    paths = files(tmp_path)
    assert len(paths) == 3
    for path in paths:
        damage(path)
    outcome = fresh(tmp_path).run(WORKFLOW)
    assert (outcome.status, outcome.ran) == ("done", ["n", "add", "show"])
    assert outcome.results["show"]["text"] == ["5.0"]
    if damage is not folder:
        assert fresh(tmp_path).run(WORKFLOW).ran == []


def test_one_damaged_file_costs_only_its_own_work(tmp_path, apart):
    e = fresh(tmp_path)
    e.run(WORKFLOW)
    (show,) = [path for path in files(tmp_path) if b"text" in path.read_bytes()]
    cut(show)
    assert fresh(tmp_path).run(WORKFLOW).ran == ["show"]


def test_a_folder_that_cannot_be_written_or_read_is_no_error(tmp_path, monkeypatch):
    (tmp_path / "cache").write_text("a file in the way")
    assert fresh(tmp_path).run(WORKFLOW, name="x").status == "done"


def test_a_full_disk_is_no_error_and_leaves_no_halves(tmp_path, monkeypatch, apart):
    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert fresh(tmp_path).run(WORKFLOW, name="x").status == "done"
    assert files(tmp_path) == []


def test_a_damaged_file_that_cannot_be_removed_is_no_error(tmp_path, monkeypatch, apart):
    held = cache(tmp_path)
    held.write(key(1), entry())
    cut(files_of(tmp_path)[0])

    def refuse(*args, **kwargs):
        raise PermissionError(13, "read-only")

    monkeypatch.setattr(os, "unlink", refuse)
    assert held.read(key(1)) is None
    assert held.clear() == 0


def files_of(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_value_that_cannot_be_stored_is_kept_in_memory_only(tmp_path):
    held = cache(tmp_path)
    held.write(key(1), Entry((object(),), {}, 1.0, 1))
    assert files_of(tmp_path) == []


def test_work_that_took_little_is_not_worth_a_file_unless_it_is_an_output(tmp_path):
    held = cache(tmp_path, seconds=0.5)
    held.write(key(1), entry(seconds=0.4))
    held.write(key(2), entry(seconds=0.4), always=True)
    held.write(key(3), entry(seconds=0.5))
    assert [held.read(key(i)) is not None for i in (1, 2, 3)] == [False, True, True]


def test_the_cap_evicts_what_was_used_least_recently(tmp_path, monkeypatch, apart):
    monkeypatch.setattr(disks, "TRIM_EVERY", 0)
    held = cache(tmp_path, limit=5_000)
    for i in range(4):
        held.write(key(i), entry(1_000))
        os.utime(held._path(key(i)), (i, i))
    assert held.read(key(0)) == entry(1_000) or held.read(key(0)).outputs == ("x" * 1_000,)  # used now
    held.write(key(9), entry(1_000))
    kept = [i for i in (0, 1, 2, 3, 9) if Path(held._path(key(i))).exists()]
    assert held.size()[1] <= 5_000
    assert 1 not in kept
    assert {0, 9} <= set(kept)


def test_clearing_says_how_many_bytes_were_freed(tmp_path):
    held = cache(tmp_path)
    held.write(key(1), entry(100))
    held.write_note("n", [1])
    count, size = held.size()
    assert count == 2
    assert held.clear() == size
    assert (held.size(), held.read(key(1)), held.read_note("n")) == ((0, 0), None, None)


def test_threads_that_write_one_key_leave_it_whole(tmp_path):
    caches = [cache(tmp_path) for _ in range(4)]
    broken = []

    def work(held):
        for _ in range(30):
            held.write(key(1), entry(20_000))
            if held.read(key(1)) is None:
                broken.append(held)

    threads = [threading.Thread(target=work, args=(held,)) for held in caches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert broken == []
    assert len(files_of(tmp_path)) == 1


PROGRAM = """
import json, sys
from pathlib import Path
from tests.execution.test_disk import WORKFLOW, fresh
outcome = fresh(Path(sys.argv[1])).run(WORKFLOW)
print(json.dumps([outcome.ran, outcome.results["show"]["text"]]))
"""


def process(home):
    root = Path(__file__).parents[2]
    return subprocess.Popen([sys.executable, "-c", PROGRAM, str(home)], stdout=subprocess.PIPE, text=True, cwd=root)


def test_a_second_process_agrees_and_runs_nothing(tmp_path):
    answers = [json.loads(process(tmp_path).communicate(timeout=60)[0]) for _ in range(2)]
    assert answers == [[["n", "add", "show"], ["5.0"]], [[], ["5.0"]]]


def test_two_processes_at_a_time_do_not_disturb_each_other(tmp_path):
    running = [process(tmp_path) for _ in range(2)]
    answers = [json.loads(one.communicate(timeout=60)[0]) for one in running]
    assert [text for _, text in answers] == [["5.0"], ["5.0"]]
    shutil.rmtree(tmp_path / "cache")
