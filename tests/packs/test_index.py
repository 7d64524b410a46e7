"""The index answers without importing packs, and is never out of date."""

import json
import os
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest

from graphengine.graph.spec import InputSpec, NodeSpec, OutputSpec
from graphengine.graph.types import PortType
from graphengine.packs import index as indexing
from graphengine.packs.find import Fault, Found, find
from graphengine.packs.index import index
from graphengine.packs.load import ROOT

SOURCE = """
import torch
from typing import Annotated
from graphengine.api import PortType, Progress, Range, Size, node

Curve = Annotated[list, PortType("CURVE", "#abcdef", "A curve.", family=True)]

@node(title="Plus")
def Plus(a: Annotated[int, Range(0, 5)] = 1, *, b: Progress) -> Annotated[Curve, Size("a", "a * 2")]:
    return a + 1
"""


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "packs" / "indexed"
    folder.mkdir(parents=True)
    (folder / "pack.toml").write_text('renamed = { Minus = "Plus" }\nstore = ["x:Y"]\n')
    (folder / "a.py").write_text(SOURCE.replace("import torch", "import json"))
    (folder / "bad.py").write_text("raise RuntimeError('oh')")
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith(f"{ROOT}.")]:
        del sys.modules[name]


def made(home):
    return index(find(home / "nodes", [home / "packs"]), home / "index")


def forget():
    for name in [name for name in sys.modules if name.startswith(f"{ROOT}.")]:
        del sys.modules[name]


def test_an_index_from_its_file_equals_the_one_just_made(home, monkeypatch):
    first = made(home)
    monkeypatch.setattr(indexing, "load_pack", None)  # would fail if it were asked
    assert made(home) == first
    assert list(first.registry.specs) == ["indexed/Plus"]
    assert made(home).registry.specs["indexed/Plus"].outputs[0].size == ("a", "a * 2")
    assert first.registry.renamed == {"indexed/Minus": "indexed/Plus"}
    assert first.registry.types["CURVE"] == PortType("CURVE", "#abcdef", "A curve.", True)
    assert first.store == ("x:Y",)
    assert [fault.message for fault in first.faults] == ["bad.py: RuntimeError: oh"]


def test_a_second_process_answers_without_importing_the_pack_or_torch(home):
    (home / "packs" / "indexed" / "a.py").write_text(SOURCE)
    program = (
        "import sys\nfrom pathlib import Path\nfrom graphengine.packs.find import find\n"
        "from graphengine.packs.index import index\nhome = Path(sys.argv[1])\n"
        "found = index(find(home / 'nodes', [home / 'packs']), home / 'index')\n"
        "loaded = any(name.startswith('graphengine_packs.indexed') for name in sys.modules)\n"
        "print(sorted(found.registry.specs), 'torch' in sys.modules, loaded)\n"
    )
    root = Path(__file__).parents[2]
    texts = [
        subprocess.run(
            [sys.executable, "-c", program, str(home)], check=True, capture_output=True, text=True, cwd=root
        ).stdout
        for _ in range(2)
    ]
    assert texts == ["['indexed/Plus'] True True\n", "['indexed/Plus'] False False\n"]


@pytest.mark.parametrize("name", ["a.py", "new.py", "pack.toml"])
def test_an_edit_of_a_pack_makes_a_new_index(home, name):
    made(home)
    before = set((home / "index").iterdir())
    path = home / "packs" / "indexed" / name
    path.write_text((path.read_text() if path.exists() else "") + "\n")
    forget()
    made(home)
    assert len(set((home / "index").iterdir()) - before) == 1


DAMAGE = [
    b"", b"{", b"[]", b"null", b"\xff", b'{"specs": 1, "types": [], "faults": []}', b'{"specs": []}',
    b'{"specs": [{"kind": "a", "colour": 1}], "types": [], "faults": []}', b"[" * 100_000,
    b'{"specs": [{"kind": "a", "inputs": [{}]}], "types": [], "faults": []}',
]  # fmt: skip


@pytest.mark.parametrize("data", DAMAGE)
def test_a_damaged_index_is_made_again(home, data):
    first = made(home)
    (path,) = (home / "index").iterdir()
    whole = path.read_bytes()
    path.write_bytes(data)
    assert made(home) == first
    assert path.read_bytes() == whole


def test_an_index_that_cannot_be_written_is_no_error(home):
    (home / "index").write_text("a file in the way")
    assert list(made(home).registry.specs) == ["indexed/Plus"]
    assert (home / "index").read_text() == "a file in the way"


def test_old_indexes_are_removed(home):
    for i in range(20):
        path = home / "index" / f"old{i}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text("{}")
        os.utime(path, (i, i))
    made(home)
    assert len(list((home / "index").glob("*.json"))) <= 9
    assert made(home).registry.specs


def other_value(field, default):
    """A value that differs from a field's default."""
    if isinstance(default, bool):
        return not default
    named = {
        "low": -1.5,
        "high": 3,
        "step": 0.25,
        "choices": ("a", 1, None),
        "source": "loras",
        "default": [0, {"x": None}],
    }
    kinds = {
        "services": {"p": "m:P"},
        "version": 7,
        "inputs": (),
        "outputs": (OutputSpec("o", "T", True, "help", ("w", "h"), "x"),),
    }
    return {**named, **kinds}.get(field, f"other {field}")


def test_every_field_of_a_spec_comes_back(monkeypatch, home):
    port = InputSpec("x", "T")
    changes = {f.name: other_value(f.name, f.default) for f in fields(InputSpec) if f.name not in ("name", "type")}
    inputs = [port, *(replace(port, **{name: value}) for name, value in changes.items()), replace(port, **changes)]
    inputs += [replace(port, default=value) for value in (None, 0, 0.0, False, "", [])]
    changes = {f.name: other_value(f.name, f.default) for f in fields(NodeSpec) if f.name != "kind"}
    specs = [NodeSpec("a"), NodeSpec("b", **{**changes, "inputs": tuple(inputs)})]
    data = json.loads(json.dumps({"specs": [indexing._dump(spec) for spec in specs], "types": [], "faults": []}))
    again = indexing._index(Found((), (Fault("p", "m"),)), data).registry.specs
    assert [again["a"], again["b"]] == specs
    assert list(map(repr, again["b"].inputs)) == list(map(repr, inputs))  # 0, 0.0 and False told apart
