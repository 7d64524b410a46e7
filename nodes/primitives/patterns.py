"""Regular expressions: whether a text matches, what matches in it, and something else put there.

A pattern may take longer than anyone waits (``(a+)+$``), so each search has a time limit; other nodes run meanwhile.
"""

from collections.abc import Callable
from typing import Annotated, Any, Literal, NamedTuple

import regex

from graphengine.api import NodeError, Range, Text, node

SECONDS = 10.0  # that a search may take


class Matched(NamedTuple):
    matches: bool


@node(category="utils/string", title="Regex Match")
def RegexMatch(
    string: Text = "",
    regex_pattern: Text = "",
    case_insensitive: bool = True,
    multiline: bool = False,
    dotall: bool = False,
) -> Matched:
    """Whether a pattern is found in a text.

    Args:
        case_insensitive: Take capitals and small letters for the same.
        multiline: ``^`` and ``$`` hold at every line.
        dotall: ``.`` stands for line ends too.
    """
    pattern = _compiled(regex_pattern, case_insensitive, multiline, dotall)
    return Matched(_limited(pattern.search, string) is not None)


@node(category="utils/string", title="Regex Extract")
def RegexExtract(
    string: Text = "",
    regex_pattern: Text = "",
    mode: Literal["First Match", "All Matches", "First Group", "All Groups"] = "First Match",
    case_insensitive: bool = True,
    multiline: bool = False,
    dotall: bool = False,
    group_index: Annotated[int, Range(0, 100)] = 1,
) -> str:
    """What matches a pattern in a text, several matches in a line each; empty where nothing does.

    Args:
        mode: The whole of the first match, all matches (of each its first group, if the pattern has any), or a group
            of the first match or of all.
        case_insensitive: Take capitals and small letters for the same.
        multiline: ``^`` and ``$`` hold at every line.
        dotall: ``.`` stands for line ends too.
        group_index: Which group, for the last two modes; 0 is the whole match.
    """
    pattern = _compiled(regex_pattern, case_insensitive, multiline, dotall)
    if mode in ("First Match", "First Group"):
        found = _limited(pattern.search, string)
        matches = [] if found is None else [found]
    else:
        matches = _limited(lambda text, **limits: list(pattern.finditer(text, **limits)), string)
    index = {"First Match": 0, "All Matches": min(pattern.groups, 1)}.get(mode, group_index)
    if index > pattern.groups:
        return ""
    return "\n".join(match[index] or "" for match in matches)


@node(category="utils/string", title="Regex Replace")
def RegexReplace(
    string: Text = "",
    regex_pattern: Text = "",
    replace: Text = "",
    case_insensitive: bool = True,
    multiline: bool = False,
    dotall: bool = False,
    count: Annotated[int, Range(0, 100)] = 0,
) -> str:
    r"""Put something in the place of what matches a pattern.

    Args:
        replace: May name groups of the match: ``\1``, ``\g<name>``.
        case_insensitive: Take capitals and small letters for the same.
        multiline: ``^`` and ``$`` hold at every line.
        dotall: ``.`` stands for line ends too.
        count: How many matches at most; 0 is all.
    """
    pattern = _compiled(regex_pattern, case_insensitive, multiline, dotall)
    try:
        return str(_limited(lambda text, **limits: pattern.sub(replace, text, count, **limits), string))
    except (regex.error, IndexError) as error:
        raise NodeError(f"{replace!r} cannot be put in: {error}.", "Name groups that there are.", "replace") from error


def _compiled(pattern: str, case_insensitive: bool, multiline: bool, dotall: bool) -> Any:
    flags = (regex.IGNORECASE, case_insensitive), (regex.MULTILINE, multiline), (regex.DOTALL, dotall)
    try:
        return regex.compile(pattern, sum(flag for flag, on in flags if on))
    except regex.error as error:
        raise NodeError(f"The pattern is none: {error}.", "Write \\( for a bracket itself.", "regex_pattern") from error


def _limited(search: Callable[..., Any], text: str) -> Any:
    """What a search finds, unless it takes too long."""
    try:
        return search(text, timeout=SECONDS, concurrent=True)
    except TimeoutError as error:
        raise NodeError(
            f"The pattern was still searching after {SECONDS:g} seconds.",
            "Take repetitions within repetitions out of it, such as (a+)+.",
            "regex_pattern",
        ) from error
