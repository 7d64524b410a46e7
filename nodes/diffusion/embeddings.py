"""Textual inversions that a prompt names."""

import re
from pathlib import PurePosixPath

from graphengine.api import Files
from graphengine.diffusion.adapters.embedding import read_embedding, with_embedding
from graphengine.diffusion.types import TextEncoder

from .reading import reading

NAMED = re.compile(r"embedding:([^\s,()]+)", re.IGNORECASE)
TOWER = "clip_l"


def with_embeddings(clip: TextEncoder, text: str, files: Files) -> TextEncoder:
    """A text encoder that knows the embeddings that a prompt names; those that are not there are left out."""
    wanted = {name.lower() for name in NAMED.findall(text)}
    if not wanted:
        return clip
    for file in files.names("embeddings"):
        name = PurePosixPath(file.replace("\\", "/")).with_suffix("").as_posix()
        if any(asked.startswith(name.lower()) for asked in wanted):
            with reading("text"):
                vectors = read_embedding(files.model("embeddings", file))
                clip = with_embedding(clip, name, vectors[TOWER]) if TOWER in vectors else clip
    return clip
