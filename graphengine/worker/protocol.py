"""What a worker and the process it works for say to each other.

Both directions are a stream of frames: four bytes, the length of what follows (big-endian), then one message as
MessagePack: a list of its name and its fields, in the order below. Over a pipe the worker reads frames from its
standard input and writes them to its standard output; over a network they would be the same.

to the worker                                         from the worker
Begin    settings; the first frame                    Ready      it has made its engine
Run      a job                                        Reported   events of a job, in order
Cancel   the job, if it still runs                    Shown      a preview: at most ten a second, only the newest
Ask      a question, answered between or during jobs  Ended      how a job ended; the last thing said of it
Stop     when the job is done                         Answer     to a question

End of the stream is an order to stop at once: a worker never outlives the process it works for.
"""

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from graphengine.execution.events import Event
from graphengine.graph.characters import all_whole
from graphengine.settings import Settings

M = TypeVar("M")
MAX_FRAME = 256 * 2**20
HEADER = struct.Struct(">I")


class _Message(msgspec.Struct, frozen=True, array_like=True, tag=True, tag_field="message"):
    pass


class Begin(_Message, frozen=True):
    settings: Settings


class Run(_Message, frozen=True):
    """A job.

    Attributes:
        document: Of our own format.
        targets: Nodes to run to; None runs to the outputs.
        name: Under which the run is remembered, to explain the next one.
        texts: By key, for saved files to carry beside what tells the workflow.
    """

    job: str
    document: bytes
    targets: Sequence[str] | None = None
    name: str = ""
    texts: Mapping[str, str] = {}


class Cancel(_Message, frozen=True):
    job: str


class Ask(_Message, frozen=True):
    """A question.

    Attributes:
        about: ``plan``: what running ``document`` would do. ``memory``: who holds how many bytes. ``free``: let go of
            the ``models`` or the ``cache`` named in ``targets``, and say what is held then. ``value``: what people are
            shown of the value that an output of ``document`` has; ``targets`` are its node and its name.
    """

    number: int
    about: Literal["plan", "memory", "free", "value"]
    document: bytes = b""
    targets: Sequence[str] | None = None
    name: str = ""


class Stop(_Message, frozen=True):
    pass


class Ready(_Message, frozen=True):
    pid: int


class Reported(_Message, frozen=True):
    job: str
    events: Sequence[Event]


class Shown(_Message, frozen=True):
    """A preview: an encoded picture (``image/jpeg``)."""

    job: str
    node: str
    type: str
    picture: bytes


class Ended(_Message, frozen=True):
    """How a job ended.

    Attributes:
        status: ``done``, ``failed`` or ``cancelled``.
        outcome: device, seconds, ran, cached, blocked, failures; problems where the workflow could not be run at all.
        results: Node -> kind -> items that it showed people.
    """

    job: str
    status: Literal["done", "failed", "cancelled"]
    outcome: Mapping[str, Any]
    results: Mapping[str, Mapping[str, Sequence[Any]]]


class Answer(_Message, frozen=True):
    """What was found, or why not (``error``)."""

    number: int
    found: Any = None
    error: str = ""


ToWorker = Begin | Run | Cancel | Ask | Stop
FromWorker = Ready | Reported | Shown | Ended | Answer


def _encoded(value: Any) -> Any:
    return str(value) if isinstance(value, Path) else repr(value)


def _decoded(type: type, value: Any) -> Any:
    if type is Path:
        return Path(value)
    raise TypeError(f"no {type.__name__} can come in a message")


_encoder = msgspec.msgpack.Encoder(enc_hook=_encoded)
_to_worker = msgspec.msgpack.Decoder(ToWorker, dec_hook=_decoded)
_from_worker = msgspec.msgpack.Decoder(FromWorker, dec_hook=_decoded)


def to_worker(data: bytes) -> ToWorker:
    """The message of a frame. Raises ``ValueError``: it holds none."""
    return _message(_to_worker, data)


def from_worker(data: bytes) -> FromWorker:
    """The message of a frame. Raises ``ValueError``: it holds none."""
    return _message(_from_worker, data)


def _message(decoder: msgspec.msgpack.Decoder[M], data: bytes) -> M:
    try:
        return decoder.decode(data)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"a frame of {len(data):,} bytes holds no message: {error}") from error


def frame(message: ToWorker | FromWorker) -> bytes:
    """A message as it is sent; broken characters become ``?``.

    Raises:
        ValueError: It is longer than a frame may be.
    """
    try:
        data = _encoder.encode(message)
    except UnicodeEncodeError:
        plain = msgspec.to_builtins(message, builtin_types=(bytes,), enc_hook=_encoded)
        data = _encoder.encode(all_whole(plain))
    if len(data) > MAX_FRAME:
        raise ValueError(f"a {type(message).__name__} of {len(data):,} bytes exceeds a frame's {MAX_FRAME:,}")
    return HEADER.pack(len(data)) + data


def length_of(header: bytes) -> int:
    """How many bytes follow a frame's header.

    Raises:
        ValueError: More than a frame may have: this is no stream of frames.
    """
    (length,) = HEADER.unpack(header)
    if length > MAX_FRAME:
        raise ValueError(f"a frame of {length:,} bytes; the limit is {MAX_FRAME:,}")
    return length
