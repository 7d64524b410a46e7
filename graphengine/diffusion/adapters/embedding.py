"""Textual inversion: learned vectors that stand in the place of a token (Gal et al. 2022, arXiv:2208.01618)."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import Tensor

from graphengine.diffusion.types import TextEncoder
from graphengine.diffusion.weights.errors import WeightsError
from graphengine.diffusion.weights.header import is_safetensors
from graphengine.diffusion.weights.mapped import open_safetensors
from graphengine.diffusion.weights.pickled import load_pickle

TOWERS = frozenset({"clip_l", "clip_g", "t5xxl"})


def read_embedding(path: str | os.PathLike[str]) -> dict[str, Tensor]:
    """The vectors of a textual-inversion file, N x D float32 for each text encoder it knows.

    Text encoders are called clip_l, clip_g and t5xxl; a file that names none has vectors for the only one there is,
    clip_l.

    Raises:
        WeightsError: The file is no textual inversion.
    """
    path = Path(path)
    if is_safetensors(path):
        named: Any = {name: stored.read() for name, stored in open_safetensors(path).items()}
    else:
        named = load_pickle(path)
    if isinstance(named, Mapping):
        named = named.get("string_to_param", named)
        tensors = {name: value for name, value in named.items() if isinstance(value, Tensor) and value.dim() in (1, 2)}
        towers = {name: value for name, value in tensors.items() if name in TOWERS}
        if not towers and len(tensors) == 1:
            towers = {"clip_l": next(iter(tensors.values()))}
        if towers:
            return {name: value.detach().float().reshape(-1, value.shape[-1]).clone() for name, value in towers.items()}
    raise WeightsError(
        f"{path} is not a textual inversion: it should hold one table of vectors, or one each for "
        f"{', '.join(sorted(TOWERS))}. Check that it is not a LoRA or a hypernetwork."
    )


def with_embedding(clip: TextEncoder, name: str, vectors: Tensor) -> TextEncoder:
    """A text encoder that knows ``embedding:name``.

    Args:
        clip: The text encoder.
        name: As prompts write it; case does not matter.
        vectors: N x D, for N consecutive tokens.

    Raises:
        WeightsError: The vectors are not as wide as the encoder's tokens.
    """
    width = clip.part.weights["text_model.embeddings.token_embedding.weight"].shape[1]
    if vectors.shape[-1] != width:
        raise WeightsError(
            f"embedding {name!r} has vectors of width {vectors.shape[-1]}, but {clip.part.name} takes {width}. "
            "It was made for another family."
        )
    return replace(clip, embeddings={**clip.embeddings, name.lower(): vectors})
