import asyncio
import shutil

import pytest

from graphengine.server.indexing import make_index
from graphengine.settings import Settings
from tests.worker.test_worker import PACKS


@pytest.fixture(scope="session")
def index(tmp_path_factory):
    """The folder of the packs' index, which takes an import of torch to make."""
    home = tmp_path_factory.mktemp("index")
    asyncio.run(make_index(Settings(home=home, packs=(PACKS,))))
    return home / "cache/index"


@pytest.fixture(autouse=True)
def _indexed(index, tmp_path):
    """A worker with its home there has its packs looked through already."""
    shutil.copytree(index, tmp_path / "cache/index")
