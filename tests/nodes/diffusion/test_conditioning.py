import pytest
import torch

from graphengine.api import NodeError
from graphengine.diffusion.types import Area, Condition


@pytest.fixture
def kinds(nodes):
    return nodes("diffusion", "conditioning")


def text(tokens=5, width=3, seed=0, pooled=False):
    generator = torch.Generator().manual_seed(seed)
    vector = torch.randn(1, 4, generator=generator) if pooled else None
    return (Condition(torch.randn(1, tokens, width, generator=generator), vector),)


def test_combined_conditions_stand_side_by_side(kinds):
    one, two = text(), text(seed=1)
    assert kinds.ConditioningCombine(one, two) == (*one, *two)


def test_an_average_pads_the_shorter_text_with_zeros(kinds):
    to, source = text(5, pooled=True), text(3, seed=1, pooled=True)
    (mixed,) = kinds.ConditioningAverage(to, source, 0.75)
    padded = torch.cat([source[0].context, torch.zeros(1, 2, 3)], dim=1)
    assert torch.allclose(mixed.context, to[0].context * 0.75 + padded * 0.25)
    assert torch.allclose(mixed.pooled, to[0].pooled * 0.75 + source[0].pooled * 0.25)
    (kept,) = kinds.ConditioningAverage(to, source, 1.0)
    assert torch.equal(kept.context, to[0].context)


def test_concatenated_texts_follow_each_other(kinds):
    to, source = text(5), text(3, seed=1)
    (joined,) = kinds.ConditioningConcat(to, source)
    assert torch.equal(joined.context, torch.cat([to[0].context, source[0].context], dim=1))


def test_areas_masks_and_times_are_set_on_every_condition(kinds):
    both = (*text(), *text(seed=1))
    for area in kinds.ConditioningSetArea(both, 128, 64, 8, 16, 0.5):
        assert (area.area, area.strength) == (Area(8, 16, 2, 1), 0.5)
    (area, _) = kinds.ConditioningSetAreaPercentage(both, 0.5, 0.25, 0.1, 0.2)
    assert area.area == Area(0.25, 0.5, 0.2, 0.1, fraction=True)
    (masked, _) = kinds.ConditioningSetMask(both, torch.ones(4, 4), 0.5, "mask bounds")
    assert (masked.mask.shape, masked.mask_strength, masked.mask_bounds) == ((1, 4, 4), 0.5, True)
    (again, _) = kinds.ConditioningSetArea((masked, masked), 128, 64)  # a rectangle after that takes its place
    assert (again.area, again.mask_bounds) == (Area(8, 16, 0, 0), False)
    assert [c.strength for c in kinds.ConditioningSetAreaStrength(both, 2.0)] == [2, 2]
    assert [(c.start, c.end) for c in kinds.ConditioningSetTimestepRange(both, 0.2, 0.6)] == [(0.2, 0.6)] * 2
    assert both[0].strength == 1 and both[0].area is None


def test_nothing_is_left_of_zeroed_conditioning_but_its_shape(kinds):
    (zero,) = kinds.ConditioningZeroOut(text(pooled=True))
    assert zero.context.shape == (1, 5, 3) and not zero.context.any() and not zero.pooled.any()


def test_bad_conditioning_is_refused(kinds):
    with pytest.raises(NodeError, match="'conditioning_from' holds no conditions"):
        kinds.ConditioningConcat(text(), ())
    with pytest.raises(NodeError, match="widths of 3 and 4"):
        kinds.ConditioningAverage(text(), text(width=4))
    with pytest.raises(NodeError, match=r"starts at 0\.8, after its end at 0\.2"):
        kinds.ConditioningSetTimestepRange(text(), 0.8, 0.2)
