"""What packs tell of files: asked once for each state of a file, kept for later processes."""

import pytest

from graphengine.execution.codec import Codec
from graphengine.execution.disk import DiskCache
from graphengine.file_facts import FileFacts
from graphengine.files import Files
from graphengine.packs.find import find
from graphengine.packs.index import index
from graphengine.settings import Settings

TELLERS = """
def size_of(path):
    with path.with_name("asked").open("a") as asked:
        asked.write("{name} ")
    return {answer}
"""


@pytest.fixture
def facts(tmp_path):
    """Makes what a process has; of two packs only the second knows anything."""
    answers = {"first": "path.name == 'bad.png' and 1 / 0 or None", "second": "(3, 4) if path.stat().st_size else None"}
    for name, answer in answers.items():
        folder = tmp_path / "packs" / name
        folder.mkdir(parents=True)
        (folder / "pack.toml").write_text('size = ".tell:size_of"\n')
        (folder / "tell.py").write_text(TELLERS.format(name=name, answer=answer))
    (tmp_path / "input").mkdir()
    (tmp_path / "input" / "cat.png").write_bytes(b"cat")
    found = index(find(tmp_path / "none", [tmp_path / "packs"]), None)
    disk = DiskCache(tmp_path / "values", Codec((), {}), 2**20)
    return lambda: FileFacts("size", Files(Settings(home=tmp_path)), found, disk)


def test_packs_are_asked_in_turn_and_once_for_each_state_of_a_file(facts, tmp_path):
    asked = tmp_path / "input" / "asked"
    sizes = facts()
    assert [tuple(sizes.of("input", "cat.png")), tuple(sizes.of("input", "cat.png"))] == [(3, 4)] * 2
    assert tuple(facts().of("input", "cat.png")) == (3, 4)  # another process
    assert asked.read_text() == "first second "
    (tmp_path / "input" / "cat.png").write_bytes(b"")
    assert sizes.of("input", "cat.png") is None and facts().of("input", "cat.png") is None
    assert asked.read_text() == "first second " * 2


@pytest.mark.parametrize("name", ["gone.png", "../packs/first/pack.toml", 7, None, ["cat.png"]])
def test_of_what_is_no_file_nothing_is_told(facts, name):
    assert facts().of("input", name) is None


def test_a_function_that_fails_knows_nothing_and_the_next_pack_is_asked(facts, tmp_path, caplog):
    (tmp_path / "input" / "bad.png").write_bytes(b"bad")
    assert tuple(facts().of("input", "bad.png")) == (3, 4)
    assert "pack 'first': .tell:size_of failed" in caplog.text and "ZeroDivisionError" in caplog.text
