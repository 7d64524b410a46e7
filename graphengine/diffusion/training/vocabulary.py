"""A text encoder's embedding cut down to the words it is trained with, and spread over the whole vocabulary again."""

from collections.abc import Sequence
from functools import cached_property
from typing import Protocol

import torch
from torch import Tensor

from graphengine.diffusion.text.tokenizer import CLIPTokenizer

FULL_SIZE = 49408


class Vocabulary(Protocol):
    """How texts become rows of an embedding."""

    def encode(self, texts: Sequence[str]) -> Tensor:
        """Rows of B texts with start, end and padding: B x 77."""


class WholeVocabulary:
    """One row for every token."""

    def __init__(self, tokenizer: CLIPTokenizer | None = None) -> None:
        self.tokenizer = tokenizer or CLIPTokenizer()

    def encode(self, texts: Sequence[str]) -> Tensor:
        return torch.tensor([self.tokenizer.row(self.tokenizer.ids(text)) for text in texts])


class CompactVocabulary:
    """One row for each token that some words are made of, and a last row for every token unknown to them."""

    def __init__(self, words: Sequence[str], tokenizer: CLIPTokenizer | None = None) -> None:
        self.tokenizer = tokenizer or CLIPTokenizer()
        found = {token for word in words for token in self.tokenizer.ids(word)}
        self.known = sorted(found | {self.tokenizer.start, self.tokenizer.end})

    def __len__(self) -> int:
        return len(self.known) + 1

    @cached_property
    def _row_of(self) -> dict[int, int]:
        return {token: row for row, token in enumerate(self.known)}

    def encode(self, texts: Sequence[str]) -> Tensor:
        """Rows of B texts with start, end and padding: B x 77."""
        unknown = len(self.known)
        ids = (self.tokenizer.row(self.tokenizer.ids(text)) for text in texts)
        return torch.tensor([[self._row_of.get(token, unknown) for token in row] for row in ids])

    def expand(self, table: Tensor) -> Tensor:
        """The embedding of the whole vocabulary, 49408 x D, from the trained rows; unknown tokens share one."""
        full = table[-1].expand(FULL_SIZE, -1).clone()
        full[self.known] = table[:-1]
        return full

    def compress(self, full: Tensor) -> Tensor:
        """The rows to train of a whole embedding; that of the first unknown token stands for all of them."""
        return full[[*self.known, self._first_unknown]]

    def restore(self, full: Tensor, table: Tensor) -> Tensor:
        """A whole embedding with its rows as they were trained; unknown tokens that shared one row still do."""
        shared = (full == full[self._first_unknown]).all(1, keepdim=True)
        result = torch.where(shared, table[-1], full)
        result[self.known] = table[:-1]
        return result

    @property
    def _first_unknown(self) -> int:
        return next(token for token in range(FULL_SIZE) if token not in self._row_of)
