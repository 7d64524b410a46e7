"""Changes of conditioning: tuples of ``Condition``, every one changed alike.

B batch, T tokens, D width of a token.
"""

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from graphengine.diffusion.types import Condition, Conditioning


def each(conditioning: Conditioning, **changes: Any) -> Conditioning:
    """Every condition with some fields changed."""
    return tuple(replace(condition, **changes) for condition in conditioning)


def average(to: Conditioning, source: Condition, strength: float) -> Conditioning:
    """Mix each condition's tokens, and pooled vector, with those of ``source``; ``strength`` 1 keeps them."""

    def mixed(condition: Condition) -> Condition:
        context = _lerp(_padded(source.context, condition.context.shape[1]), condition.context, strength)
        pooled = condition.pooled
        if source.pooled is not None:
            pooled = source.pooled if pooled is None else _lerp(source.pooled, pooled, strength)
        return replace(condition, context=context, pooled=pooled, tokens=())

    return tuple(mixed(condition) for condition in to)


def concat(to: Conditioning, source: Condition) -> Conditioning:
    """Each condition's tokens followed by those of ``source``."""

    def longer(condition: Condition) -> Condition:
        batch = max(len(condition.context), len(source.context))
        parts = [context.expand(batch, -1, -1) for context in (condition.context, source.context)]
        return replace(condition, context=torch.cat(parts, dim=1), tokens=condition.tokens + source.tokens)

    return tuple(longer(condition) for condition in to)


def zeroed(conditioning: Conditioning) -> Conditioning:
    """All tokens and pooled vectors zero."""
    return tuple(
        replace(
            condition,
            context=torch.zeros_like(condition.context),
            pooled=None if condition.pooled is None else torch.zeros_like(condition.pooled),
            tokens=(),
        )
        for condition in conditioning
    )


def _lerp(source: Tensor, to: Tensor, strength: float) -> Tensor:
    return to * strength + source * (1 - strength)


def _padded(context: Tensor, tokens: int) -> Tensor:
    return F.pad(context, (0, 0, 0, max(0, tokens - context.shape[1])))[:, :tokens]
