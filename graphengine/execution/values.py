"""What nodes made: lists whose items are mapped over, entries of the cache, and how much memory a value holds."""

from dataclasses import fields, is_dataclass
from typing import Any, NamedTuple


class Items(tuple[Any, ...]):
    """The items of a ``Many`` output: a node downstream is called with them one by one."""

    __slots__ = ()


class Entry(NamedTuple):
    """What one node made.

    Attributes:
        outputs: By the position of the spec's outputs.
        results: What it showed people, by kind.
        seconds: It took.
        size: Bytes it holds.
    """

    outputs: tuple[Any, ...]
    results: dict[str, list[Any]]
    seconds: float
    size: int


KEPT = 512  # bytes that keeping an entry costs, however small it is: millions of small ones are no small thing
ENDLESS = 2**20  # bytes that a value counts for which contains itself


def entry_of(outputs: tuple[Any, ...], results: dict[str, list[Any]], seconds: float) -> Entry:
    """An entry, with what it holds counted."""
    try:
        size = size_of(outputs) + size_of(results)
    except RecursionError:
        size = ENDLESS
    return Entry(outputs, results, seconds, KEPT + size)


def size_of(value: Any) -> int:
    """Bytes that a value holds: arrays by ``nbytes``, containers and dataclasses by what they contain."""
    if value is None or isinstance(value, (bool, int, float)):
        return 32
    held = getattr(value, "nbytes", None)
    if isinstance(held, int):
        return held + 64
    if isinstance(value, (str, bytes)):
        return len(value) + 64
    if isinstance(value, dict):
        return 64 + sum(size_of(item) for item in value.values())
    if isinstance(value, (list, tuple)):
        return 64 + sum(size_of(item) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        return 64 + sum(size_of(getattr(value, field.name)) for field in fields(value))
    return 64
