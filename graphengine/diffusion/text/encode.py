"""Encode chunked, weighted prompts with a CLIP text encoder.

C chunks, T = 77 positions, D width, P width of the pooled vector
"""

import torch
from torch import Tensor

from graphengine.diffusion.text.clip import CLIPText, Replacement
from graphengine.diffusion.text.prompt import Chunk, Prompt


def encode(clip: CLIPText, prompt: Prompt, skip: int = 1, *, final_norm: bool = True) -> tuple[Tensor, Tensor]:
    """The context 1 x CT x D of a prompt and the pooled vector 1 x P of its first chunk.

    A weight moves a token's vector away from that of the empty prompt at the same position, or towards it, as in
    ComfyUI. The chunks are encoded as one batch and joined along the sequence.

    Args:
        skip: Take the state this many layers from the end; 1 is the last.
        final_norm: Apply the encoder's last norm to it (SD1 and SD2 do, SDXL does not).

    Raises:
        ValueError: The encoder has fewer layers than ``skip``, or an embedding has another width.
    """
    device = clip.text_model.final_layer_norm.weight.device
    weights = torch.tensor([[weight for _, weight in chunk] for chunk in prompt.chunks], device=device)
    weighted = bool((weights != 1).any())
    chunks = [*prompt.chunks, prompt.empty] if weighted else list(prompt.chunks)
    tokens = torch.tensor([[0 if isinstance(value, Tensor) else value for value, _ in chunk] for chunk in chunks])
    tokens = tokens.to(device)
    states = clip(tokens, _replacements(chunks))
    context = clip.context(states, skip) if final_norm else states[-skip]
    if weighted:
        context = apply_weights(context[:-1], context[-1:], weights)
    return context.flatten(0, 1)[None], clip.pooled(states, tokens)[:1]


def apply_weights(context: Tensor, empty: Tensor, weights: Tensor) -> Tensor:
    """``empty + weight * (context - empty)`` at each position; where the weight is 1, exactly ``context``.

    Args:
        context: C x T x D.
        empty: 1 x T x D, the empty prompt's.
        weights: C x T.
    """
    weights = weights[..., None].to(context.dtype)
    return torch.where(weights == 1, context, empty + weights * (context - empty))


def _replacements(chunks: list[Chunk]) -> list[Replacement]:
    return [
        (row, position, value[None])
        for row, chunk in enumerate(chunks)
        for position, (value, _) in enumerate(chunk)
        if isinstance(value, Tensor)
    ]
