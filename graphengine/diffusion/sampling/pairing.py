"""What the positive and the negative conditions take over from each other, as in ComfyUI."""

from dataclasses import replace

from graphengine.diffusion.sampling.regions import Region, in_bounds, region_of
from graphengine.diffusion.types import Condition, Conditioning


def paired(
    positive: Conditioning, negative: Conditioning, height: int, width: int
) -> tuple[Conditioning, Conditioning]:
    """Give each side what guidance needs to compare like with like.

    For every condition of one side that holds in an area, or in the bounds of its mask, the other side gets one for the
    same area, with the text of the smallest of its own that covers it: the network is shown the same crop in both
    passes. Controls of positive conditions that hold everywhere are also applied to the negative, unless they are
    ``positive_only`` or the negative has controls of its own.
    """
    positive, negative = (tuple(in_bounds(one, height, width) for one in side) for side in (positive, negative))
    if not positive or not negative:
        return positive, negative
    more_negative = _matched(negative, positive, height, width)
    more_positive = _matched(positive, negative, height, width)
    return positive + more_positive, _controlled(negative, positive) + more_negative


def _matched(own: Conditioning, others: Conditioning, height: int, width: int) -> Conditioning:
    """What ``own`` lacks to hold in every area that ``others`` hold in."""
    added: Conditioning = ()
    for other in others:
        if other.area is None:
            continue
        region = region_of(other, height, width)
        covering = [(_area_of(one, height, width), one) for one in own + added]
        covering = [(place, one) for place, one in covering if place.contains(region)]
        if not covering:
            continue
        place, smallest = min(covering, key=lambda pair: pair[0].height * pair[0].width)
        if smallest.area is None or place != region:
            controls = tuple(control for control in other.controls if not control.positive_only)
            shown = replace(other, context=smallest.context, pooled=smallest.pooled, concat=smallest.concat)
            added += (replace(shown, controls=controls, extra=smallest.extra),)
    return added


def _area_of(condition: Condition, height: int, width: int) -> Region:
    return region_of(replace(condition, mask=None), height, width)


def _controlled(negative: Conditioning, positive: Conditioning) -> Conditioning:
    """The negative conditions, those that hold everywhere with the controls carried over from the positive."""
    everywhere = [place for place, one in enumerate(negative) if one.area is None]
    carried = [
        tuple(control for control in one.controls if not control.positive_only) for one in positive if one.area is None
    ]
    carried = [controls for controls in carried if controls]
    if not everywhere or any(negative[place].controls for place in everywhere):
        return negative
    given = list(negative)
    for place, controls in zip(everywhere, carried, strict=False):
        given[place] = replace(given[place], controls=controls)
    return tuple(given)
