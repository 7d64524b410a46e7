"""Checkpoints that torch saved, which are unpickled without running what is in them."""

import tempfile
from pathlib import Path

from graphengine.diffusion.weights.errors import WeightsError
from graphengine.diffusion.weights.pickled import open_pickled
from tests.fuzz import seeds as good
from tests.fuzz.served import only_ours

ERRORS = (WeightsError,)


def seeds():
    return good.pickles()


def take(data):
    with tempfile.NamedTemporaryFile(prefix="fuzz-", suffix=".ckpt") as file:
        file.write(data)
        file.flush()
        with only_ours():
            tensors = open_pickled(Path(file.name))
    assert all(isinstance(name, str) for name in tensors)
