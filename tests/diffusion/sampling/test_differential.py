"""Differential diffusion: latents that ComfyUI 0.8.0 computed with ``formula`` and a soft mask, by Euler's method."""

from itertools import pairwise
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from graphengine.diffusion.sampling.discrete import DiscreteSchedule, alphas_cumprod_of, make_betas
from graphengine.diffusion.sampling.inpaint import keep_outside, part_left, progressive
from graphengine.diffusion.sampling.noise import start_noise

from .formula import POSITIVE, estimate

COMPUTED = load_file(Path(__file__).parents[2] / "data/comfyui/masks.safetensors")
SIGMAS = torch.tensor([6.0, 4.0, 2.0, 1.0, 0.5, 0.2, 0.0])
TRAINED = DiscreteSchedule(alphas_cumprod_of(make_betas("linear")))


def sampled(*rule):
    clean, noise = COMPUTED["start"], start_noise((1, 4, 8, 8), 3)
    left = part_left(TRAINED, SIGMAS)
    denoise = keep_outside(
        lambda x, sigma: estimate(x, sigma, POSITIVE), COMPUTED["mask"], clean, noise, *rule, left=left
    )
    x = clean + noise * SIGMAS[0]
    for sigma, sigma_next in pairwise(SIGMAS):
        denoised = denoise(x, sigma.expand(1))
        x = denoised + (x - denoised) * (sigma_next / sigma)
    return x


@pytest.mark.parametrize("strength", [1.0, 0.6])
def test_lighter_places_change_earlier_as_in_comfyui(strength):
    expected = COMPUTED[f"differential {strength}"]
    assert (sampled(progressive(strength)) - expected).abs().max() < 1e-4 * expected.std()


def test_without_strength_the_mask_is_as_soft_as_it_was():
    assert torch.equal(sampled(progressive(0.0)), sampled())
    assert not torch.allclose(sampled(progressive(1.0)), sampled(), atol=0.1)


def test_what_is_left_goes_from_one_to_nothing_in_training_steps():
    left = part_left(TRAINED, SIGMAS)
    assert (left(SIGMAS[0]), left(SIGMAS[-1])) == (1.0, 0.0)
    assert left(SIGMAS[2]) == pytest.approx(float(TRAINED.sigma_to_t(SIGMAS[2]) / TRAINED.sigma_to_t(SIGMAS[0])))
    assert part_left(TRAINED, torch.tensor([2.0, 2.0]))(torch.tensor(2.0)) == 0.0
