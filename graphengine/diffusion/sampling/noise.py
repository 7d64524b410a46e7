"""Noise, always drawn on the CPU from a seed, so that a seed means the same image on every device.

What is drawn in which order is ComfyUI's, so that a seed also means the same image there.
"""

from collections.abc import Callable, Sequence
from typing import Literal

import torch
from torch import Tensor

from graphengine.diffusion.sampling.brownian import BrownianTree

NoiseSource = Callable[[Tensor, Tensor], Tensor]
"""(sigma, sigma_next) -> unit normal noise like x, for the step between two noise levels."""

NoiseKind = Literal["gaussian", "brownian"]

_SEEDS = 2**64


def start_noise(shape: Sequence[int], seed: int, batch_index: Sequence[int] | None = None) -> Tensor:
    """The noise a sampling starts from, float32 on the CPU.

    Args:
        shape: Of the latents, B x C x h x w.
        seed: 0 to 2^64 - 1.
        batch_index: For each image, which of the seed's draws it takes, one image at a time; equal indices share
            their noise. None draws the whole batch at once, which is the same where an image has a multiple of 16
            values: torch draws 16 at a time. With four channels that is so unless both sides are odd.
    """
    generator = torch.Generator().manual_seed(seed)
    if batch_index is None:
        return torch.randn(*shape, generator=generator)
    if len(batch_index) != shape[0]:
        raise ValueError(f"batch_index has {len(batch_index)} entries for {shape[0]} images; it needs one each")
    draws = [torch.randn(1, *shape[1:], generator=generator) for _ in range(max(batch_index) + 1)]
    return torch.cat([draws[index] for index in batch_index])


def gaussian_noise(x: Tensor, seed: int) -> NoiseSource:
    """Independent noise for every call, from a generator of its own that starts at ``seed + 1``.

    One off from ``seed``, for otherwise the first call would repeat the noise that the sampling started from.
    """
    generator = torch.Generator().manual_seed((seed + 1) % _SEEDS)

    def draw(sigma: Tensor, sigma_next: Tensor) -> Tensor:
        return torch.randn(x.shape, generator=generator).to(x)

    return draw


def brownian_noise(
    x: Tensor,
    sigma_min: float,
    sigma_max: float,
    seed: int | Sequence[int],
    transform: Callable[[Tensor], Tensor] = lambda sigma: sigma,
) -> NoiseSource:
    """Increments of one Brownian path over sigma: steps of any size see the same path, so more steps converge.

    Args:
        x: What the noise is to be like.
        sigma_min, sigma_max: The range of noise levels that may be asked for.
        seed: One for the batch, or one for each image.
        transform: From sigma to the path's time.
    """

    def time(sigma: Tensor | float) -> float:
        return float(transform(torch.as_tensor(sigma, dtype=torch.float32)))

    low, high = sorted((time(sigma_min), time(sigma_max)))
    rising = 1 if time(sigma_min) < time(sigma_max) else -1
    if isinstance(seed, int):
        trees = [BrownianTree(x.shape, low, high, seed)]
    else:
        trees = [BrownianTree(x.shape[1:], low, high, of_image) for of_image in seed]

    def increment(sigma: Tensor, sigma_next: Tensor) -> Tensor:
        start, end = time(sigma), time(sigma_next)
        moves = [tree(end) - tree(start) for tree in trees]
        move = moves[0] if isinstance(seed, int) else torch.stack(moves)
        return (move * (rising / abs(end - start) ** 0.5)).to(x)

    return increment


def noise_source(kind: NoiseKind, x: Tensor, sigmas: Tensor, seed: int) -> NoiseSource:
    """The noise a stochastic sampler draws from on its way down ``sigmas``."""
    if kind == "gaussian":
        return gaussian_noise(x, seed)
    positive = sigmas[sigmas > 0]
    return brownian_noise(x, float(positive.min()), float(positive.max()), seed)
