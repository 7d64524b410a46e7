"""Literal values against the inputs they are for: lossless conversion, ranges, choices."""

import difflib
import math
from collections.abc import Callable, Sequence
from typing import Any

from graphengine.graph.spec import InputSpec
from graphengine.graph.types import ANY, CHOICE, SCALARS

Choose = Callable[[str], Sequence[Any]]  # the name of a source -> what it offers now


class Unfit(ValueError):
    """A literal does not fit its input; carries the problem's code, what is wrong, and the cure."""

    def __init__(self, code: str, message: str, cure: str) -> None:
        super().__init__(message)
        self.code, self.message, self.cure = code, message, cure


def convert(port: InputSpec, value: Any, choose: Choose | None = None) -> Any:
    """The value as the node receives it.

    ``"8"`` and ``8.0`` are taken as the integer 8; ``8.9`` is not: nothing is lost in silence.

    Raises:
        Unfit: It is of another type, out of range, or no choice.
    """
    if port.many and isinstance(value, list):
        return [_convert(port, item, choose) for item in value]
    return _convert(port, value, choose)


def _convert(port: InputSpec, value: Any, choose: Choose | None) -> Any:
    if port.link_only:
        raise Unfit(
            "needs_link", f"takes only a link, not {short(value)}", f"Link it to an output of type {port.type}."
        )
    if port.type in SCALAR_READERS:
        value = SCALAR_READERS[port.type](value)
        check_range(port, value)
        return value
    if port.type == CHOICE:
        check_choice(port, value, choose)
        return value
    if port.type == ANY or port.type.startswith("~"):
        return value
    members = [member for member in port.type.split(",") if member in SCALAR_READERS]
    for member in sorted(members, key=lambda member: member != SCALARS.get(type(value))):  # its own type, if it can
        try:
            value = SCALAR_READERS[member](value)
        except Unfit:
            continue
        check_range(port, value)
        return value
    raise Unfit("needs_link", f"takes {port.type}, not {short(value)}", f"Link it to an output of type {port.type}.")


def _integer(value: Any) -> int:
    if type(value) is int:
        return value
    try:
        if isinstance(value, str) or (isinstance(value, float) and value.is_integer()):
            return int(value)
    except ValueError:
        pass
    raise Unfit("wrong_type", f"takes a whole number, not {short(value)}", "Give a whole number.")


def _number(value: Any) -> float:
    try:
        if type(value) in (int, float, str) and math.isfinite(number := float(value)):
            if type(value) is int and number != value:
                message = f"takes a number, and {short(value)} has more digits than it can hold"
                raise Unfit("wrong_type", message, "Give a number of up to 15 digits.")
            return number
    except Unfit:
        raise
    except (ValueError, OverflowError):
        pass
    raise Unfit("wrong_type", f"takes a number, not {short(value)}", "Give a finite number.")


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if type(value) in (int, float):
        return str(value)
    raise Unfit("wrong_type", f"takes a text, not {short(value)}", "Give a text.")


def _truth(value: Any) -> bool:
    if value in (True, False):
        return bool(value)
    if isinstance(value, str) and value.casefold() in ("true", "false"):
        return value.casefold() == "true"
    raise Unfit("wrong_type", f"takes true or false, not {short(value)}", "Give true or false.")


SCALAR_READERS: dict[str, Callable[[Any], Any]] = {
    "INT": _integer,
    "FLOAT": _number,
    "STRING": _text,
    "BOOLEAN": _truth,
}


def check_range(port: InputSpec, value: Any) -> None:
    """Raise ``Unfit`` when a number is out of its range."""
    if type(value) not in (int, float):
        return
    if port.low is not None and value < port.low:
        raise Unfit(
            "out_of_range", f"is {short(value)}, below the lowest value {port.low:g}", f"Give {port.low:g} or more."
        )
    if port.high is not None and value > port.high:
        raise Unfit(
            "out_of_range", f"is {short(value)}, above the highest {port.high:g}", f"Give {port.high:g} or less."
        )


def check_choice(port: InputSpec, value: Any, choose: Choose | None) -> None:
    """Raise ``Unfit`` when a value is none of the choices; a source is only asked when ``choose`` is given."""
    choices: Sequence[Any] | None = port.choices
    if choices is None:
        if port.source is None or choose is None:
            return
        choices = choose(port.source)
        if type(value) is str and value in choices:  # which may have more than they list
            return
        if not choices:
            raise Unfit(
                "bad_choice", f"is {short(value)}, but there are no {port.source}", f"Add a file to {port.source}."
            )
    if value in choices and type(value) in {type(choice) for choice in choices}:
        return
    near = difflib.get_close_matches(str(value), [str(choice) for choice in choices], n=3, cutoff=0.4)
    shown = near or [str(choice) for choice in choices[:8]]
    raise Unfit(
        "bad_choice", f"is {short(value)}, which is none of its {len(choices)} choices", f"Try {', '.join(shown)}."
    )


def short(value: Any) -> str:
    """A value for a message: quoted, and cut after 60 characters."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
