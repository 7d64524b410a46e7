"""Start noise, and what is steered by it."""

from dataclasses import replace
from typing import Annotated

from graphengine.api import Range, Seed, node
from graphengine.diffusion import types
from graphengine.diffusion.sampling.run import noised
from graphengine.ports import Conditioning, Guider, Latents, Model, Noise, Sigmas

from .values import filled, some_sigmas


@node(category="sampling/custom_sampling/noise")
def RandomNoise(noise_seed: Seed = 0) -> Noise:
    """The start noise of a seed.

    Args:
        noise_seed: The same one gives the same noise on every machine.
    """
    return types.Noise(noise_seed)


@node(category="sampling/custom_sampling/noise")
def DisableNoise() -> Noise:
    """No noise: for latents that are noisy already."""
    return types.Noise(None)


@node(category="_for_testing/custom_sampling/noise")
def AddNoise(model: Model, noise: Noise, sigmas: Sigmas, latent_image: Latents) -> Latents:
    """Add noise to latents without sampling them.

    Args:
        model: Whose scale the noise has.
        sigmas: Noise is added as if sampling went from the first to the last of them.
    """
    latents = filled(latent_image, "latent_image")
    return replace(latents, samples=noised(model, latents, noise, some_sigmas(sigmas)))


@node(category="sampling/custom_sampling/guiders")
def BasicGuider(model: Model, conditioning: Conditioning) -> Guider:
    """A model that follows conditioning without guidance."""
    return types.Guider(model, conditioning)


@node(category="sampling/custom_sampling/guiders")
def CFGGuider(
    model: Model,
    positive: Conditioning,
    negative: Conditioning,
    cfg: Annotated[float, Range(0.0, 100.0, 0.1)] = 8.0,
) -> Guider:
    """A model that follows one conditioning and keeps away from another (classifier-free guidance).

    Args:
        cfg: Guidance scale; 1 leaves the negative out.
    """
    return types.Guider(model, positive, negative, cfg)
