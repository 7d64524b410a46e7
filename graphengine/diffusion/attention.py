"""Scaled dot-product attention on plain token sequences.

B batch, L query tokens, S key tokens, H heads, K width of a head
"""

import torch
from torch import Tensor
from torch.nn import functional as F


def attention(
    q: Tensor, k: Tensor, v: Tensor, heads: int, *, causal: bool = False, fused: bool | None = None
) -> Tensor:
    """Attend from ``q`` (B x L x HK) to ``k`` and ``v`` (B x S x HK); the result is shaped like ``q``.

    Args:
        heads: How many heads the width is split into; the scores are scaled by the width of a head ** -0.5.
        causal: Let position i see positions up to i only (L = S).
        fused: Use torch's fused kernel. None does so except for training on a CPU, where the fused backward pass takes
            three times as long as matrix products do.
    """
    q, k, v = (x.unflatten(-1, (heads, -1)).transpose(1, 2) for x in (q, k, v))
    if fused is None:
        fused = not (q.device.type == "cpu" and torch.is_grad_enabled() and q.requires_grad)
    attend = F.scaled_dot_product_attention(q, k, v, is_causal=causal) if fused else _softmax_attention(q, k, v, causal)
    return attend.transpose(1, 2).flatten(2)


def _softmax_attention(q: Tensor, k: Tensor, v: Tensor, causal: bool) -> Tensor:
    scores = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2)
    if causal:
        future = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).triu(1)
        scores = scores.masked_fill(future, float("-inf"))
    return scores.softmax(dim=-1).to(v.dtype) @ v
