import torch

from graphengine.diffusion.sampling.pairing import paired
from graphengine.diffusion.types import Area

from .worlds import control, says


def test_an_area_of_the_positive_gets_a_negative_of_the_same_area():
    left = Area(16, 8, 0, 0)
    positive, negative = paired((says(1.0), says(2.0, area=left, strength=0.7)), (says(-1.0),), 16, 16)
    assert len(positive) == 2
    assert negative[1].area == left
    assert negative[1].strength == 0.7
    assert negative[1].context.unique().tolist() == [-1]


def test_the_text_for_an_area_is_that_of_the_smallest_condition_around_it():
    around, inside = Area(12, 12, 0, 0), Area(8, 8, 2, 2)
    _, negative = paired((says(1.0, area=inside),), (says(-1.0), says(-2.0, area=around)), 16, 16)
    assert negative[-1].area == inside
    assert negative[-1].context.unique().tolist() == [-2]


def test_the_bounds_of_a_mask_are_an_area_for_the_other_side_too():
    mask = torch.zeros(1, 16, 16)
    mask[:, 2:12, 4:14] = 1
    bounded = says(2.0, mask=mask, mask_bounds=True)
    as_area = says(2.0, mask=mask, area=Area(10, 10, 2, 4))
    negative = paired((says(1.0), bounded), (says(-1.0),), 16, 16)[1]
    wanted = paired((says(1.0), as_area), (says(-1.0),), 16, 16)[1]
    assert [one.area for one in negative] == [one.area for one in wanted] == [None, Area(10, 10, 2, 4)]
    assert negative[1].context.unique().tolist() == [-1]


def test_equal_areas_need_no_more_conditions():
    area = Area(8, 8, 0, 0)
    sides = (says(1.0, area=area),), (says(-1.0, area=area),)
    assert paired(*sides, 16, 16) == sides


def test_controls_are_carried_over_to_a_negative_that_has_none():
    both, one_sided = control(), control(positive_only=True)
    _, negative = paired((says(1.0, controls=(both, one_sided)),), (says(-1.0),), 16, 16)
    assert negative[0].controls == (both,)
    own = control()
    _, negative = paired((says(1.0, controls=(both,)),), (says(-1.0, controls=(own,)),), 16, 16)
    assert negative[0].controls == (own,)
