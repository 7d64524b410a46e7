import math

import pytest
import torch

from graphengine.diffusion.sampling.noise import start_noise
from graphengine.diffusion.sampling.sample import sample
from graphengine.diffusion.sampling.samplers import SAMPLERS
from graphengine.diffusion.sampling.schedules import SCHEDULES
from graphengine.diffusion.types import Latents, Middle

from .worlds import SCHEDULE, Says, model, says

SIGMAS = SCHEDULES["normal"](SCHEDULE, 5)
EMPTY = Latents(torch.zeros(2, 4, 8, 8))


def run(latents=EMPTY, sigmas=SIGMAS, sampler="euler", of=None, network=None, noise="start", guidance=2.0, **options):
    if isinstance(noise, str):
        noise = start_noise(latents.samples.shape, 0)
    return sample(
        of or model(), network or Says(), (says(3.0),), (says(1.0),), latents, noise, sigmas, SAMPLERS[sampler],
        guidance, **options,
    )  # fmt: skip


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_every_sampler_arrives_at_what_was_asked_for_in_the_autoencoders_units(sampler):
    result = run(sampler=sampler, sigmas=SCHEDULES["karras"](SCHEDULE, 8))
    expected = 5.0 / 0.5 + 1.0  # guided to 1 + 2 * (3 - 1), then unscaled
    assert (result.samples - expected).abs().max() < 0.5  # dpm_fast and dpm_adaptive leave a little noise


def test_the_start_is_unit_variance_for_the_network_at_the_top_and_plain_below():
    seen = []
    run(on_step=lambda step, x, denoised: seen.append(x))
    noise, top = start_noise((2, 4, 8, 8), 0), SCHEDULE.sigma_max
    torch.testing.assert_close(seen[0], noise * math.sqrt(1 + top**2))
    image = Latents(torch.full((2, 4, 8, 8), 5.0))
    run(image, SIGMAS[2:], on_step=lambda step, x, denoised: seen.insert(0, x) if step == 0 else None)
    torch.testing.assert_close(seen[0], (5.0 - 1.0) * 0.5 + noise * SIGMAS[2])


def test_two_runs_of_one_half_each_are_one_run():
    whole = run()
    first = run(sigmas=SIGMAS[:4])
    second = run(first, SIGMAS[3:], noise=None)
    torch.testing.assert_close(second.samples, whole.samples, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("sampler", ["euler", "ddim", "dpmpp_2m_sde"])
def test_outside_the_mask_the_original_comes_back(sampler):
    mask = torch.zeros(1, 64, 64)
    mask[:, :, 32:] = 1
    original = torch.randn(2, 4, 8, 8, generator=torch.Generator().manual_seed(1))
    result = run(Latents(original, mask=mask), sampler=sampler).samples
    torch.testing.assert_close(result[..., :3], original[..., :3], atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(result[..., 5:], torch.full((2, 4, 8, 3), 11.0), atol=1e-4, rtol=1e-4)


def test_no_steps_return_the_latents_as_they_are():
    assert run(sigmas=SIGMAS[:1]) is EMPTY
    assert run(sigmas=SIGMAS[:0]) is EMPTY


def test_batched_and_single_passes_agree():
    results = [run(batched=batched).samples for batched in (True, False)]
    torch.testing.assert_close(*results, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(
    ("nested", "expected"),
    [
        (False, 1 + 4 * (1.5 - 1) + 2 * (3 - 1.5)),
        (True, 1 + 4 * ((1.5 + 2 * (3 - 1.5)) - 1)),
    ],
)
def test_conditions_in_the_middle_have_a_guidance_of_their_own(nested, expected):
    middle = Middle((says(1.5),), 4.0, nested)
    assert run(middle=middle).samples.mean().item() == pytest.approx(expected / 0.5 + 1, rel=1e-4)


@pytest.mark.parametrize(("nested", "away"), [(False, 1.0), (True, 1.5)])
def test_cfg_plus_plus_takes_the_noise_of_what_the_first_guidance_leads_away_from(nested, away):
    """So does ComfyUI 0.8.0: over a network of random weights it agrees to 3e-6, and else differs by 6e-3."""
    steps = []
    run(sampler="euler_cfg_pp", middle=Middle((says(1.5),), 4.0, nested), on_step=lambda *step: steps.append(step))
    (_, x, denoised), (_, x_next, _) = steps[:2]
    negative = x - (x_next - denoised) * SIGMAS[0] / SIGMAS[1]
    torch.testing.assert_close(negative, torch.full_like(x, away), atol=1e-3, rtol=0)


def test_wrappers_and_guiders_of_the_model_are_used():
    def one_higher(denoise):
        return lambda x, sigma: denoise(x, sigma) + 1

    def twice(denoise):
        return lambda x, sigma: denoise(x, sigma) * 2

    of = model(wrappers=(one_higher, twice), guiders=(lambda passes: passes.x, lambda passes: passes.negative))
    assert run(of=of).samples.mean().item() == pytest.approx((1 + 1) * 2 / 0.5 + 1, rel=1e-4)


def test_the_network_is_asked_at_whole_timesteps_unless_told_otherwise():
    asked = []

    class Asked(Says):
        def __call__(self, x, timestep, *rest, **options):
            asked.append(timestep[0].item())
            return super().__call__(x, timestep, *rest, **options)

    sigmas = SCHEDULES["karras"](SCHEDULE, 5)
    run(sigmas=sigmas, network=Asked())
    assert all(timestep == int(timestep) for timestep in asked)
    asked.clear()
    run(sigmas=sigmas, network=Asked(), quantize=False)
    assert not all(timestep == int(timestep) for timestep in asked)


def test_the_network_may_compute_in_another_type():
    types = set()

    class Typed(Says):
        def __call__(self, x, timestep, context, **options):
            types.update({x.dtype, context.dtype})
            return super().__call__(x, timestep, context, **options)

    result = run(network=Typed(), dtype=torch.bfloat16)
    assert types == {torch.bfloat16}
    assert result.samples.dtype == torch.float32
