import math

import pytest
import torch
from scipy.stats import beta as scipy_beta
from scipy.stats import laplace as scipy_laplace

from graphengine.diffusion.sampling import schedules
from graphengine.diffusion.sampling.beta import beta_quantile
from graphengine.diffusion.sampling.discrete import DiscreteSchedule, alphas_cumprod_of, make_betas
from graphengine.diffusion.sampling.samplers import SAMPLERS
from graphengine.diffusion.sampling.schedules import SCHEDULES
from graphengine.diffusion.sampling.timeline import between_steps, sigmas_for


@pytest.fixture(scope="module")
def discrete():
    return DiscreteSchedule(alphas_cumprod_of(make_betas("linear")))


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("steps", [1, 2, 7, 20])
def test_every_schedule_falls_to_zero(discrete, name, steps):
    sigmas = SCHEDULES[name](discrete, steps)
    assert sigmas.dtype == torch.float32
    assert sigmas[-1] == 0
    assert (sigmas.diff() < 0).all()
    assert len(sigmas) >= steps + 1


def test_schedules_over_the_models_range_begin_at_its_highest_level(discrete):
    begins = {name: float(schedule(discrete, 20)[0]) for name, schedule in SCHEDULES.items()}
    del begins["vp"], begins["ddim_uniform"]  # the first has a range of its own, the second a stride
    assert begins == pytest.approx(dict.fromkeys(begins, discrete.sigma_max), rel=1e-5)


def test_ddim_uniform_visits_the_steps_of_ddim(discrete):
    sigmas = SCHEDULES["ddim_uniform"](discrete, 20)
    assert torch.equal(sigmas[:-1].flip(0), discrete.sigmas[torch.arange(1, 1000, 50)])


def test_sgm_uniform_is_the_normal_schedule_of_one_more_step_without_its_last_level(discrete):
    longer = SCHEDULES["normal"](discrete, 11)
    assert torch.equal(SCHEDULES["sgm_uniform"](discrete, 10)[:-1], longer[:-2])


def test_laplace_levels_are_quantiles_of_a_laplace_distribution():
    sigmas = schedules.laplace(101, 1e-3, 1e3, mu=0.3, beta=0.7)
    expected = scipy_laplace.ppf([1 - place / 100 for place in range(10, 91)], 0.3, 0.7)
    assert sigmas.log()[10:91].tolist() == pytest.approx(list(expected), abs=1e-3)
    assert schedules.laplace(5, 0.1, 10.0).tolist() == pytest.approx([10.0, 2**0.5, 1.0, 0.5**0.5, 0.1], rel=1e-4)


def test_linear_quadratic_removes_the_threshold_in_the_first_half():
    sigmas = schedules.linear_quadratic(10, sigma_max=1.0, threshold=0.025)
    assert float(sigmas[5]) == pytest.approx(1 - 0.025)
    assert sigmas[:6].diff().tolist() == pytest.approx([-0.005] * 5, abs=1e-6)
    assert sigmas[5:].diff().diff().tolist() == pytest.approx([float(sigmas[5:].diff().diff()[0])] * 4, abs=1e-6)


@pytest.mark.parametrize(("a", "b"), [(0.6, 0.6), (0.5, 2.0), (3.0, 1.5), (0.01, 0.01), (50.0, 50.0), (0.01, 50.0)])
def test_beta_quantiles_are_scipys(a, b):
    for probability in (0.0, 1e-4, 0.05, 0.3, 0.5, 0.77, 0.999, 1.0):
        assert beta_quantile(probability, a, b) == pytest.approx(float(scipy_beta.ppf(probability, a, b)), abs=1e-9)


def test_timesteps_and_noise_levels_are_each_others_inverse(discrete):
    t = torch.tensor([0.0, 0.25, 10.5, 500.0, 998.75, 999.0])
    torch.testing.assert_close(discrete.sigma_to_t(discrete.t_to_sigma(t)), t, atol=1e-2, rtol=0)
    assert discrete.sigma_to_t(discrete.sigmas[[3, 700]], quantize=True).tolist() == [3, 700]
    assert discrete.sigma_to_t(torch.tensor([1e-6, 1e6])).tolist() == [0, 999]


def test_percentages_run_from_infinite_noise_to_none(discrete):
    assert discrete.percent_to_sigma(0.0) == math.inf
    assert discrete.percent_to_sigma(1.0) == 0.0
    assert discrete.percent_to_sigma(0.5) == pytest.approx(float(discrete.t_to_sigma(torch.tensor(499.5))))


def test_less_denoising_is_the_end_of_a_longer_schedule(discrete):
    sigmas = sigmas_for(discrete, SCHEDULES["karras"], 6, denoise=0.5)
    assert torch.equal(sigmas, SCHEDULES["karras"](discrete, 12)[-7:])
    assert len(sigmas_for(discrete, SCHEDULES["karras"], 6, denoise=0.0)) == 0


def test_samplers_that_skip_the_penultimate_level_keep_their_number_of_steps(discrete):
    sigmas = sigmas_for(discrete, SCHEDULES["karras"], 6, sampler=SAMPLERS["dpm_2"])
    longer = SCHEDULES["karras"](discrete, 7)
    assert torch.equal(sigmas, torch.cat([longer[:-2], longer[-1:]]))


def test_two_halves_of_a_run_meet_and_a_finished_first_half_ends_on_zero():
    sigmas = torch.tensor([4.0, 3.0, 2.0, 1.0, 0.0])
    assert between_steps(sigmas, 0, 2).tolist() == [4, 3, 2]
    assert between_steps(sigmas, 2, 10000).tolist() == [2, 1, 0]
    assert between_steps(sigmas, 0, 2, finish=True).tolist() == [4, 3, 0]
    assert len(between_steps(sigmas, 4)) == 0
    assert sigmas.tolist() == [4, 3, 2, 1, 0]


def test_an_unknown_beta_schedule_is_named():
    with pytest.raises(ValueError, match="'quadratic'"):
        make_betas("quadratic")


def test_levels_along_published_ones_are_those_that_another_program_makes_of_them():
    sdxl = [14.615, 9.397145, 6.145939, 4.685299, 3.559794, 2.668496, 2.020018, 1.564421, 1.222587, 0.968497, 0.767693,
            0.608904, 0.492428, 0.403421, 0.317838, 0.246253, 0.172229, 0.117413, 0.059331, 0.029]  # fmt: skip
    published = {
        "SD1": (14.615, 6.475, 3.861, 2.697, 1.886, 1.396, 0.963, 0.652, 0.399, 0.152, 0.029),
        "SDXL": (14.615, 6.315, 3.771, 2.181, 1.342, 0.862, 0.555, 0.380, 0.234, 0.113, 0.029),
    }
    assert schedules.log_linear(published["SDXL"], 20).tolist() == pytest.approx(sdxl, rel=1e-5)
    four = schedules.log_linear(published["SD1"], 4).tolist()
    assert four == pytest.approx([14.615, 2.393873, 0.742518, 0.029], rel=1e-5)
    assert schedules.log_linear(published["SD1"], 11).tolist() == pytest.approx(published["SD1"], rel=1e-6)
    for family, levels in published.items():
        assert schedules.align_your_steps(family, 10)[:-1].tolist() == pytest.approx(levels[:-1], rel=0.015)


@pytest.mark.parametrize(
    ("family", "steps", "levels"),
    [
        ("SD1", 10, [14.6146, 6.4746, 3.8637, 2.6946, 1.8842, 1.3944, 0.9643, 0.6524, 0.3977, 0.1515, 0.0]),
        ("SDXL", 10, [14.6146, 6.3184, 3.7682, 2.1811, 1.3405, 0.8621, 0.5551, 0.3799, 0.2332, 0.1114, 0.0]),
        ("SD1", 23, [14.6146, 10.2579, 7.2000, 5.5332, 4.4207, 3.6290, 3.1027, 2.6530, 2.2709, 1.9437, 1.6969, 1.4887,
                     1.2869, 1.0963, 0.9320, 0.7864, 0.6635, 0.5375, 0.4335, 0.3092, 0.2033, 0.1222, 0.0597, 0.0]),
    ],
)  # fmt: skip
def test_align_your_steps_gives_the_levels_of_another_program(family, steps, levels):
    """Computed by ComfyUI 0.8.0, which shows four decimals."""
    assert schedules.align_your_steps(family, steps).tolist() == pytest.approx(levels, abs=6e-5)
