import pytest

from tests.indexed import PACKS, indexed


@pytest.fixture(autouse=True)
def _indexed(tmp_path):
    """A worker with its home there has its packs looked through already."""
    indexed(tmp_path, PACKS)
