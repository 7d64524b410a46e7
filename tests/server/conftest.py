import pytest

from graphengine.server.store import Store


@pytest.fixture
def path(tmp_path):
    return tmp_path / "server.db"


@pytest.fixture
def store(path):
    opened = Store(path)
    yield opened
    opened.close()
