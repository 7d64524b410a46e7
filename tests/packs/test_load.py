"""Loading packs: imports, digests of code, faults."""

import itertools
import sys
import types

import pytest

from graphengine.api import Node, Workflow
from graphengine.engine import Engine
from graphengine.graph.errors import PackError
from graphengine.packs.load import ROOT, code_digest, load_module, load_pack, node_function, package_files
from graphengine.packs.manifest import read_manifest
from graphengine.settings import Settings

COUNT = itertools.count()
NODE = "from graphengine.api import node\n@node()\ndef {kind}(a: int = 0) -> int:\n    return a + {add}\n"


@pytest.fixture
def pack(tmp_path):
    """Make a pack of these files, under a name no other test uses."""

    def make(files, manifest="", builtin=False):
        folder = tmp_path / f"pack{next(COUNT)}"
        for name, text in {"pack.toml": manifest, **files}.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        return read_manifest(folder, builtin)

    yield make
    for name in [name for name in sys.modules if name.startswith(f"{ROOT}.")]:
        del sys.modules[name]


def test_kinds_of_users_packs_are_qualified_and_built_in_ones_bare(pack):
    files = {"numbers.py": NODE.format(kind="Plus", add=1), "tests/test_x.py": "raise RuntimeError"}
    users = pack(files)
    (spec,) = load_pack(users).specs
    assert (spec.kind, spec.pack, spec.module, spec.function) == (f"{users.name}/Plus", users.name, "numbers", "Plus")
    assert [spec.kind for spec in load_pack(pack(files, builtin=True)).specs] == ["Plus"]
    assert node_function(users, spec)(2) == 3


def test_a_widget_of_a_pack_that_declares_no_folder_for_it_is_a_fault_that_says_what_to_declare(pack):
    code = (
        "from typing import Annotated\nfrom graphengine.api import Widget, node\n"
        "@node()\ndef Turn(angle: Annotated[float, Widget('dial')] = 0.0) -> float:\n    return angle\n"
    )
    (fault,) = load_pack(pack({"turn.py": code})).faults
    assert "'angle'" in fault.message and 'web = "web"' in fault.message
    (spec,) = load_pack(pack({"turn.py": code}, 'web = "web"')).specs
    assert spec.inputs[0].widget == "dial.js:dial"


def test_relative_imports_work_and_the_folder_is_not_on_the_path(pack):
    before = list(sys.path)
    manifest = pack({
        "a.py": "from . import b\nfrom .sub.c import C\nfrom .sub import d\nVALUE = (b.B, C, d.D)\n",
        "b.py": "B = 1\n",
        "sub/c.py": "from ..b import B\nfrom . import d\nC = B + 1\n",
        "sub/d.py": "D = 3\n",
    })  # fmt: skip
    assert load_module(manifest, "a").VALUE == (1, 2, 3)
    assert sys.path == before
    assert "a" not in sys.modules


def test_a_broken_module_costs_only_its_own_nodes(pack):
    manifest = pack({
        "good.py": NODE.format(kind="Good", add=1),
        "leaves.py": "import sys\nsys.exit(0)",
        "raises.py": "raise RuntimeError('oh')",
        "syntax.py": "def",
        "bad_node.py": "from graphengine.api import node\n@node()\ndef Bad(a): ...\n",
        "twice.py": NODE.format(kind="Good", add=2),
        "odd.py": "class Odd:\n    def __getattr__(self, name):\n        return name\nodd = Odd()\n",
    })  # fmt: skip
    loaded = load_pack(manifest)
    assert [(spec.kind, spec.module) for spec in loaded.specs] == [(f"{manifest.name}/Good", "good")]
    assert {fault.pack for fault in loaded.faults} == {manifest.name}
    texts = [fault.message.partition(":")[0] for fault in loaded.faults]
    assert texts == ["bad_node.py", "leaves.py", "raises.py", "syntax.py", "twice.py"]


def test_a_module_that_fails_when_first_run_is_a_pack_error(pack):
    manifest = pack({"a.py": NODE.format(kind="A", add=1)})
    (spec,) = load_pack(manifest).specs
    sys.modules.pop(f"{manifest.package}.a")
    (manifest.folder / "a.py").write_text("raise RuntimeError('oh')")
    with pytest.raises(PackError, match=r"a.py: RuntimeError: oh"):
        node_function(manifest, spec)


def test_a_service_of_the_packs_own_is_there_where_only_the_index_was_read(tmp_path):
    folder = tmp_path / "packs" / "own"
    folder.mkdir(parents=True)
    (folder / "pack.toml").write_text("")
    (folder / "nodes.py").write_text(
        "from graphengine.api import node\n"
        "class Store:\n    @classmethod\n    def create(cls, settings):\n        return cls()\n"
        "@node(output=True)\ndef Use(*, store: Store) -> str:\n    return type(store).__name__\n"
    )
    for _ in range(2):
        for name in [name for name in sys.modules if name.startswith(ROOT)]:
            del sys.modules[name]  # as in another process
        engine = Engine(Settings(home=tmp_path / "home", packs=(folder.parent,), cache=False))
        outcome = engine.run(Workflow({"use": Node("own/Use")}), ["use"])
        assert (outcome.failures, outcome.values) == ([], {"use": ("Store",)})


@pytest.mark.parametrize("name", ["a.py", "helper.py"])
def test_code_that_changed_since_it_was_read_is_not_run_under_the_digest_that_it_had(pack, name):
    manifest = pack({"a.py": "from . import helper\n" + NODE.format(kind="A", add=1), "helper.py": ""})
    (spec,) = load_pack(manifest).specs
    for module in [module for module in sys.modules if module.startswith(f"{manifest.package}.")]:
        del sys.modules[module]
    path = manifest.folder / name
    before = path.read_text()
    path.write_text(before + "\n# edited\n")
    with pytest.raises(PackError, match=r"have changed since they were read: a\.py"):
        node_function(manifest, spec)
    path.write_text(before)
    assert node_function(manifest, spec)(2) == 3


def test_packs_of_one_name_in_two_folders_do_not_meet(pack):
    manifest = pack({"a.py": "x = 1"})
    other = pack({"a.py": "x = 2"}, f'name = "{manifest.name}"')
    assert (load_module(manifest, "a").x, load_module(other, "a").x) == (1, 2)


DIGESTED = {
    "main.py": "from .direct import (\n    x as y,\n)\nfrom . import beside as b\nfrom .sub import inner\n"
    "from .pkg import z\n"
    "def late():\n    from .later import q\n",
    "direct.py": "from .chained import x\n",
    "chained.py": "from .main import late\n",
    "beside.py": "",
    "later.py": "",
    "sub/inner.py": "from .. import up\n",
    "up.py": "",
    "pkg/__init__.py": "from .deep import z\n",
    "pkg/deep.py": "",
}


@pytest.mark.parametrize("name", DIGESTED)
def test_the_digest_of_code_changes_with_the_module_and_all_it_imports(pack, name):
    manifest = pack(DIGESTED)
    before = code_digest(manifest, "main")
    assert code_digest(manifest, "main") == before
    (manifest.folder / name).write_text(DIGESTED[name] + "# changed\n")
    assert code_digest(manifest, "main") != before


def test_the_digest_of_code_stays_when_other_modules_change(pack):
    manifest = pack({**DIGESTED, "other.py": "", "sub/other.py": ""})
    before = code_digest(manifest, "main")
    for name in ("other.py", "sub/other.py", "pack.toml", "new.py"):
        (manifest.folder / name).write_text("# changed\n")
    assert code_digest(manifest, "main") == before


def test_packages_that_the_manifest_names_enter_the_digest(pack, tmp_path, monkeypatch):
    for name in ("digested_lib/__init__.py", "digested_lib/a.py", "digested_lib/sub/b.py", "digested_module.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    assert package_files("digested_lib.sub") == [tmp_path / "digested_lib" / "sub" / "b.py"]
    assert package_files("digested_lib.a") == [tmp_path / "digested_lib" / "a.py"]
    assert package_files("no_such_library") == []
    manifest = pack({"a.py": ""}, 'code = ["digested_lib", "digested_module"]')
    seen = {code_digest(manifest, "a")}
    for name in ("digested_lib/sub/b.py", "digested_module.py"):
        (tmp_path / name).write_text("# changed")
        seen.add(code_digest(manifest, "a"))
    assert len(seen) == 3
    assert not {"digested_lib", "digested_module"} & sys.modules.keys()


def test_an_import_of_a_node_from_another_module_does_not_define_it_again(pack):
    manifest = pack({"a.py": NODE.format(kind="A", add=1), "b.py": "from .a import A\nfrom . import a\n"})
    loaded = load_pack(manifest)
    assert (len(loaded.specs), loaded.faults) == (1, ())
    assert isinstance(sys.modules[manifest.package], types.ModuleType)
