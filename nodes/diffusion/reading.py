"""Errors of files of weights as errors of nodes."""

from collections.abc import Iterator
from contextlib import contextmanager

from graphengine.api import NodeError
from graphengine.diffusion.weights.errors import WeightsError


@contextmanager
def reading(input: str) -> Iterator[None]:
    """Blame what is wrong with a file on the input that names it.

    Raises:
        NodeError: The file cannot be used.
    """
    try:
        yield
    except WeightsError as error:
        raise NodeError(str(error), input=input) from error
