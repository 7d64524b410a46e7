import math

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from graphengine.diffusion.sampling.discrete import alphas_cumprod_of, make_betas
from graphengine.diffusion.training.loss import (
    LatentDiffusionLoss,
    add_noise,
    gaussian_kl,
    layout_weights,
    sample_errors,
    target_of,
)
from graphengine.diffusion.types import Prediction

ALPHAS = alphas_cumprod_of(make_betas("linear"))


def batch(seed=1):
    generator = torch.Generator().manual_seed(seed)
    latents, noise = torch.randn(2, 6, 4, 3, 3, generator=generator)
    return latents, noise, torch.tensor([0, 1, 250, 500, 750, 999])


@pytest.mark.parametrize("prediction", list(Prediction))
def test_the_target_and_the_noisy_latents_give_back_what_was_mixed(prediction):
    latents, noise, t = batch()
    alpha = ALPHAS[t].view(-1, 1, 1, 1)
    x = add_noise(latents.double(), noise.double(), ALPHAS[t])
    target = target_of(prediction, latents.double(), noise.double(), ALPHAS[t])
    clean = {
        Prediction.EPS: (x - (1 - alpha).sqrt() * target) / alpha.sqrt(),
        Prediction.X0: target,
        Prediction.V: alpha.sqrt() * x - (1 - alpha).sqrt() * target,
    }[prediction]
    torch.testing.assert_close(clean, latents.double(), atol=1e-9, rtol=0)


def test_a_perfect_output_has_no_loss_and_a_wrong_one_its_mean_square():
    latents, noise, t = batch()
    objective = LatentDiffusionLoss(Prediction.EPS, ALPHAS)
    assert float(objective(noise, objective.target(latents, noise, t), t).loss) == 0
    assert float(objective(noise + 0.5, noise, t).loss) == pytest.approx(0.25)


def test_layout_weights_turn_eps_errors_into_clamped_snr_errors_of_the_latents():
    alpha = ALPHAS[100:600].float()
    snr = alpha / (1 - alpha)
    wanted = (snr + 0.25).clamp(max=5)  # what an error of the latents counts
    ratio = layout_weights(alpha) * snr / wanted  # an error of eps is 1 / snr of one of the latents
    torch.testing.assert_close(ratio, ratio[:1].expand_as(ratio))


def test_layout_weights_average_to_one():
    weights = layout_weights(ALPHAS.float())
    assert float(weights.mean()) == pytest.approx(1)
    assert (weights > 0).all() and weights.isfinite().all()


def test_the_divergence_of_gaussians_is_that_of_torch():
    mean, logvar, other, other_logvar = torch.randn(4, 50, generator=torch.Generator().manual_seed(2)).double()
    exact = kl_divergence(Normal(mean, (logvar / 2).exp()), Normal(other, (other_logvar / 2).exp()))
    torch.testing.assert_close(gaussian_kl(mean, logvar, other, other_logvar), exact)


@pytest.mark.parametrize(("norm", "expected"), [("l1", 0.5), ("l2", 1 / 3)])
def test_errors_are_means_over_each_sample(norm, expected):
    ramp = torch.linspace(0, 1, 10001).expand(2, -1)
    assert sample_errors(ramp, torch.zeros_like(ramp), norm).tolist() == pytest.approx([expected] * 2, rel=1e-3)


def test_a_learnable_log_variance_settles_at_the_log_of_the_error():
    _, noise, t = batch()
    objective = LatentDiffusionLoss(Prediction.EPS, ALPHAS, logvar=math.log(0.25), learn_logvar=True)
    objective(noise + 0.5, noise, t).loss.backward()
    torch.testing.assert_close(objective.logvar.grad, torch.zeros(1000), atol=1e-6, rtol=0)
