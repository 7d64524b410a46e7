"""Written in sigma or in training steps, the same methods give the same pictures."""

import pytest
import torch

from graphengine.diffusion.sampling.denoiser import Predictor
from graphengine.diffusion.sampling.discrete import DiscreteSchedule, alphas_cumprod_of, make_betas
from graphengine.diffusion.sampling.ldm import DDIMSteps, ddim, ddim_invert, ddim_timesteps, plms
from graphengine.diffusion.sampling.ldm.prediction import noise_and_clean
from graphengine.diffusion.sampling.samplers import SAMPLERS
from graphengine.diffusion.types import Prediction

AC = alphas_cumprod_of(make_betas("linear"))
STEPS = DDIMSteps.of(AC.float(), ddim_timesteps(10), eta=0.0)


def eps_network(x, timestep, context=None, **_):
    a = AC[timestep.long()].float()[:, None, None, None]
    return x * (1 - a).sqrt() / (a * 0.3 + 1 - a) + 0.1 * torch.sin(x)


@pytest.mark.parametrize(
    ("by_sigma", "by_step", "eta"), [("ddim", ddim, 0.0), ("plms", plms, 0.0), ("ddpm", ddim, 1.0)]
)
def test_sigma_and_training_step_forms_agree(by_sigma, by_step, eta):
    x = torch.randn(2, 4, 3, 3, generator=torch.Generator().manual_seed(0))
    noise = torch.randn(10, 2, 4, 3, 3, generator=torch.Generator().manual_seed(1))
    steps = DDIMSteps.of(AC.float(), STEPS.timesteps, eta)
    expected = by_step(eps_network, x, steps, **({"noise": noise} if eta else {}))

    discrete = DiscreteSchedule(AC.float())
    predictor = Predictor(eps_network, Prediction.EPS, discrete, quantize=True)
    sigmas = discrete.sigmas[[*STEPS.timesteps.flip(0).tolist(), 0]]
    draws = iter(noise)
    start = x * (sigmas[0] ** 2 + 1).sqrt()
    end = SAMPLERS[by_sigma].run(
        lambda x, sigma: predictor(x, sigma, torch.zeros(2, 1, 1)), start, sigmas,
        noise=lambda *_: next(draws), **SAMPLERS[by_sigma].options,
    )  # fmt: skip
    torch.testing.assert_close(end / (sigmas[-1] ** 2 + 1).sqrt(), expected, atol=2e-4, rtol=1e-3)


def test_inversion_undoes_deterministic_sampling_of_a_constant_noise():
    x, eps = torch.randn(1, 4, 3, 3), torch.randn(1, 4, 3, 3)
    noisy = ddim_invert(lambda *_: eps, x, STEPS, 10)
    torch.testing.assert_close(ddim(lambda *_: eps, noisy, STEPS), x, atol=1e-4, rtol=1e-4)


def test_strides_that_leave_the_schedule_are_refused():
    with pytest.raises(ValueError, match="step 1000 of 1000"):
        ddim_timesteps(3)


@pytest.mark.parametrize("prediction", list(Prediction))
def test_every_kind_of_output_names_the_same_noise_and_clean_latents(prediction):
    clean, noise, a = torch.randn(2, 4, 3, 3), torch.randn(2, 4, 3, 3), torch.tensor(0.3)
    x = a.sqrt() * clean + (1 - a).sqrt() * noise
    output = {
        Prediction.EPS: noise, Prediction.X0: clean, Prediction.V: a.sqrt() * noise - (1 - a).sqrt() * clean
    }[prediction]  # fmt: skip
    found = noise_and_clean(prediction, output, x, a)
    torch.testing.assert_close(torch.stack(found), torch.stack([noise, clean]), atol=1e-5, rtol=1e-5)
