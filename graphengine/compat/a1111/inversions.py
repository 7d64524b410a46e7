"""Textual inversions: there a word of the prompt like any other, here ``embedding:name``."""

import re
from collections.abc import Sequence

MOST = 100  # of a picture
UNSAYABLE = re.compile(r"[\s,()]")  # in a name in a prompt


def inversions_of(hashes: str) -> list[str]:
    """The names in ``name: hash, name: hash``."""
    return [name for name in (pair.rpartition(":")[0].strip() for pair in hashes.split(",")[:MOST]) if name]


def named(words: str, names: Sequence[str], used: set[str]) -> str:
    """Words with the inversions among them named as such; those that are there are noted in ``used``."""
    own = {name.lower(): name for name in names}
    longest_first = "|".join(map(re.escape, sorted(own, key=len, reverse=True)))

    def embedding(word: re.Match[str]) -> str:
        name = own[word[0].lower()]
        used.add(name)
        if UNSAYABLE.search(name):
            return word[0]
        return f"embedding:{name}{' ' if words[word.end() : word.end() + 1].strip(' ,') else ''}"

    return re.sub(rf"(?<!\w)(?<!embedding:)(?:{longest_first})(?!\w)", embedding, words, flags=re.IGNORECASE)
