"""Frames between a server and its workers."""

import contextlib

from graphengine.worker import protocol
from tests.fuzz import seeds as good

ERRORS = ()
READERS = (protocol.to_worker, protocol.from_worker)


def seeds():
    return good.frames()


def take(data):
    header, rest = data[: protocol.HEADER.size], data[protocol.HEADER.size :]
    with contextlib.suppress(ValueError):
        assert protocol.length_of(header.ljust(protocol.HEADER.size, b"\0")) <= protocol.MAX_FRAME
    for read in READERS:
        with contextlib.suppress(ValueError):
            protocol.frame(read(rest))
