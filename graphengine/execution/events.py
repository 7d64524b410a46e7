"""What a run reports: plain data with a sequence number.

kind       node   data
planned    -      run: ids, cached: ids, seconds: expected or None
started    id     -
progress   id     done, total
preview    id     image
text       id     text                                what a node says while it runs
finished   id     seconds, bytes, results
cached     id     results                            a target served from the cache
retried    id     reason                             memory ran out; tried again with less
failed     id     node kind, input, message, cure, trace
blocked    id     by: the node that failed
ended      -      status: done, failed or cancelled; seconds
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple


class Event(NamedTuple):
    """One thing that happened in a run; a tuple, since small nodes make little else.

    Attributes:
        kind: See the module.
        node: Id, or empty when it is about the run.
        data: What else there is to say.
        number: Counts up from 0 within the run.
        time: Seconds since the run began.
    """

    kind: str
    node: str
    data: Mapping[str, Any]
    number: int = 0
    time: float = 0.0


OnEvent = Callable[[Event], None]
