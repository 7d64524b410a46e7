import pytest
import torch

from graphengine.diffusion.sampling.conditioning import Conditioned
from graphengine.diffusion.sampling.guidance import Guided, Passes
from graphengine.diffusion.types import Area, Residuals

from .worlds import SCHEDULE, Says, control, predictor, says

LIKE = torch.zeros(2, 4, 16, 24)
SIGMA = torch.full((2,), 3.0)


def estimate(*conditions, sigma=SIGMA, network=None, **options):
    conditioned = Conditioned(predictor(network or Says()), LIKE, **options)
    return conditioned(LIKE, sigma, conditioned.prepare(conditions))[0]


def middle_of(value):
    """A control network that adds a constant."""
    return lambda control: lambda x, timestep, context, vector: Residuals(middle=torch.full_like(x, value))


def test_conditions_everywhere_are_averaged_by_strength():
    torch.testing.assert_close(estimate(says(1.0, strength=3.0), says(5.0)), torch.full_like(LIKE, 2.0))


def test_the_network_sees_an_area_only_and_nothing_holds_elsewhere():
    network = Says()
    result = estimate(says(2.0, area=Area(8, 16, 4, 8)), network=network)
    assert network.calls == [(2, 4, 8, 16)]
    assert (result[..., 4:12, 8:24] == 2).all()
    assert result.abs().sum() == 2 * 2 * 4 * 8 * 16


def test_an_area_as_fractions_is_the_same_area_in_cells():
    cells = estimate(says(9.0, area=Area(8, 12, 4, 6)), says(1.0))
    fractions = estimate(says(9.0, area=Area(0.5, 0.5, 0.25, 0.25, fraction=True)), says(1.0))
    assert torch.equal(cells, fractions)


def test_the_edges_of_an_area_fade_inside_the_picture_but_not_at_its_border():
    result = estimate(says(1.0, area=Area(16, 12, 0, 0)), says(0.0))[0, 0]
    weight = result / (1 - result)  # of the area, against 1 of the other
    assert torch.allclose(weight[:, :9], torch.ones(16, 9))
    torch.testing.assert_close(weight[5, 9:12], torch.tensor([1.0, 2 / 3, 1 / 3]))


def test_an_area_outside_the_picture_is_an_error():
    with pytest.raises(ValueError, match="begins 99 cells down"):
        estimate(says(1.0, area=Area(8, 8, 99, 0)))


def test_a_mask_weighs_and_its_bounds_limit_what_the_network_sees():
    mask = torch.zeros(1, 16, 24)
    mask[:, 2:12, 3:15] = 1
    network = Says()
    result = estimate(says(4.0, mask=mask, mask_strength=0.5, mask_bounds=True), says(1.0), network=network)
    assert (2, 4, 10, 12) in network.calls
    torch.testing.assert_close(result[0, 0, 5, 5], torch.tensor((4 * 0.5 + 1) / 1.5))
    assert result[0, 0, 0, 0] == 1


def test_masks_are_resized_to_the_latents():
    mask = torch.zeros(128, 192)
    mask[:, :96] = 1
    result = estimate(says(3.0, mask=mask), says(1.0))
    assert result[0, 0, 8, 2] == 2
    assert result[0, 0, 8, 20] == 1


def test_a_condition_holds_in_its_part_of_the_schedule():
    middle = SCHEDULE.percent_to_sigma(0.5)
    both = says(1.0, end=0.5), says(2.0, start=0.5)
    assert estimate(*both, sigma=torch.full((2,), middle * 1.1)).unique().tolist() == [1]
    assert estimate(*both, sigma=torch.full((2,), middle / 1.1)).unique().tolist() == [2]
    assert estimate(*both, sigma=torch.full((2,), middle)).unique().tolist() == [1.5]


@pytest.mark.parametrize("batched", [True, False, lambda rows, height, width: rows <= 4])
def test_conditions_batch_with_contexts_of_any_length_or_are_made_one_by_one(batched):
    network = Says()
    conditions = says(1.0, 2), says(2.0, 3), says(6.0, 2)
    result = estimate(*conditions, network=network, batched=batched)
    torch.testing.assert_close(result, torch.full_like(LIKE, 3.0))
    rows = [call[0] for call in network.calls]
    assert rows == ([6] if batched is True else [2, 2, 2] if batched is False else [4, 2])


def test_residuals_of_several_controls_are_summed_each_times_its_strength():
    bind = middle_of(1.0)
    result = estimate(says(0.0, controls=(control(0.5), control(2.0), control(0.0))), bind=bind)
    assert result.unique().tolist() == [2.5]


def test_a_control_works_in_its_part_of_the_schedule():
    early = says(0.0, controls=(control(end=0.5),))
    levels = [SCHEDULE.percent_to_sigma(0.4), SCHEDULE.percent_to_sigma(0.6)]
    results = [estimate(early, sigma=torch.full((2,), level), bind=middle_of(1.0)) for level in levels]
    assert [result.unique().tolist() for result in results] == [[1], [0]]


def test_an_averaging_control_adds_its_spatial_mean():
    def ramp(control):
        return lambda x, *_: Residuals(middle=torch.arange(24.0).expand_as(x))

    assert estimate(says(0.0, controls=(control(average=True),)), bind=ramp).unique().tolist() == [11.5]


def test_a_control_without_a_binder_is_an_error():
    with pytest.raises(ValueError, match="bind_control"):
        estimate(says(0.0, controls=(control(),)))


def guided(scale, network, **options):
    conditioned = Conditioned(predictor(network), LIKE)
    sides = conditioned.prepare((says(3.0),)), conditioned.prepare((says(1.0),))
    return Guided(conditioned, *sides, scale, **options)


def test_guidance_goes_beyond_the_positive_and_makes_one_pass_at_scale_one():
    network = Says()
    assert guided(4.0, network)(LIKE, SIGMA).unique().tolist() == [9]
    assert guided(1.0, network)(LIKE, SIGMA).unique().tolist() == [3]
    assert [call[0] for call in network.calls] == [4, 2]


def test_the_negative_estimate_is_kept_for_those_who_need_it():
    always = guided(1.0, Says(), always_negative=True)
    assert always(LIKE, SIGMA).unique().tolist() == [3]
    assert always.negative_estimate.unique().tolist() == [1]


def test_a_guider_sees_the_passes_and_can_make_another():
    network = Says()

    def average(passes: Passes):
        return (passes.positive + passes.negative + passes.again(())) / passes.scale

    assert guided(7.0, network, guider=average)(LIKE, SIGMA).unique().tolist() == [1]
    assert len(network.calls) == 2
