"""Weights of words by A1111's rules, written as ours are: ``(words:1.21)``.

There ``(x)`` weighs 1.1 times its surroundings, ``[x]`` 1/1.1 times and ``(x:1.3)`` 1.3 times, nested as may be and to
the end of the text where nothing closes them; here a number is the weight itself, wherever it stands. A backslash
before a bracket or a backslash makes it text, before anything else it is nothing.
"""

import re
from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter

STRONGER, WEAKER = 1.1, 1 / 1.1
TOKEN = re.compile(
    r"\\(?P<literal>[()\[\]\\])?|:\s*(?P<weight>[+-]?(?:\d+(?:\.\d*)?|\.\d+))\s*\)|(?P<bracket>[()\[\]])|[^\\()\[\]:]+|:"
)
OPENINGS = {"(": STRONGER, "[": WEAKER}
CLOSED_BY = {")": "(", "]": "["}
BREAK = re.compile(r"\bBREAK\b")
BRACKET = re.compile(r"([()])")
PLACES = 4  # of a weight: words that differ by less do not
UNREAD, UNWEIGHTED = "None", "Ignore"  # modes

Piece = tuple[str, float]


def weighted(text: str) -> list[Piece]:
    """The pieces of a prompt in which all weighs the same, without brackets and backslashes that are no text."""
    tokens = list(TOKEN.finditer(text))
    closings, factors = _pairs(tokens)
    products = {opening: [1.0] for opening in OPENINGS}
    pieces: list[Piece] = []
    for index, token in enumerate(tokens):
        if index in factors:
            opening = token["bracket"]
            products[opening].append(products[opening][-1] * factors[index])
        elif index in closings:
            products[closings[index]].pop()
        else:
            weight = products["("][-1] * products["["][-1]
            pieces.append((token["literal"] or token[0].removeprefix("\\"), weight))
    alike = groupby(pieces, key=itemgetter(1))
    return [("".join(words for words, _ in group), weight) for weight, group in alike]


def _pairs(tokens: Sequence[re.Match[str]]) -> tuple[dict[int, str], dict[int, float]]:
    """The bracket that each closing token closes, and the factor of each opening one."""
    opened: dict[str, list[int]] = {opening: [] for opening in OPENINGS}
    closings: dict[int, str] = {}
    factors: dict[int, float] = {}
    for index, token in enumerate(tokens):
        opening = "(" if token["weight"] else CLOSED_BY.get(token["bracket"])
        if token["bracket"] in OPENINGS:
            opened[token["bracket"]].append(index)
            factors[index] = OPENINGS[token["bracket"]]
        elif opening and opened[opening]:
            closings[index] = opening
            factors[opened[opening].pop()] = float(token["weight"] or OPENINGS[opening])
    return closings, factors


def read(text: str, mode: str | None = None) -> list[Piece]:
    """The pieces of a prompt in one of the modes of emphasis there."""
    if mode == UNREAD:
        return [(text, 1.0)]
    pieces = weighted(text)
    return [(words, 1.0) for words, _ in pieces] if mode == UNWEIGHTED else pieces


def written(pieces: Sequence[Piece]) -> str:
    """A prompt that has these weights here."""
    return "".join(_written(words, weight) for part in pieces for words, weight in _unbroken(*part))


def _unbroken(words: str, weight: float) -> list[Piece]:
    """Between brackets with a weight a BREAK breaks nothing there: it is a word, of the opposite weight."""
    if weight == 1 or not BREAK.search(words):
        return [(words, weight)]
    first, *others = BREAK.split(words)
    return [(first, weight), *(piece for other in others for piece in (("break", -weight), (other, weight)))]


def _written(words: str, weight: float) -> str:
    text = BRACKET.sub(r"\\\1", words).lstrip()
    before, text = words[: len(words) - len(words.lstrip())], text.rstrip()
    after = words[len(words.rstrip()) :] if text else ""
    number = f"{weight:.{PLACES}f}".rstrip("0").rstrip(".")
    if text and number != "1":
        return f"{before}({text}:{number}){after}"
    # a backslash would take the bracket after it for text
    return f"{before}{text}{after}" + (" " if text.endswith("\\") and not after else "")
