"""Packs as the engine loads them: under a package name of their own, never on ``sys.path``."""

import importlib
import sys
import types
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from graphengine import builtin
from graphengine.api import Files
from graphengine.settings import Settings


@pytest.fixture(scope="session")
def nodes() -> Callable[[str, str], ModuleType]:
    """``nodes(pack, module)`` imports a module of a built-in pack."""

    def load(pack: str, module: str) -> ModuleType:
        for name, folders in (("graphengine_packs", []), (f"graphengine_packs.{pack}", [str(builtin.NODES / pack)])):
            package = types.ModuleType(name)
            package.__path__ = folders
            sys.modules.setdefault(name, package)
        return importlib.import_module(f"graphengine_packs.{pack}.{module}")

    return load


@pytest.fixture
def files(tmp_path: Path) -> Files:
    (tmp_path / "input").mkdir()
    return Files(Settings(home=tmp_path))
