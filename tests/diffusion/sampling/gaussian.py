"""Gaussian data, for which the best denoiser and the exact solutions are known."""

from collections.abc import Callable

import torch
from torch import Tensor

STD = 0.5


def denoise(x: Tensor, sigma: Tensor) -> Tensor:
    """The posterior mean of N(0, STD^2) data."""
    return x * (STD**2 / (STD**2 + sigma**2))[:, None]


def denoise_both(x: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor]:
    return denoise(x, sigma), denoise(x, sigma)


def exact(x: Tensor, sigma: Tensor, sigma_end: Tensor) -> Tensor:
    """The probability flow from one level to another."""
    return x * ((STD**2 + sigma_end**2) / (STD**2 + sigma**2)).sqrt()


def no_noise(sigma: Tensor, sigma_next: Tensor) -> Tensor:
    raise AssertionError("this sampler is deterministic and must not draw noise")


def final_variance(run: Callable[..., Tensor], sigmas: Tensor) -> float:
    """The variance of what a linear sampler ends with, its draws being independent.

    The result is a linear function of the start and of each draw: row 0 has a unit start and no noise, row k a zero
    start and only the k-th draw.
    """
    asked: list[int] = []

    def count(sigma: Tensor, sigma_next: Tensor) -> Tensor:
        asked.append(len(asked))
        return torch.zeros(1, 1)

    run(denoise, torch.zeros(1, 1), sigmas, noise=count)
    impulses = torch.eye(len(asked) + 1, dtype=torch.float64)
    draws = iter(impulses[:, 1:, None].unbind(1))
    gains = run(denoise, impulses[:, :1], sigmas, noise=lambda *_: next(draws)).flatten()
    return float(gains[0] ** 2 * (STD**2 + sigmas[0] ** 2) + (gains[1:] ** 2).sum())
