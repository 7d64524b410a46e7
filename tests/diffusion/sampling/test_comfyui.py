"""Samplers give what ComfyUI gives: latents that ComfyUI 0.8.0 computed with ``formula``; guidance was 1.5."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from graphengine.diffusion.sampling.discrete import DiscreteSchedule, alphas_cumprod_of, make_betas
from graphengine.diffusion.sampling.noise import noise_source, start_noise
from graphengine.diffusion.sampling.samplers import SAMPLERS

from .formula import NEGATIVE, POSITIVE, estimate

COMPUTED = load_file(Path(__file__).parents[2] / "data/comfyui/samplers.safetensors")
SHORT, LONG = (14.0, 7.0, 3.0, 1.0, 0.0), (10.0, 5.0, 3.5, 2.5, 1.5, 0.7, 0.4, 0.0)
TRAINED = DiscreteSchedule(alphas_cumprod_of(make_betas("linear")))
EVERYWHERE = {"sde_start": float("inf"), "sde_end": 0.0}
CASES = {
    **{
        name: (name, {}, SHORT)
        for name in ("seeds_2", "seeds_3", "sa_solver", "sa_solver_pece", "exp_heun_2_x0", "exp_heun_2_x0_sde",
                     "gradient_estimation", "gradient_estimation_cfg_pp")
    },
    "euler_cfg_pp alternative": ("euler_cfg_pp", {"alternative": True}, SHORT),
    "seeds_2 phi_2": ("seeds_2", {"solver_type": "phi_2", "eta": 0.5, "s_noise": 0.8, "r": 0.3}, SHORT),
    "sa_solver simple": (
        "sa_solver",
        {"eta": 0.5, "s_noise": 0.8, "predictor_order": 2, "corrector_order": 2, "simple_order_2": True, **EVERYWHERE},
        LONG,
    ),
    "sa_solver high": ("sa_solver", {"predictor_order": 6, "corrector_order": 6, "pece": True}, LONG),
    "sa_solver predictor": ("sa_solver", {"corrector_order": 0}, LONG),
    "sa_solver open": ("sa_solver", {}, (3.0, 2.0, 1.2, 0.8)),
}  # fmt: skip


def guided(x, sigma):
    positive, negative = estimate(x, sigma, POSITIVE), estimate(x, sigma, NEGATIVE)
    return negative + (positive - negative) * 1.5, negative


@pytest.mark.parametrize("case", CASES)
def test_a_sampler_gives_the_latents_of_comfyui(case):
    name, options, levels = CASES[case]
    sampler, sigmas, expected = SAMPLERS[name].having(**options), torch.tensor(levels), COMPUTED[case]
    x = start_noise((1, 4, 8, 8), 3) * sigmas[0]
    end = sampler.run(
        guided if sampler.both else lambda *at: guided(*at)[0],
        x,
        sigmas,
        noise=noise_source(sampler.noise, x, sigmas, 3),
        **{**sampler.of_model(TRAINED), **sampler.options},
    )
    assert (end - expected).abs().max() < 1e-4 * expected.std()
