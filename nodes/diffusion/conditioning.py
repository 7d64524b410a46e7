"""Conditioning combined, and where, when and how strongly it holds."""

from typing import Annotated, Literal

from graphengine.api import NodeError, Range, node
from graphengine.diffusion import conditioning as ops
from graphengine.diffusion.types import Area
from graphengine.ports import Conditioning, Mask

from .values import CELL, first_condition, masks

Share = Annotated[float, Range(0.0, 1.0, 0.01)]
Strength = Annotated[float, Range(0.0, 10.0, 0.01)]
Moment = Annotated[float, Range(0.0, 1.0, 0.001)]


@node(category="conditioning", title="Conditioning (Combine)")
def ConditioningCombine(conditioning_1: Conditioning, conditioning_2: Conditioning) -> Conditioning:
    """Let both hold; where they overlap, their predictions are averaged by strength."""
    return conditioning_1 + conditioning_2


@node(category="conditioning", title="Conditioning (Average)")
def ConditioningAverage(
    conditioning_to: Conditioning, conditioning_from: Conditioning, conditioning_to_strength: Share = 1.0
) -> Conditioning:
    """Mix the tokens of two texts.

    Args:
        conditioning_to: What is changed, and says where and when the mixture holds.
        conditioning_from: Its first condition is mixed in.
        conditioning_to_strength: 1 keeps conditioning_to, 0 takes the tokens of the other.
    """
    source = first_condition(conditioning_from, "conditioning_from")
    _check_width(conditioning_to, source.context.shape[-1])
    return ops.average(conditioning_to, source, conditioning_to_strength)


@node(category="conditioning", title="Conditioning (Concat)")
def ConditioningConcat(conditioning_to: Conditioning, conditioning_from: Conditioning) -> Conditioning:
    """Put the tokens of one text behind those of another.

    Args:
        conditioning_to: Comes first, and says where and when they hold.
        conditioning_from: Its first condition comes second.
    """
    source = first_condition(conditioning_from, "conditioning_from")
    _check_width(conditioning_to, source.context.shape[-1])
    return ops.concat(conditioning_to, source)


@node(category="conditioning", title="Conditioning (Set Area)")
def ConditioningSetArea(
    conditioning: Conditioning,
    width: Annotated[int, Range(64, 16384, 8)] = 64,
    height: Annotated[int, Range(64, 16384, 8)] = 64,
    x: Annotated[int, Range(0, 16384, 8)] = 0,
    y: Annotated[int, Range(0, 16384, 8)] = 0,
    strength: Strength = 1.0,
) -> Conditioning:
    """Let conditioning hold in a rectangle only.

    Args:
        width, height: Of the rectangle, in pixels.
        x: Of its left edge.
        y: Of its upper edge.
        strength: Weight where several overlap.
    """
    area = Area(height // CELL, width // CELL, y // CELL, x // CELL)
    return ops.each(conditioning, area=area, strength=strength, mask_bounds=False)


@node(category="conditioning", title="Conditioning (Set Area with Percentage)")
def ConditioningSetAreaPercentage(
    conditioning: Conditioning,
    width: Share = 1.0,
    height: Share = 1.0,
    x: Share = 0.0,
    y: Share = 0.0,
    strength: Strength = 1.0,
) -> Conditioning:
    """Let conditioning hold in a rectangle only, given as shares of the picture.

    Args:
        width, height: Of the rectangle; 1 is the whole picture.
        x: Of its left edge.
        y: Of its upper edge.
        strength: Weight where several overlap.
    """
    area = Area(height, width, y, x, fraction=True)
    return ops.each(conditioning, area=area, strength=strength, mask_bounds=False)


@node(category="conditioning")
def ConditioningSetAreaStrength(conditioning: Conditioning, strength: Strength = 1.0) -> Conditioning:
    """Change how much conditioning weighs where several overlap.

    Args:
        strength: The weight.
    """
    return ops.each(conditioning, strength=strength)


@node(category="conditioning", title="Conditioning (Set Mask)")
def ConditioningSetMask(
    conditioning: Conditioning,
    mask: Mask,
    strength: Strength = 1.0,
    set_cond_area: Literal["default", "mask bounds"] = "default",
) -> Conditioning:
    """Let conditioning hold where a mask is above 0, as strongly as it is.

    Args:
        mask: Of any size.
        strength: Factor of the mask.
        set_cond_area: Whether the model looks at the whole picture, or only at the box around the mask.
    """
    bounds = set_cond_area == "mask bounds"
    return ops.each(conditioning, mask=masks(mask), mask_strength=strength, mask_bounds=bounds)


@node(category="advanced/conditioning")
def ConditioningSetTimestepRange(conditioning: Conditioning, start: Moment = 0.0, end: Moment = 1.0) -> Conditioning:
    """Let conditioning hold in a part of the schedule only.

    Args:
        start: Where it begins; 0 is the noisiest step.
        end: Where it ends; 1 is the last step.
    """
    if start > end:
        raise NodeError(f"The range starts at {start}, after its end at {end}.", "Exchange them.", input="start")
    return ops.each(conditioning, start=start, end=end)


@node(category="advanced/conditioning")
def ConditioningZeroOut(conditioning: Conditioning) -> Conditioning:
    """Conditioning of which nothing is left but its shape, as models trained with empty texts expect."""
    return ops.zeroed(conditioning)


def _check_width(to: Conditioning, width: int) -> None:
    for condition in to:
        if condition.context.shape[-1] != width:
            raise NodeError(
                f"The tokens have widths of {condition.context.shape[-1]} and {width}.",
                "Encode both texts with the same text encoder.",
                input="conditioning_from",
            )
