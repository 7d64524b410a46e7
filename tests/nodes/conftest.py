"""Packs as the engine loads them: under a package name of their own, never on ``sys.path``."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from graphengine import builtin
from graphengine.api import Files
from graphengine.packs.load import load_module
from graphengine.packs.manifest import read_manifest
from graphengine.settings import Settings


@pytest.fixture(scope="session")
def nodes() -> Callable[[str, str], ModuleType]:
    """``nodes(pack, module)`` imports a module of a built-in pack."""
    return lambda pack, module: load_module(read_manifest(builtin.NODES / pack, builtin=True), module)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    (tmp_path / "input").mkdir()
    return Files(Settings(home=tmp_path))
