"""Samplers give what ComfyUI gives: latents that ComfyUI 0.8.0 computed with a network that is a formula.

Its network was a UNet of which all weights but a few were zero, so that what it predicts can be written out here: the
four channels of the input, each in a group of its own of 32, moved by a number that the text came to, normalised,
through a SiLU. Guidance was 1.5, the seed 3.
"""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch.nn import functional as F

from graphengine.diffusion.sampling.discrete import DiscreteSchedule, alphas_cumprod_of, make_betas
from graphengine.diffusion.sampling.noise import noise_source, start_noise
from graphengine.diffusion.sampling.samplers import SAMPLERS

COMPUTED = load_file(Path(__file__).parents[2] / "data/comfyui/samplers.safetensors")
POSITIVE = (0.51146253, 0.13077232, 1.78922181, -0.02194663)  # "a cat" moves the channels so far
NEGATIVE = (-0.28728695, -0.30147444, 1.99721212, -0.02078487)  # "blurry"
OWN = [0, 10, 20, 30]  # channels, in as many groups
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


def estimate(x, sigma, moved):
    level = sigma.view(-1, 1, 1, 1)
    features = x.new_zeros(len(x), 320, *x.shape[-2:])
    features[:, OWN] = x / (level**2 + 1).sqrt() + torch.tensor(moved).view(1, 4, 1, 1)
    return x - 0.4 * F.silu(F.group_norm(features, 32))[:, OWN] * level


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
