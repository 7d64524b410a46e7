"""What holds for every built-in node."""

import ast

import pytest

from graphengine import builtin
from graphengine.packs.load import load_pack
from graphengine.packs.manifest import read_manifest

PACKS = sorted(folder.name for folder in builtin.NODES.iterdir() if (folder / "pack.toml").is_file())


@pytest.mark.parametrize("name", PACKS)
def test_every_pack_loads_without_faults_and_documents_its_nodes(name):
    loaded = load_pack(read_manifest(builtin.NODES / name, builtin=True))
    assert loaded.faults == ()
    for spec in loaded.specs:
        assert spec.help and spec.category, spec.kind
        widgets = [port for port in spec.inputs if port.type in ("INT", "FLOAT", "BOOLEAN", "COMBO")]
        mute = [port.name for port in widgets if not port.help]
        assert not mute or spec.kind.startswith("Primitive"), (spec.kind, mute)


@pytest.mark.parametrize("name", PACKS)
def test_nodes_import_only_what_any_pack_may(name):
    allowed = ("graphengine.api", "graphengine.ports", "graphengine.diffusion")
    for path in (builtin.NODES / name).rglob("*.py"):
        for statement in ast.walk(ast.parse(path.read_text())):
            modules = [alias.name for alias in statement.names] if isinstance(statement, ast.Import) else []
            if isinstance(statement, ast.ImportFrom) and not statement.level:
                modules = [statement.module]
            ours = [module for module in modules if module.startswith("graphengine")]
            assert all(module.startswith(allowed) for module in ours), (path, ours)


def test_no_kind_is_in_two_packs():
    kinds = [spec.kind for name in PACKS for spec in load_pack(read_manifest(builtin.NODES / name, builtin=True)).specs]
    assert len(kinds) == len(set(kinds))
