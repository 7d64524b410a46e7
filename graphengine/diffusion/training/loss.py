"""The training objective of latent diffusion: Rombach et al. 2022 (arXiv:2112.10752), as the original code computes it.

B batch, C channels, h x w latent cells, N training steps. The cumulative products ``alphas_cumprod`` (N values) define
the noise: a latent at step t is ``sqrt(a) latent + sqrt(1 - a) noise``.
"""

import math
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from graphengine.diffusion.autoencoders.kl import Posterior
from graphengine.diffusion.types import Prediction


def add_noise(latents: Tensor, noise: Tensor, alpha: Tensor) -> Tensor:
    """Latents (B x ...) at the step whose cumulative product is ``alpha`` (B): Ho et al. 2020, equation 4."""
    alpha = _per_sample(alpha, latents)
    return alpha.sqrt() * latents + (1 - alpha).sqrt() * noise


def target_of(prediction: Prediction, latents: Tensor, noise: Tensor, alpha: Tensor) -> Tensor:
    """What the network should output, like ``latents``; v as in Salimans & Ho 2022 (arXiv:2202.00512)."""
    if prediction is Prediction.EPS:
        return noise
    if prediction is Prediction.X0:
        return latents
    alpha = _per_sample(alpha, latents)
    return alpha.sqrt() * noise - (1 - alpha).sqrt() * latents


def sample_errors(output: Tensor, target: Tensor, norm: Literal["l1", "l2"] = "l2") -> Tensor:
    """The mean absolute or squared error of each sample: B."""
    error = (output - target).float()
    return (error.abs() if norm == "l1" else error.square()).flatten(1).mean(1)


def elbo_weights(prediction: Prediction, alphas_cumprod: Tensor) -> Tensor:
    """The weight of each step's error in the variational lower bound, N values.

    As in the original code, where the weights of x0 hold a slip (``2 * 1 - a`` for ``2 * (1 - a)``), those of v are
    all 1, and step 0, whose posterior has no variance, takes the weight of step 1.
    """
    alphas_cumprod = alphas_cumprod.double()
    if prediction is Prediction.V:
        return torch.ones_like(alphas_cumprod).float()
    if prediction is Prediction.X0:
        weights = 0.5 * alphas_cumprod.sqrt() / (2 - alphas_cumprod)
    else:
        before = torch.cat([alphas_cumprod.new_ones(1), alphas_cumprod[:-1]])
        alphas = alphas_cumprod / before
        variance = (1 - alphas) * (1 - before) / (1 - alphas_cumprod)
        weights = (1 - alphas) ** 2 / (2 * variance * alphas * (1 - alphas_cumprod))
    weights[0] = weights[1]
    return weights.float()


def layout_weights(alpha: Tensor) -> Tensor:
    """Weights of eps errors that stress high noise, where layout and colour are decided; their mean is 1.

    In terms of the error of x0 this is ``min(snr + 1/4, 5)``: the clamp is that of Hang et al. 2023
    (arXiv:2303.09556), the quarter keeps pure noise from being ignored. Capped at 40.
    """
    snr = alpha / (1 - alpha)
    weights = ((snr + 0.25).clamp(max=5) / snr).clamp(max=40)
    return weights / weights.mean()


@dataclass(frozen=True, eq=False)
class LossParts:
    """The loss, and the parts the original code logs (scalars)."""

    loss: Tensor
    simple: Tensor
    gamma: Tensor
    elbo: Tensor


class LatentDiffusionLoss(nn.Module):
    """The weighted sum of simple loss and lower bound, with a (learnable) log variance for each step.

    ``mean(error / exp(logvar[t]) + logvar[t]) * simple_weight + mean(elbo_weights[t] * error) * elbo_weight``
    """

    alphas_cumprod: Tensor
    elbo_weights: Tensor

    def __init__(
        self,
        prediction: Prediction,
        alphas_cumprod: Tensor,
        *,
        norm: Literal["l1", "l2"] = "l2",
        simple_weight: float = 1.0,
        elbo_weight: float = 0.0,
        logvar: float = 0.0,
        learn_logvar: bool = False,
    ) -> None:
        super().__init__()
        self.prediction, self.norm = prediction, norm
        self.simple_weight, self.elbo_weight = simple_weight, elbo_weight
        self.register_buffer("alphas_cumprod", alphas_cumprod.float(), persistent=False)
        self.register_buffer("elbo_weights", elbo_weights(prediction, alphas_cumprod), persistent=False)
        self.logvar = nn.Parameter(torch.full((len(alphas_cumprod),), logvar), requires_grad=learn_logvar)

    def noisy(self, latents: Tensor, noise: Tensor, timestep: Tensor) -> Tensor:
        """What the network sees at B integer steps."""
        return add_noise(latents, noise, self.alphas_cumprod[timestep])

    def target(self, latents: Tensor, noise: Tensor, timestep: Tensor) -> Tensor:
        """What it should output."""
        return target_of(self.prediction, latents, noise, self.alphas_cumprod[timestep])

    def forward(self, output: Tensor, target: Tensor, timestep: Tensor) -> LossParts:
        errors = sample_errors(output, target, self.norm)
        logvar = self.logvar[timestep]
        gamma = (errors / logvar.exp() + logvar).mean()
        elbo = (self.elbo_weights[timestep] * errors).mean()
        loss = self.simple_weight * gamma + self.elbo_weight * elbo
        return LossParts(loss, errors.mean(), gamma, elbo)


def gaussian_kl(mean: Tensor, logvar: Tensor, other_mean: Tensor, other_logvar: Tensor) -> Tensor:
    """Divergence of one diagonal Gaussian from another in nats, value by value."""
    spread = (logvar - other_logvar).exp() + (mean - other_mean).square() * (-other_logvar).exp()
    return 0.5 * (spread - 1 + other_logvar - logvar)


def posterior_kl(posterior: Posterior, other: Posterior) -> Tensor:
    """Divergence of one posterior from another in nats, summed over each image: B."""
    return gaussian_kl(posterior.mean, posterior.logvar, other.mean, other.logvar).flatten(1).sum(1)


def prior_bits(latents: Tensor, last_alpha: Tensor) -> Tensor:
    """How far latents at the last step are from pure noise, in bits per dimension: B."""
    zero = torch.zeros_like(latents)
    logvar = zero + (1 - last_alpha).log()
    return gaussian_kl(last_alpha.sqrt() * latents, logvar, zero, zero).flatten(1).mean(1) / math.log(2)


def _per_sample(values: Tensor, like: Tensor) -> Tensor:
    return values.to(like).view(-1, *[1] * (like.dim() - 1))
