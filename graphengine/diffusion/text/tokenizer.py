"""CLIP's tokenizer: byte-pair encoding (Sennrich et al. 2016, arXiv:1508.07909) of lower-cased, repaired text.

The 49408 ids are, in this order: the 256 byte characters, the same ending a word, a symbol for each of the 48894
merges, the start and the end token. The merges lie beside this file and are read once, when first needed.
"""

import gzip
import html
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise

import ftfy
import regex

START = 49406
END = 49407
WORD_END = "</w>"
_WORD = regex.compile(r"'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+", regex.IGNORECASE)


@dataclass(frozen=True)
class CLIPTokenizer:
    """Text to ids, with the two ways of cleaning and padding there are.

    Attributes:
        pad: Fills up after the end token: the end token for OpenAI's encoders (SD1), 0 for OpenCLIP's (SD2).
        unescape: Resolve HTML entities, twice, as OpenCLIP does.
        start, end, positions: Of a row of ids.
    """

    pad: int = END
    unescape: bool = False
    start: int = START
    end: int = END
    positions: int = 77

    def ids(self, text: str) -> list[int]:
        """All ids of a text without start and end; a literal ``<|endoftext|>`` is text like any other."""
        return [token for word in _WORD.findall(self._clean(text)) for token in _word_ids(word)]

    def row(self, ids: list[int]) -> list[int]:
        """Start, as many ids as there is room for, end, padding: ``positions`` ids."""
        kept = [self.start, *ids[: self.positions - 2], self.end]
        return kept + [self.pad] * (self.positions - len(kept))

    def symbol(self, token: int) -> str:
        """A token's text, with a space if it ends a word; bytes that are no whole letter as ``\\x`` and two digits."""
        characters = _characters_to_bytes()
        symbol = _symbols()[token]
        body = symbol.removesuffix(WORD_END)
        text = bytes(characters[character] for character in body).decode(errors="backslashreplace")
        return text + " " * (body != symbol)

    def _clean(self, text: str) -> str:
        text = ftfy.fix_text(text)
        if self.unescape:
            text = html.unescape(html.unescape(text))
        return " ".join(text.split()).lower()


@lru_cache(maxsize=1 << 15)
def _word_ids(word: str) -> tuple[int, ...]:
    """Join the neighbours that were merged earliest in training, until no two neighbours were."""
    characters = _byte_characters()
    symbols = [characters[byte] for byte in word.encode()]
    symbols[-1] += WORD_END
    ranks = _ranks()
    while len(symbols) > 1:
        best = min(pairwise(symbols), key=lambda pair: ranks.get(pair, len(ranks)))
        if best not in ranks:
            break
        symbols = _merged(symbols, best)
    ids = _ids()
    return tuple(ids[symbol] for symbol in symbols)


def _merged(symbols: list[str], pair: tuple[str, str]) -> list[str]:
    """The symbols with every occurrence of the pair joined, from the left."""
    result: list[str] = []
    for symbol in symbols:
        if result and (result[-1], symbol) == pair:
            result[-1] += symbol
        else:
            result.append(symbol)
    return result


@cache
def _byte_characters() -> dict[int, str]:
    """A visible character for every byte: Latin-1's own where it has one, else the next from U+0100 on."""
    visible = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    hidden = sorted(set(range(256)) - set(visible))
    return {byte: chr(byte) for byte in visible} | {byte: chr(256 + index) for index, byte in enumerate(hidden)}


@cache
def _merges() -> list[tuple[str, str]]:
    packed = files("graphengine.diffusion.text").joinpath("clip_merges.txt.gz").read_bytes()
    pairs = (line.split(" ") for line in gzip.decompress(packed).decode().splitlines())
    return [(left, right) for left, right in pairs]


@cache
def _ranks() -> dict[tuple[str, str], int]:
    return {pair: rank for rank, pair in enumerate(_merges())}


@cache
def _symbols() -> list[str]:
    """The symbol of each id, without start and end."""
    characters = list(_byte_characters().values())
    return characters + [character + WORD_END for character in characters] + [a + b for a, b in _merges()]


@cache
def _ids() -> dict[str, int]:
    return {symbol: index for index, symbol in enumerate(_symbols())}


@cache
def _characters_to_bytes() -> dict[str, int]:
    return {character: byte for byte, character in _byte_characters().items()}
