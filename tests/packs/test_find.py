"""Where packs are looked for, and that a bad one stops nothing else."""

import sys
from importlib.metadata import EntryPoint

import pytest

from graphengine.packs import find as finding
from graphengine.packs.find import find


@pytest.fixture(autouse=True)
def installed(monkeypatch):
    entries = []
    monkeypatch.setattr(finding, "entry_points", lambda group: list(entries))
    return entries


def pack(parent, name, text=""):
    (parent / name).mkdir(parents=True)
    (parent / name / "pack.toml").write_text(text)
    return parent / name


def test_packs_are_found_built_in_in_folders_and_installed(tmp_path, monkeypatch, installed):
    pack(tmp_path / "nodes", "core")
    pack(tmp_path / "user", "mine")
    package = pack(tmp_path / "site", "found_pack_package", 'name = "theirs"')
    (package / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path / "site")
    installed.append(EntryPoint("theirs", "found_pack_package", finding.ENTRY_POINTS))
    (tmp_path / "user" / "no_pack").mkdir()
    found = find(tmp_path / "nodes", [tmp_path / "user", tmp_path / "missing"])
    assert found.faults == ()
    assert [(pack.name, pack.builtin) for pack in found.packs] == [("core", True), ("mine", False), ("theirs", False)]
    assert "found_pack_package" not in sys.modules


def test_two_packs_of_one_name_are_a_fault_and_the_first_stays(tmp_path):
    first = pack(tmp_path / "nodes", "core")
    second = pack(tmp_path / "user", "other", 'name = "core"')
    found = find(tmp_path / "nodes", [tmp_path / "user"])
    assert [pack.folder for pack in found.packs] == [first]
    assert found.faults[0].pack == "core"
    assert str(first) in found.faults[0].message
    assert str(second) in found.faults[0].message


def test_a_folder_that_is_named_twice_is_looked_at_once(tmp_path):
    pack(tmp_path / "user", "mine")
    found = find(tmp_path / "nodes", [tmp_path / "user", tmp_path / "user"])
    assert (len(found.packs), found.faults) == (1, ())


def test_a_bad_manifest_or_entry_point_is_reported_by_name_and_stops_nothing(tmp_path, monkeypatch, installed):
    pack(tmp_path / "user", "bad", 'code = "letters"')
    pack(tmp_path / "user", "good")
    broken = tmp_path / "site" / "broken_pack_parent"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise RuntimeError('broken')")
    monkeypatch.syspath_prepend(tmp_path / "site")
    for name in ("no_such_package", "no_such.package", "broken_pack_parent.inner", "json:loads", "textwrap"):
        installed.append(EntryPoint(f"entry {name}", name, finding.ENTRY_POINTS))
    found = find(tmp_path / "nodes", [tmp_path / "user"])
    assert [pack.name for pack in found.packs] == ["good"]
    assert {fault.pack for fault in found.faults} == {"bad", *(entry.name for entry in installed)}
