import asyncio

import pytest

from graphengine.server.indexing import make_index

from .serving import settings_of, with_index


@pytest.fixture(scope="session")
def index(tmp_path_factory):
    """A home with the index of the packs; making it costs seconds."""
    home = tmp_path_factory.mktemp("index")
    asyncio.run(make_index(settings_of(home)))
    return home


@pytest.fixture
def home(index, tmp_path):
    return with_index(index, tmp_path / "home")
