"""Prompts: from text with weights and embeddings to chunks of 77 weighted tokens.

The syntax is ComfyUI's: ``(word)`` weighs 1.1 times its surroundings, ``(word:1.3)`` exactly 1.3 wherever it stands,
``\\(`` and ``\\)`` are brackets in the text, and ``embedding:name`` stands for the vectors of a textual inversion. The
upper-case word ``BREAK`` ends a chunk, as in the A1111 web UI. A bracket without a partner is text.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile

from torch import Tensor

from graphengine.diffusion.text.tokenizer import CLIPTokenizer
from graphengine.diffusion.types import Tokens

EMPHASIS = 1.1
VECTOR = "[vector] "
"""What stands for a vector of an embedding where tokens are told."""
LONG = 8
"""A stretch of one weight of this many tokens may be split over two chunks; a shorter one moves to the next whole."""

_BRACKET = re.compile(r"\\[()]|[()]")
_ESCAPED = re.compile(r"\\([()])")
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*", re.IGNORECASE)
_FILE_ENDING = re.compile(r"\.(pt|bin|safetensors)$", re.IGNORECASE)
_COMMAND = re.compile(r"(\bBREAK\b|(?<!\w)embedding:[^\s,]+)")

Piece = tuple[int | Tensor, float]
"""A token id or the D-wide vector in its place, and its weight."""
Chunk = tuple[Piece, ...]


@dataclass(frozen=True)
class Segment:
    """A stretch of text, its escapes resolved, with its weight."""

    text: str
    weight: float


@dataclass(frozen=True, eq=False)
class Prompt:
    """A text ready to encode: one or more chunks, and the chunk of an empty text with the same padding."""

    chunks: tuple[Chunk, ...]
    empty: Chunk

    def tokens(self, tokenizer: CLIPTokenizer) -> Tokens:
        """What stands between start and end of each chunk."""
        return tuple(
            tuple(
                (VECTOR if isinstance(value, Tensor) else tokenizer.symbol(value), weight)
                for value, weight in takewhile(lambda piece: not _is(piece, tokenizer.end), chunk[1:])
            )
            for chunk in self.chunks
        )


def tokenize(text: str, tokenizer: CLIPTokenizer, embeddings: Mapping[str, Tensor] | None = None) -> Prompt:
    """Chunk a weighted prompt.

    Args:
        embeddings: Textual inversions by lower-case name, N x D each.

    Raises:
        ValueError: The prompt names an embedding that is not there.
    """
    units = _units(segments(text), tokenizer, embeddings or {})
    bodies = _fill(units, room=tokenizer.positions - 2)
    return Prompt(tuple(_close(body, tokenizer) for body in bodies), _close([], tokenizer))


def segments(text: str) -> list[Segment]:
    """Split a prompt where the weight changes; empty stretches are left out."""
    closings = _pairs(text)
    stops: dict[int, int] = {}  # where the text before a closing bracket ends: there, or at the colon of its weight
    weights, begin = [1.0], 0
    result: list[Segment] = []
    for position in sorted({*closings, *closings.values(), len(text)}):
        if stretch := text[begin : stops.get(position, position)]:
            result.append(Segment(_ESCAPED.sub(r"\1", stretch), weights[-1]))
        if position in closings:
            weight, stops[closings[position]] = _weight(text, position, closings[position], weights[-1])
            weights.append(weight)
        else:
            weights.pop()
        begin = position + 1
    return result


def _pairs(text: str) -> dict[int, int]:
    """The position of every opening bracket that is closed, and where it is closed."""
    opened: list[int] = []
    pairs: dict[int, int] = {}
    for match in _BRACKET.finditer(text):
        if match[0] == "(":
            opened.append(match.start())
        elif match[0] == ")" and opened:
            pairs[opened.pop()] = match.start()
    return pairs


def _weight(text: str, start: int, end: int, surrounding: float) -> tuple[float, int]:
    """The weight between two brackets, and where the text between them ends."""
    colon = text.rfind(":", start + 2, end)  # something must stand before it
    if colon >= 0 and _NUMBER.fullmatch(text, colon + 1, end):
        return float(text[colon + 1 : end]), colon
    return surrounding * EMPHASIS, end


def _units(
    parts: Iterable[Segment], tokenizer: CLIPTokenizer, embeddings: Mapping[str, Tensor]
) -> Iterator[list[Piece] | None]:
    """The pieces of each embedding and of each stretch of one weight between them; None for a BREAK."""
    for part in parts:
        for index, stretch in enumerate(_COMMAND.split(part.text)):
            is_command = index % 2 == 1
            if is_command and stretch == "BREAK":
                yield None
                continue
            if is_command:
                vectors, stretch = _embedding(stretch.partition(":")[2], embeddings)
                yield [(vector, part.weight) for vector in vectors]
            yield [(token, part.weight) for word in stretch.split() for token in tokenizer.ids(word)]


def _embedding(written: str, embeddings: Mapping[str, Tensor]) -> tuple[Tensor, str]:
    """The vectors N x D of a name, and what follows it: the longest name there is wins, full stops and file endings
    may follow."""
    for name in (written, written.rstrip(".;:!?"), _FILE_ENDING.sub("", written)):
        if name.lower() in embeddings:
            rest = "" if _FILE_ENDING.fullmatch(written, len(name)) else written[len(name) :]
            return embeddings[name.lower()], rest
    known = ", ".join(sorted(embeddings)) or "none"
    raise ValueError(
        f"the prompt names the embedding '{written}', which is not there; there are: {known}. "
        "Put its file into the embeddings folder or take it out of the prompt"
    )


def _fill(units: Iterable[list[Piece] | None], room: int) -> list[list[Piece]]:
    """Distribute units over chunks of at most ``room`` pieces; there is always one chunk."""
    full: list[list[Piece]] = []
    chunk: list[Piece] = []
    for unit in units:
        if unit is None or room - len(chunk) < len(unit) < LONG:
            full.append(chunk)
            chunk = []
        rest = unit or []
        while len(rest) > room - len(chunk):
            taken = room - len(chunk)
            full.append(chunk + rest[:taken])
            chunk, rest = [], rest[taken:]
        chunk.extend(rest)
    return [*full, chunk] if chunk or not full else full


def _is(piece: Piece, token: int) -> bool:
    return not isinstance(piece[0], Tensor) and piece[0] == token


def _close(body: list[Piece], tokenizer: CLIPTokenizer) -> Chunk:
    """The pieces between start and end, padded."""
    padding = tokenizer.positions - 2 - len(body)
    return ((tokenizer.start, 1.0), *body, (tokenizer.end, 1.0), *[(tokenizer.pad, 1.0)] * padding)
