import math
from functools import partial

import pytest
import torch

from graphengine.diffusion.sampling.noise import gaussian_noise
from graphengine.diffusion.sampling.samplers import SAMPLERS
from graphengine.diffusion.sampling.samplers.multistep import variable_weights
from graphengine.diffusion.sampling.schedules import karras

from .gaussian import STD, denoise, denoise_both, exact, final_variance, no_noise

DETERMINISTIC = {
    "euler": (1, {}),
    "heunpp2": (1, {}),
    "heun": (2, {}),
    "dpm_2": (2, {}),
    "dpmpp_2m": (2, {}),
    "dpmpp_2s_ancestral": (2, {"eta": 0.0}),
    "dpmpp_2m_sde": (2, {"eta": 0.0}),
    "dpmpp_3m_sde": (2, {"eta": 0.0}),
    "res_multistep": (2, {}),
    "exp_heun_2_x0": (2, {"eta": 0.0}),
    "seeds_2": (2, {"eta": 0.0}),
    "seeds_3": (3, {"eta": 0.0}),
}


def test_every_sampler_of_the_registry_runs_its_steps_and_ends_on_clean_latents():
    x = torch.randn(2, 4, 3, 5, generator=torch.Generator().manual_seed(0)) * 14.6
    for name, sampler in SAMPLERS.items():
        seen = []
        run = partial(sampler.run, (lambda x, sigma: (x * 0, x * 0)) if sampler.both else (lambda x, sigma: x * 0))
        end = run(
            x,
            karras(6, 0.03, 14.6),
            noise=gaussian_noise(x, 1),
            on_step=lambda *it, seen=seen: seen.append(it[0]),
            **sampler.options,
        )
        assert seen == list(range(len(seen))), name
        assert end.abs().max() < 0.3, name  # dpm_fast and dpm_adaptive stop at the last level above zero


@pytest.mark.parametrize(("name", "order", "options"), [(name, *rest) for name, rest in DETERMINISTIC.items()])
def test_halving_the_step_divides_the_error_by_two_to_the_order(name, order, options):
    sampler = SAMPLERS[name].having(**options)

    def error(steps):
        sigmas = karras(steps, sigma_min=0.01, sigma_max=10.0).double()[:-1]
        x = torch.full((1, 1), 10.0, dtype=torch.float64)
        end = sampler.run(denoise, x, sigmas, noise=no_noise_unless_eta(options), **sampler.options)
        return (end - exact(x, sigmas[0], sigmas[-1])).abs().item()

    assert math.log2(error(200) / error(400)) == pytest.approx(order, abs=0.2)


def no_noise_unless_eta(options):
    """The ancestral samplers ask for noise even where eta makes nothing of it."""
    return (lambda *_: torch.zeros(1, 1)) if options else no_noise


@pytest.mark.parametrize("name", ["lms", "ipndm", "deis", "plms", "uni_pc", "uni_pc_bh2"])
def test_multistep_samplers_converge_at_least_to_second_order(name):
    def error(steps):
        sigmas = karras(steps, sigma_min=0.01, sigma_max=10.0).double()[:-1]
        x = torch.full((1, 1), 10.0, dtype=torch.float64)
        end = SAMPLERS[name].run(denoise, x, sigmas, noise=no_noise)
        return (end - exact(x, sigmas[0], sigmas[-1])).abs().item()

    assert math.log2(error(100) / error(200)) > 1.8
    assert error(200) < 1e-4


@pytest.mark.parametrize("order", [2, 3])
def test_dpm_adaptive_keeps_the_error_that_it_was_asked_for(order):
    sigmas = torch.tensor([10.0, 0.01], dtype=torch.float64)
    x = torch.full((1, 1), 10.0, dtype=torch.float64)
    reports = []
    tight = {"order": order, "rtol": 1e-4, "atol": 1e-4}
    end = SAMPLERS["dpm_adaptive"].run(denoise, x, sigmas, noise=no_noise, on_end=reports.append, **tight)
    assert (end - exact(x, *sigmas)).abs().item() < 1e-3
    assert reports[0].accepted > 10


def test_the_controller_of_adaptive_steps_changes_their_number_but_not_their_end():
    sigmas = torch.tensor([10.0, 0.01], dtype=torch.float64)
    x = torch.full((1, 1), 10.0, dtype=torch.float64)
    tight = {"rtol": 1e-4, "atol": 1e-4}
    counts = []
    for controller in ({}, {"pcoeff": 0.4, "icoeff": 0.3}, {"pcoeff": 0.1, "icoeff": 0.3, "dcoeff": 0.1}):
        reports = []
        end = SAMPLERS["dpm_adaptive"].run(
            denoise, x, sigmas, noise=no_noise, on_end=reports.append, **tight, **controller
        )
        assert (end - exact(x, *sigmas)).abs().item() < 1e-3
        counts.append(reports[0].evaluations)
    assert len(set(counts)) == 3


def test_er_sde_without_noise_converges_at_least_to_second_order():
    def error(steps):
        sigmas = karras(steps, sigma_min=0.1, sigma_max=10.0).double()[:-1]
        x = torch.full((1, 1), 10.0, dtype=torch.float64)
        end = SAMPLERS["er_sde"].run(denoise, x, sigmas, noise=no_noise, eta=0.0, s_noise=0.0)
        return (end - exact(x, sigmas[0], sigmas[-1])).abs().item()

    assert math.log2(error(40) / error(80)) > 1.8


def test_er_sde_of_the_reverse_sde_keeps_the_variance_of_the_data():
    sigmas = karras(320, sigma_min=0.002, sigma_max=20.0).double()
    assert final_variance(partial(SAMPLERS["er_sde"].run, eta=1.0), sigmas) == pytest.approx(STD**2, rel=0.04)


@pytest.mark.parametrize(
    "name",
    ["euler_ancestral", "ddpm", "dpm_2_ancestral", "dpmpp_2s_ancestral", "dpmpp_sde", "dpmpp_2m_sde",
     "dpmpp_2m_sde_heun", "dpmpp_3m_sde", "res_multistep_ancestral", "er_sde"],
)  # fmt: skip
def test_stochastic_samplers_approach_the_variance_of_the_data(name):
    sampler = SAMPLERS[name]

    def error(steps):
        sigmas = karras(steps, sigma_min=0.002, sigma_max=20.0).double()
        return abs(final_variance(partial(sampler.run, **sampler.options), sigmas) / STD**2 - 1)

    assert error(320) < max(error(80) / 3, 1e-3)
    assert error(320) < 0.04


def test_lcm_with_a_consistency_function_keeps_the_variance_of_the_data_exactly():
    def consistency(x, sigma):
        return exact(x, sigma[:, None], torch.zeros(1))

    sigmas = karras(4, sigma_min=0.1, sigma_max=20.0).double()
    last_level = sigmas[-2]
    draws = iter([1.0, 2.0, 3.0])
    end = SAMPLERS["lcm"].run(consistency, torch.ones(1, 1).double(), sigmas, noise=lambda *_: next(draws))
    clean = 1.0
    for sigma, draw in zip([sigmas[0], *sigmas[1:-1]], [0.0, 1.0, 2.0, 3.0], strict=True):
        noisy = clean + draw * float(sigma)
        clean = noisy * STD / math.sqrt(STD**2 + float(sigma) ** 2)
    assert float(end) == pytest.approx(clean, rel=1e-6)
    assert float(last_level) > 0


@pytest.mark.parametrize(
    ("with_cfg_pp", "plain"),
    [("euler_cfg_pp", "euler"), ("euler_ancestral_cfg_pp", "euler_ancestral"), ("dpmpp_2m_cfg_pp", "dpmpp_2m"),
     ("gradient_estimation_cfg_pp", "gradient_estimation"), ("res_multistep_cfg_pp", "res_multistep"),
     ("res_multistep_ancestral_cfg_pp", "res_multistep_ancestral")],
)  # fmt: skip
def test_without_a_difference_between_the_passes_cfg_plus_plus_is_the_plain_sampler(with_cfg_pp, plain):
    sigmas = karras(8, 0.03, 14.6).double()
    x = torch.full((2, 3), 14.6, dtype=torch.float64)
    ends = [
        SAMPLERS[name].run(of, x, sigmas, noise=gaussian_noise(x, 3), **SAMPLERS[name].options)
        for name, of in ((with_cfg_pp, denoise_both), (plain, denoise))
    ]
    torch.testing.assert_close(*ends, rtol=1e-10, atol=1e-10)


def test_a_cfg_plus_plus_step_goes_to_the_guided_estimate_plus_the_negative_noise():
    guided, negative, x = torch.full((1, 1), 3.0), torch.full((1, 1), 1.0), torch.full((1, 1), 9.0)
    sigmas = torch.tensor([4.0, 2.0])
    end = SAMPLERS["euler_cfg_pp"].run(lambda *_: (guided, negative), x, sigmas, noise=no_noise, eta=0.0)
    assert end.item() == 3.0 + 2.0 * (9.0 - 1.0) / 4.0


def test_two_stages_of_cfg_plus_plus_take_the_noise_of_the_latest_negative_pass():
    """So does ComfyUI 0.8.0: over a network of random weights it agrees to 6e-6, and else differs by up to 0.4."""
    passes = iter(
        [(torch.full((1, 1), 3.0), torch.full((1, 1), 1.0)), (torch.full((1, 1), 5.0), torch.full((1, 1), 2.0))]
    )
    seen = []

    def both(x, sigma):
        seen.append((x.item(), sigma.item()))
        return next(passes)

    run = SAMPLERS["dpmpp_2s_ancestral_cfg_pp"].run
    end = run(both, torch.full((1, 1), 9.0), torch.tensor([4.0, 2.0]), noise=lambda *_: torch.zeros(1, 1), eta=0.0)
    middle = math.sqrt(4.0 * 2.0)
    assert seen == [(9.0, 4.0), pytest.approx((3.0 + (9.0 - 1.0) * middle / 4.0, middle))]
    assert end.item() == 5.0 + (3.0 - 5.0 + 9.0 - 2.0) * 2.0 / 4.0


@pytest.mark.parametrize("name", ["lms", "ipndm", "ipndm_v", "deis"])
def test_multistep_samplers_end_on_the_last_estimate(name):
    estimates = iter([torch.full((1, 1), value) for value in (3.0, -1.0, 0.25)])
    sigmas = torch.tensor([4.0, 2.0, 1.0, 0.0])
    sampler, x = SAMPLERS[name], torch.full((1, 1), 9.0)
    end = sampler.run(lambda *_: next(estimates), x, sigmas, noise=no_noise, **sampler.options)
    assert end.item() == pytest.approx(0.25, abs=1e-6)


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (1, [1.26102, -0.26102]),
        (2, [1.72797, -0.98204, 0.25407]),
        (3, [1.75548, -1.02635, 0.27696, -0.00562]),
        (4, [1.71843, -0.95558, 0.24055, -0.00307]),
    ],
)
def test_the_weights_of_ipndm_v_are_those_that_others_use(step, expected):
    """As fitted to what ComfyUI 0.8.0 made of random latents and weights in each step; they explain it to 4e-6."""
    sigmas = karras(7, sigma_min=0.0291675, sigma_max=14.614642).double().tolist()
    weights = variable_weights(sigmas[step::-1][:4], sigmas[step + 1])
    assert weights == pytest.approx([(sigmas[step + 1] - sigmas[step]) * each for each in expected], abs=3e-5)


def test_what_on_step_raises_ends_the_sampling():
    def stop(step, x, denoised):
        if step == 2:
            raise KeyboardInterrupt

    x = torch.ones(1, 1)
    with pytest.raises(KeyboardInterrupt):
        SAMPLERS["euler"].run(denoise, x, karras(9, 0.1, 1.0), noise=no_noise, on_step=stop)
