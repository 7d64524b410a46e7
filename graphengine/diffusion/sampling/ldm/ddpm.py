"""The diffusion process in training steps: Ho et al. 2020 (arXiv:2006.11239)."""

import torch
from torch import Tensor

from graphengine.diffusion.sampling.denoiser import per_image
from graphengine.diffusion.sampling.discrete import alphas_cumprod_of


class DDPM:
    """What follows from N betas; every attribute has N entries, computed in float64 and kept in float32.

    Attributes:
        betas, alphas, alphas_cumprod, alphas_cumprod_prev: As the paper's; ``prev`` begins with 1.
        sqrt_alphas_cumprod, sqrt_one_minus_alphas_cumprod, log_one_minus_alphas_cumprod, sqrt_recip_alphas_cumprod,
            sqrt_recipm1_alphas_cumprod: Named for what they are, as in checkpoints.
        posterior_variance, posterior_log_variance_clipped, posterior_mean_coef1, posterior_mean_coef2: Of equation 7;
            the logarithm is of no less than 1e-20.
    """

    def __init__(self, betas: Tensor) -> None:
        betas = betas.double()
        ac = alphas_cumprod_of(betas)
        previous = torch.cat([ac.new_ones(1), ac[:-1]])
        variance = betas * (1 - previous) / (1 - ac)
        self.betas = betas.float()
        self.alphas = (1 - betas).float()
        self.alphas_cumprod = ac.float()
        self.alphas_cumprod_prev = previous.float()
        self.sqrt_alphas_cumprod = ac.sqrt().float()
        self.sqrt_one_minus_alphas_cumprod = (1 - ac).sqrt().float()
        self.log_one_minus_alphas_cumprod = (1 - ac).log().float()
        self.sqrt_recip_alphas_cumprod = (1 / ac).sqrt().float()
        self.sqrt_recipm1_alphas_cumprod = (1 / ac - 1).sqrt().float()
        self.posterior_variance = variance.float()
        self.posterior_log_variance_clipped = variance.clamp(min=1e-20).log().float()
        self.posterior_mean_coef1 = (betas * previous.sqrt() / (1 - ac)).float()
        self.posterior_mean_coef2 = ((1 - previous) * (1 - betas).sqrt() / (1 - ac)).float()

    def lvlb_weights_eps(self) -> Tensor:
        """Weights of the variational bound for eps networks (equation 12); the first, infinite, is the second's."""
        weights = self.betas**2 / (2 * self.posterior_variance * self.alphas * (1 - self.alphas_cumprod))
        return torch.cat([weights[1:2], weights[1:]])

    def lvlb_weights_x0(self) -> Tensor:
        """The same for x0 networks, with the original's divisor ``2 - ac`` where ``2 (1 - ac)`` was meant."""
        weights = 0.5 * self.alphas_cumprod.sqrt() / (2 - self.alphas_cumprod)
        return torch.cat([weights[1:2], weights[1:]])

    def q_sample(self, clean: Tensor, t: Tensor, noise: Tensor) -> Tensor:
        """Noise B x ... latents up to B training steps (equation 4)."""
        return (
            per_image(self.sqrt_alphas_cumprod[t.cpu()], clean) * clean
            + per_image(self.sqrt_one_minus_alphas_cumprod[t.cpu()], clean) * noise
        )

    def predict_start_from_noise(self, x: Tensor, t: Tensor, noise: Tensor) -> Tensor:
        """The clean latents of noisy ones whose noise is known."""
        return (
            per_image(self.sqrt_recip_alphas_cumprod[t.cpu()], x) * x
            - per_image(self.sqrt_recipm1_alphas_cumprod[t.cpu()], x) * noise
        )

    def q_posterior(self, clean: Tensor, x: Tensor, t: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Mean, variance and log variance (B x 1 x 1 ...) of the step before, given both ends (equation 7)."""
        mean = (
            per_image(self.posterior_mean_coef1[t.cpu()], x) * clean
            + per_image(self.posterior_mean_coef2[t.cpu()], x) * x
        )
        variance = per_image(self.posterior_variance[t.cpu()], x)
        return mean, variance, per_image(self.posterior_log_variance_clipped[t.cpu()], x)

    def ancestral_step(self, x: Tensor, t: Tensor, eps: Tensor, noise: Tensor, *, clip: bool = False) -> Tensor:
        """One step of algorithm 2 from B training steps, where the network says the noise is ``eps``.

        ``clip`` keeps the clean estimate within -1..1. Step 0 adds no noise.
        """
        clean = self.predict_start_from_noise(x, t, eps)
        if clip:
            clean = clean.clamp(-1, 1)
        mean, _, log_variance = self.q_posterior(clean, x, t)
        return mean + per_image(t > 0, x) * (log_variance / 2).exp() * noise
