"""DDIM in training steps: Song et al. 2021 (arXiv:2010.02502), as CompVis and Stability AI sample with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from graphengine.diffusion.sampling.denoiser import OnStep, ignore_step
from graphengine.diffusion.sampling.ldm.prediction import Predict, noise_and_clean
from graphengine.diffusion.types import Prediction

Discretization = Literal["uniform", "quad"]


def ddim_timesteps(steps: int, method: Discretization = "uniform", train_steps: int = 1000) -> Tensor:
    """The training steps that DDIM visits, ascending, int64.

    ``uniform`` has a constant stride, so where ``steps`` does not divide ``train_steps`` there are more than asked for.

    Raises:
        ValueError: Where the original's stride leads beyond the last training step.
    """
    if method == "uniform":
        timesteps = torch.arange(0, train_steps, train_steps // steps) + 1
    elif method == "quad":
        timesteps = (torch.linspace(0, (train_steps * 0.8) ** 0.5, steps, dtype=torch.float64) ** 2).long() + 1
    else:
        raise ValueError(f"unknown discretization {method!r}: it is uniform or quad")
    if timesteps[-1] >= train_steps:
        raise ValueError(
            f"{steps} DDIM steps have a stride of {train_steps // steps}, which ends on step {int(timesteps[-1])} of "
            f"{train_steps}; take a number of steps that divides {train_steps}"
        )
    return timesteps


@dataclass(frozen=True, eq=False)
class DDIMSteps:
    """The steps of a DDIM run, ascending, S of them.

    Attributes:
        timesteps: int64.
        alphas: ``alphas_cumprod`` at each, float64.
        alphas_prev: Where each step leads; the first one's is ``alphas_cumprod[0]``, so a little noise remains.
        sigmas: Deviation of the noise that each step adds.
    """

    timesteps: Tensor
    alphas: Tensor
    alphas_prev: Tensor
    sigmas: Tensor

    @classmethod
    def of(cls, alphas_cumprod: Tensor, timesteps: Tensor, eta: float = 0.0) -> "DDIMSteps":
        """Steps at some training steps; ``eta`` 0 is deterministic, 1 as noisy as DDPM (equation 16)."""
        alphas_cumprod = alphas_cumprod.double().cpu()
        alphas = alphas_cumprod[timesteps]
        previous = torch.cat([alphas_cumprod[:1], alphas[:-1]])
        sigmas = eta * ((1 - previous) / (1 - alphas) * (1 - alphas / previous)).sqrt()
        return cls(timesteps, alphas, previous, sigmas)

    def __len__(self) -> int:
        return len(self.timesteps)

    def noised(self, clean: Tensor, noise: Tensor, index: int) -> Tensor:
        """``clean`` with the noise of step ``index``."""
        return self.alphas[index].sqrt() * clean + (1 - self.alphas[index]).sqrt() * noise


@torch.no_grad()
def ddim(
    predict: Predict,
    x: Tensor,
    steps: DDIMSteps,
    *,
    prediction: Prediction = Prediction.EPS,
    noise: Sequence[Tensor] = (),
    temperature: float = 1.0,
    start: int | None = None,
    keep: tuple[Tensor, Tensor, Sequence[Tensor]] | None = None,
    on_step: OnStep = ignore_step,
) -> Tensor:
    """Sample from noise or, with ``start``, from noised latents.

    Args:
        predict: The guided network.
        x: B x C x h x w.
        steps: Which to visit.
        prediction: What ``predict`` outputs.
        noise: One like ``x`` for each step, in the order they are taken; may be empty when eta is 0.
        temperature: Scales ``noise``.
        start: Take only this many of the steps, the cleanest (image to image: ``int(strength * S)``).
        keep: (mask, clean latents, one noise for each step): before each step, what the mask marks with 1 is replaced
            by the clean latents, noised for that step. Nothing is replaced after the last.
        on_step: Told the step from 0, x after it, and its clean estimate.

    Returns:
        Latents at the noise of the first training step.
    """
    count = len(steps) if start is None else start
    for step, index in enumerate(reversed(range(count))):
        if keep is not None:
            mask, clean, keep_noise = keep
            x = steps.noised(clean, keep_noise[step], index) * mask + (1 - mask) * x
        a, a_prev, sigma = steps.alphas[index], steps.alphas_prev[index], steps.sigmas[index]
        output = predict(x, steps.timesteps[index].to(x.device).expand(len(x)))
        eps, denoised = noise_and_clean(prediction, output, x, a)
        x = a_prev.sqrt() * denoised + (1 - a_prev - sigma**2).sqrt() * eps
        if sigma > 0:
            x = x + sigma * temperature * noise[step]
        on_step(step, x, denoised)
    return x


@torch.no_grad()
def ddim_invert(
    predict: Predict, x: Tensor, steps: DDIMSteps, count: int, *, ask_at: Sequence[int] | None = None
) -> Tensor:
    """Run DDIM backwards: the noise that clean latents came from (arXiv:2010.02502, section 4.3).

    Args:
        predict: An eps network.
        x: Clean latents, B x C x h x w.
        steps: Which to visit, the first ``count`` of them.
        count: How far to go.
        ask_at: The timestep to ask the network at, for each step: None is the step's own (as ControlNet's copy does);
            Stability AI's copy asks at 0, 1, 2, ...
    """
    for index in range(count):
        timestep = steps.timesteps[index] if ask_at is None else torch.tensor(ask_at[index])
        eps = predict(x, timestep.to(x.device).expand(len(x)))
        a, a_next = steps.alphas_prev[index], steps.alphas[index]
        x = (a_next / a).sqrt() * x + a_next.sqrt() * ((1 / a_next - 1).sqrt() - (1 / a - 1).sqrt()) * eps
    return x
