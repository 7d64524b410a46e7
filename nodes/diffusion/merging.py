"""Two models as one, weight by weight."""

from dataclasses import replace
from typing import Annotated

from graphengine.api import NodeError, Range, node
from graphengine.diffusion.adapters.merge import Shares, merged
from graphengine.diffusion.types import Part
from graphengine.ports import Clip, Model

Ratio = Annotated[float, Range(0.0, 1.0, 0.01)]
Multiplier = Annotated[float, Range(-10.0, 10.0, 0.01)]


@node(category="advanced/model_merging")
def ModelMergeSimple(model1: Model, model2: Model, ratio: Ratio = 1.0) -> Model:
    """Mix two models.

    Args:
        ratio: Share of the first; the rest is the second.
    """
    return replace(model1, part=_mixed(model1.part, model2.part, _everywhere(ratio, 1 - ratio), "model2"))


@node(category="advanced/model_merging")
def ModelMergeAdd(model1: Model, model2: Model) -> Model:
    """Add the weights of a model to those of another, such as a difference that ModelMergeSubtract made."""
    return replace(model1, part=_mixed(model1.part, model2.part, _everywhere(1.0, 1.0), "model2"))


@node(category="advanced/model_merging")
def ModelMergeSubtract(model1: Model, model2: Model, multiplier: Multiplier = 1.0) -> Model:
    """The difference of two models, to be added to a third.

    Args:
        multiplier: Factor of the difference.
    """
    return replace(model1, part=_mixed(model1.part, model2.part, _everywhere(multiplier, -multiplier), "model2"))


@node(category="advanced/model_merging")
def ModelMergeBlocks(model1: Model, model2: Model, input: Ratio = 1.0, middle: Ratio = 1.0, out: Ratio = 1.0) -> Model:
    """Mix two models, each part of the network for itself.

    Args:
        input: Share of the first in the blocks that go down, and in all that is in no block.
        middle: Share of the first in the middle block.
        out: Share of the first in the blocks that go up, and in the output.
    """
    ratios = {"middle": middle, "out": out}

    def shares(name: str) -> tuple[float, float]:
        ratio = next((ratio for start, ratio in ratios.items() if name.startswith(start)), input)
        return ratio, 1 - ratio

    return replace(model1, part=_mixed(model1.part, model2.part, shares, "model2"))


@node(category="advanced/model_merging")
def CLIPMergeSimple(clip1: Clip, clip2: Clip, ratio: Ratio = 1.0) -> Clip:
    """Mix two text encoders.

    Args:
        ratio: Share of the first; the rest is the second.
    """
    return replace(clip1, part=_mixed(clip1.part, clip2.part, _everywhere(ratio, 1 - ratio), "clip2"))


@node(category="advanced/model_merging")
def CLIPMergeAdd(clip1: Clip, clip2: Clip) -> Clip:
    """Add the weights of a text encoder to those of another."""
    return replace(clip1, part=_mixed(clip1.part, clip2.part, _everywhere(1.0, 1.0), "clip2"))


@node(category="advanced/model_merging")
def CLIPMergeSubtract(clip1: Clip, clip2: Clip, multiplier: Multiplier = 1.0) -> Clip:
    """The difference of two text encoders, to be added to a third.

    Args:
        multiplier: Factor of the difference.
    """
    return replace(clip1, part=_mixed(clip1.part, clip2.part, _everywhere(multiplier, -multiplier), "clip2"))


def _everywhere(own: float, others: float) -> Shares:
    return lambda name: (own, others)


def _mixed(part: Part, other: Part, shares: Shares, name: str) -> Part:
    try:
        return merged(part, other, shares)
    except ValueError as error:
        raise NodeError(f"{error}.", "Merge models of one family.", input=name) from error
