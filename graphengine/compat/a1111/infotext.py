"""What A1111's web UI writes into its pictures ("infotext"): the prompts, and a last line of ``Key: value`` pairs."""

import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from graphengine.graph.errors import DocumentError

FEWEST = 3  # pairs that a last line must have to be no part of the prompt
NEGATIVE = "Negative prompt:"
TEMPLATES = ("Template:", "Negative Template:")
SIZE = re.compile(r"(\d{1,9})x(\d{1,9})")
# where a key begins and how long it is are limited, so that a long text without pairs takes no longer for it
PAIR = re.compile(r"(?<!\w)(?P<key>\w[-/\w ]{1,100}):\s*(?P<value>\"(?:[^\"\\]|\\.)+\"|[^,]*)(?:,|\Z)")
FIRST_PASS = 512 * 512  # pixels, where a program of 2022 was to find the size of the first pass itself
CELL = 64
LARGEST = 2**64  # of a setting


@dataclass(frozen=True)
class Infotext:
    """The prompts and settings of a picture.

    Attributes:
        values: By key, as texts; a size ``AxB`` of key K as ``K-1`` and ``K-2``.
    """

    prompt: str
    negative: str
    values: dict[str, str]


def parse(text: str) -> Infotext:
    """Read an infotext; where it has no line of settings all of it is prompt."""
    lines = _untemplated(text.strip().removeprefix("\ufeff").split("\n"))
    pairs = list(_pairs(lines[-1]))
    if len(pairs) < FEWEST:
        pairs = []
    else:
        lines.pop()
    prompt, negative = _prompts(lines)
    values: dict[str, str] = {}
    for key, value in pairs:
        size = SIZE.fullmatch(value)
        if size:
            values |= {f"{key}-1": size[1], f"{key}-2": size[2]}
        elif value:
            values[key] = value
    return Infotext(_with_hypernet(prompt, values), negative, _with_sizes(values))


def is_infotext(text: str) -> bool:
    """Whether a text ends with the settings of a picture."""
    return _is_settings(_untemplated(text.strip().split("\n"))[-1])


def _is_settings(line: str) -> bool:
    keys = {key for key, _ in _pairs(line)}
    return {"Steps", "Sampler"} <= keys and len(keys) >= FEWEST


def _untemplated(lines: list[str]) -> list[str]:
    """The lines before those that an extension adds: the templates that the prompts were made from."""
    for number, line in enumerate(lines):
        if number and line.startswith(TEMPLATES) and _is_settings(lines[number - 1]):
            return lines[:number]
    return lines


def _pairs(line: str) -> Iterator[tuple[str, str]]:
    for pair in PAIR.finditer(line):
        yield pair["key"], _unquoted(pair["value"])


def _unquoted(value: str) -> str:
    if value.startswith('"') and value.endswith('"'):
        try:
            return str(json.loads(value))
        except ValueError:
            return value
    return value


def _prompts(lines: Sequence[str]) -> tuple[str, str]:
    parts: tuple[list[str], list[str]] = ([], [])
    is_negative = 0
    for line in map(str.strip, lines):
        if line.startswith(NEGATIVE):
            is_negative = 1
            line = line.removeprefix(NEGATIVE).strip()
        parts[is_negative].append(line)
    return "\n".join(parts[0]), "\n".join(parts[1])


def _with_hypernet(prompt: str, values: dict[str, Any]) -> str:
    """Old programs had one hypernetwork as a setting."""
    name = values.get("Hypernet")
    return f"{prompt}<hypernet:{name}:{values.get('Hypernet strength', '1.0')}>" if name else prompt


def _with_sizes(values: dict[str, str]) -> dict[str, str]:
    """Old programs told the final size, and that of the first pass beside it."""
    first = [values.get(f"First pass size-{axis}") for axis in "12"]
    final = [values.get(f"Size-{axis}") for axis in "12"]
    if None in first or None in final:
        return values
    width, height = (int(side or 0) for side in first)
    if not width or not height:
        ratio = math.sqrt(FIRST_PASS / max(1, int(final[0] or 0) * int(final[1] or 0)))
        width, height = (math.ceil(ratio * int(side or 0) / CELL) * CELL for side in final)
    sizes = {"Size-1": width, "Size-2": height, "Hires resize-1": final[0], "Hires resize-2": final[1]}
    return {**values, **{key: str(side) for key, side in sizes.items()}}


def number_of(name: str, value: str, kind: type[int] | type[float]) -> int | float:
    """A setting's number.

    Raises:
        DocumentError: It is none.
    """
    number = number_or_none(value, kind)
    if number is None:
        raise DocumentError(f"The picture's settings have {name}: {value[:60]!r}: no number that it can have.")
    return number


def number_or_none(value: str, kind: type[int] | type[float]) -> int | float | None:
    try:
        number = kind(value)
        return number if abs(number) <= LARGEST else None
    except (ValueError, OverflowError):
        return None
