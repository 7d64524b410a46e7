"""What people are shown of a value: facts, a text, a small picture. Plain data tell themselves; all else a pack tells.

Its manifest names a function for a port type, or for a class of values (``module:Class``); it gets the value and gives
a ``Look``, in a moment and without changing anything:

    [looks]
    CURVE = ".looks:curve"       # a module of the pack itself; without the dot, any that can be imported
"""

import math
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from graphengine.execution.values import Items, size_of

FACT, TEXT, BARS, LISTED = 300, 10_000, 64, 20  # the most that is shown


@dataclass(frozen=True)
class Look:
    """What people are shown of a value.

    Attributes:
        facts: By name, in the order in which they are shown: texts, numbers, or lists of them.
        text: Shown as it is.
        bars: A histogram, from the lowest numbers to the highest.
        picture: h x w x 3 bytes, or h x w for grey; sent small.
    """

    facts: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""
    bars: Sequence[float] = ()
    picture: Any = None


Looking = Callable[[Any], Look]


class Looks:
    """Tells looks of values.

    Args:
        functions: Port type or class -> what loads the function for it.
    """

    def __init__(self, functions: Mapping[str, Callable[[], Looking]] | None = None) -> None:
        self._functions = dict(functions or {})

    def of(self, type: str, value: Any) -> Look:
        """The look of a value that went through a port of a type; a function that fails costs only what it had told."""
        if isinstance(value, Items):  # the first stands for all
            first = self.of(type, value[0]) if value else Look()
            return replace(first, facts={"items": len(value), **first.facts})
        load = self._functions.get(type) or self._functions.get(_class_name(value))
        if load is None:
            return _bounded(plain_look(value))
        try:
            return _bounded(load()(value))
        except Exception as error:  # noqa: BLE001  a pack must not stop the others: reported by name
            traceback.print_exc()
            failed = {"problem": f"{_class_name(error)}: {error}"}
            return _bounded(Look({**plain_look(value).facts, **failed}))


def plain_look(value: Any) -> Look:
    """The look of plain data; of anything else, what it is and how much it holds."""
    if isinstance(value, str):
        return Look({"characters": len(value)}, value)
    if value is None or isinstance(value, (bool, int, float)):
        return Look(text=str(value))
    if isinstance(value, Mapping):
        return Look({"items": len(value)}, "\n".join(f"{key}: {_line(item)}" for key, item in _first(value.items())))
    if isinstance(value, (list, tuple)):
        return Look({"items": len(value)}, "\n".join(_line(item) for item in _first(value)))
    return Look({"class": _class_name(value), "bytes": size_of(value)})


def _first(items: Any) -> list[Any]:
    return [item for item, _ in zip(items, range(LISTED), strict=False)]


def _line(value: Any) -> str:
    """A value in a line; only of plain data what it holds, since a tensor would print itself."""
    if value is None or isinstance(value, (bool, int, float)):
        return str(value)
    return value[:FACT] if isinstance(value, str) else _class_name(value)


def _class_name(value: Any) -> str:
    return f"{type(value).__module__}:{type(value).__qualname__}".removeprefix("builtins:")


def _bounded(look: Look) -> Look:
    """As plain data, no longer than people read."""
    if not isinstance(look, Look):
        raise TypeError(f"the function gave a {_class_name(look)} instead of a Look")
    facts = {str(name)[:FACT]: _fact(fact) for name, fact in _first(look.facts.items())}
    bars = tuple(float(bar) for bar in list(look.bars)[:BARS])
    return Look(facts, str(look.text)[:TEXT], bars if all(map(math.isfinite, bars)) else (), look.picture)


def _fact(value: Any) -> Any:
    """A number that JSON has, a text, or a short list of them."""
    if isinstance(value, (bool, int)) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if isinstance(value, (list, tuple)):
        return [_fact(item) for item in _first(value)]
    return str(value)[:FACT]
