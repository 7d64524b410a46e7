"""Texts encoded."""

from dataclasses import replace
from typing import Annotated

from graphengine.api import Files, Mentions, NodeError, Range, Text, node
from graphengine.diffusion.residency import Residency
from graphengine.diffusion.text.conditioning import encode_text
from graphengine.ports import Clip, Conditioning

from .embeddings import with_embeddings

Prompt = Annotated[Text, Mentions("embeddings")]


@node(category="conditioning", title="CLIP Text Encode (Prompt)", resource="device")
def CLIPTextEncode(clip: Clip, text: Prompt = "", *, files: Files, devices: Residency) -> Conditioning:
    """Encode a prompt.

    (word) weighs more, (word:1.3) by that factor; \\( is a bracket; embedding:name is a textual inversion.

    Args:
        text: What the picture is to show.
    """
    try:
        return encode_text(text, with_embeddings(clip, text, files), devices)
    except ValueError as error:
        raise NodeError(f"The text cannot be encoded: {error}.", input="text") from error


@node(category="conditioning", title="CLIP Set Last Layer")
def CLIPSetLastLayer(clip: Clip, stop_at_clip_layer: Annotated[int, Range(-24, -1, 1)] = -1) -> Clip:
    """Take the text from an earlier layer of the text encoder ("CLIP skip").

    Args:
        stop_at_clip_layer: -1 is the last, -2 the one before.
    """
    return replace(clip, skip=-stop_at_clip_layer)
