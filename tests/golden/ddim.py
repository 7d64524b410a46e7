"""The original repositories' DDIM, for cases that run it over whole networks; eta is 0 in all of them."""

from collections.abc import Callable, Iterator

from torch import Tensor, arange


def ddim_timesteps(steps: int, alphas_cumprod: Tensor) -> Tensor:
    """Ascending; more than ``steps`` of them where ``steps`` does not divide the training steps."""
    total = len(alphas_cumprod)
    return arange(0, total, total // steps) + 1


def ddim(
    eps: Callable[[Tensor, Tensor], Tensor], x: Tensor, timesteps: Tensor, alphas_cumprod: Tensor
) -> Iterator[Tensor]:
    """The latents after each step, from the last of ``timesteps`` to the first."""
    alphas = alphas_cumprod[timesteps]
    before = alphas_cumprod[[0, *timesteps[:-1].tolist()]]
    for index in reversed(range(len(timesteps))):
        noise = eps(x, timesteps[index].expand(len(x)))
        clean = (x - (1 - alphas[index]).sqrt() * noise) / alphas[index].sqrt()
        x = before[index].sqrt() * clean + (1 - before[index]).sqrt() * noise
        yield x
