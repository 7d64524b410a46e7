"""Texts joined, cut, searched and compared."""

import sys
from typing import Annotated, Literal, NamedTuple

from graphengine.api import Range, Text, node

Position = Annotated[int, Range(-sys.maxsize, sys.maxsize)]


class Found(NamedTuple):
    contains: bool


class Counted(NamedTuple):
    length: int


@node(category="utils/string", title="Concatenate")
def StringConcatenate(string_a: Text = "", string_b: Text = "", delimiter: str = "") -> str:
    """Two texts as one.

    Args:
        delimiter: Put between them.
    """
    return f"{string_a}{delimiter}{string_b}"


@node(category="utils/string", title="Substring")
def StringSubstring(string: Text = "", start: Position = 0, end: Position = 0) -> str:
    """A part of a text.

    Args:
        start: The first character of it, counted from 0; below 0 from the end.
        end: The character after it, counted likewise.
    """
    return string[start:end]


@node(category="utils/string", title="Length")
def StringLength(string: Text = "") -> Counted:
    """How many characters a text has."""
    return Counted(len(string))


@node(category="utils/string", title="Case Converter")
def CaseConverter(
    string: Text = "", mode: Literal["UPPERCASE", "lowercase", "Capitalize", "Title Case"] = "UPPERCASE"
) -> str:
    """A text in capitals or without.

    Args:
        mode: Capitalize raises the first letter of the text, Title Case that of each word; others become small.
    """
    convert = {"UPPERCASE": str.upper, "lowercase": str.lower, "Capitalize": str.capitalize, "Title Case": str.title}
    return convert[mode](string)


@node(category="utils/string", title="Trim")
def StringTrim(string: Text = "", mode: Literal["Both", "Left", "Right"] = "Both") -> str:
    """A text without spaces and line ends around it.

    Args:
        mode: The side that they are taken away from.
    """
    return {"Both": str.strip, "Left": str.lstrip, "Right": str.rstrip}[mode](string)


@node(category="utils/string", title="Replace")
def StringReplace(string: Text = "", find: Text = "", replace: Text = "") -> str:
    """Put one text for another, wherever it stands."""
    return string.replace(find, replace)


@node(category="utils/string", title="Contains")
def StringContains(string: Text = "", substring: Text = "", case_sensitive: bool = True) -> Found:
    """Whether a text stands in another.

    Args:
        case_sensitive: Whether capitals are told from small letters.
    """
    string, substring = _folded(case_sensitive, string, substring)
    return Found(substring in string)


@node(category="utils/string", title="Compare")
def StringCompare(
    string_a: Text = "",
    string_b: Text = "",
    mode: Literal["Starts With", "Ends With", "Equal"] = "Starts With",
    case_sensitive: bool = True,
) -> bool:
    """Whether one text begins with another, ends with it, or is the same.

    Args:
        mode: What is asked of ``string_a``.
        case_sensitive: Whether capitals are told from small letters.
    """
    string_a, string_b = _folded(case_sensitive, string_a, string_b)
    if mode == "Equal":
        return string_a == string_b
    return string_a.startswith(string_b) if mode == "Starts With" else string_a.endswith(string_b)


def _folded(case_sensitive: bool, *texts: str) -> tuple[str, ...]:
    return texts if case_sensitive else tuple(text.lower() for text in texts)
