import pytest

from tests.indexed import PACKS, indexed


@pytest.fixture
def home(tmp_path):
    return indexed(tmp_path / "home", PACKS)
