"""Formulas that several samplers share."""

import torch
from torch import Tensor


def slope_of(x: Tensor, denoised: Tensor, sigma: Tensor) -> Tensor:
    """dx / dsigma of the probability flow: Karras et al. 2022 (arXiv:2206.00364), equation 3."""
    return (x - denoised) / sigma


def ancestral_step(sigma: Tensor, sigma_next: Tensor, eta: float) -> tuple[Tensor, Tensor]:
    """Split a step into the level to go down to and the deviation of the noise to add: (sigma_down, sigma_up).

    ``eta`` 0 adds no noise; 1 adds as much as DDPM (Song et al. 2021, arXiv:2010.02502, equation 16).
    """
    if eta == 0:
        return sigma_next, torch.zeros_like(sigma_next)
    ancestral = (sigma_next**2 * (sigma**2 - sigma_next**2) / sigma**2).sqrt()
    sigma_up = torch.minimum(sigma_next, eta * ancestral)
    return (sigma_next**2 - sigma_up**2).sqrt(), sigma_up


def geometric_middle(sigma: Tensor, sigma_next: Tensor, part: float = 0.5) -> Tensor:
    """The noise level at a part of the way in log sigma."""
    return torch.lerp(sigma.log(), sigma_next.log(), part).exp()


def toward(x: Tensor, denoised: Tensor, sigma: Tensor, sigma_next: Tensor) -> Tensor:
    """The exact solution between two levels if the estimate did not change (DDIM)."""
    return denoised + (x - denoised) * (sigma_next / sigma)
