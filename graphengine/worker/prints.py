"""What the nodes of a worker print, as lines of the log."""

import logging
from asyncio import StreamReader
from codecs import getincrementaldecoder

PIECE = 2**16  # bytes that are read at a time
LONGEST = 4096  # characters of a line; the rest of a longer one is the next

log = logging.getLogger("graphengine.nodes")


async def log_prints(stream: StreamReader) -> None:
    """Log each line until the stream ends; of one that was written over, as progress bars are, what stood last."""
    decode = getincrementaldecoder("utf-8")("replace").decode
    held = ""
    while data := await stream.read(PIECE):
        *lines, held = (held + decode(data)).split("\n")
        if len(held) > LONGEST:
            lines, held = [*lines, held], ""
        for line in lines:
            _log(line)
    _log(held)


def _log(line: str) -> None:
    shown = line.rstrip().rpartition("\r")[2]
    for begin in range(0, len(shown), LONGEST):
        log.info("%s", shown[begin : begin + LONGEST])
