"""Texts to conditioning through a text encoder that is not loaded yet."""

from collections.abc import Mapping
from typing import cast

import torch

from graphengine.diffusion.residency import Residency
from graphengine.diffusion.text.clip import CLIPText
from graphengine.diffusion.text.encode import encode
from graphengine.diffusion.text.prompt import tokenize
from graphengine.diffusion.text.tokenizer import CLIPTokenizer
from graphengine.diffusion.types import Condition, Conditioning, TextEncoder

TOKENIZERS: Mapping[str, CLIPTokenizer] = {"sd1": CLIPTokenizer(), "sd2": CLIPTokenizer(pad=0)}


def encode_text(text: str, clip: TextEncoder, devices: Residency) -> Conditioning:
    """The condition of one weighted prompt, on the CPU in float32.

    Raises:
        ValueError: The prompt names an embedding that is not there, or the encoder has fewer layers than ``skip``.
    """
    tokenizer = TOKENIZERS[clip.family]
    prompt = tokenize(text, tokenizer, clip.embeddings)
    with devices.use(clip.part) as network, torch.no_grad():
        context, pooled = encode(cast(CLIPText, network), prompt, clip.skip)
    return (Condition(context.float().cpu(), pooled.float().cpu(), tokens=prompt.tokens(tokenizer)),)
