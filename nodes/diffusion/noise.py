"""Start noise, and what is steered by it."""

from dataclasses import replace
from typing import Annotated, Literal

from graphengine.api import Range, Seed, Size, node
from graphengine.diffusion import types
from graphengine.diffusion.sampling.run import noised
from graphengine.ports import Conditioning, Guider, Latents, Model, Noise, Sigmas

from .values import filled, some_sigmas

Guidance = Annotated[float, Range(0.0, 100.0, 0.1)]


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
def AddNoise(
    model: Model, noise: Noise, sigmas: Sigmas, latent_image: Latents
) -> Annotated[Latents, Size("latent_image")]:
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
def DualCFGGuider(
    model: Model,
    cond1: Conditioning,
    cond2: Conditioning,
    negative: Conditioning,
    cfg_conds: Guidance = 8.0,
    cfg_cond2_negative: Guidance = 8.0,
    style: Literal["regular", "nested"] = "regular",
) -> Guider:
    """A model that follows two conditionings, each with a guidance of its own, as instructed edits of pictures do.

    Args:
        cond1: What is followed most, such as a picture and a text.
        cond2: What lies between it and the negative, such as the picture alone.
        cfg_conds: Guidance from the second to the first.
        cfg_cond2_negative: Guidance from the negative to the second.
        style: Add up both ways, or let the second guidance start from where the first one led.
    """
    return types.Guider(
        model, cond1, negative, cfg_conds, types.Middle(cond2, cfg_cond2_negative, nested=style == "nested")
    )


@node(category="_for_testing")
def PerpNegGuider(
    model: Model,
    positive: Conditioning,
    negative: Conditioning,
    empty_conditioning: Conditioning,
    cfg: Guidance = 8.0,
    neg_scale: Annotated[float, Range(0.0, 100.0, 0.01)] = 1.0,
) -> Guider:
    """A model that keeps away from what the negative has and the positive has not (Armandpour et al. 2023).

    Args:
        empty_conditioning: An empty text, from which guidance leads to the positive.
        cfg: Guidance scale.
        neg_scale: How strongly to keep away.
    """
    return types.Guider(model, positive, negative, cfg, types.Middle(empty_conditioning, neg_scale, perpendicular=True))


@node(category="sampling/custom_sampling/guiders")
def CFGGuider(
    model: Model,
    positive: Conditioning,
    negative: Conditioning,
    cfg: Guidance = 8.0,
) -> Guider:
    """A model that follows one conditioning and keeps away from another (classifier-free guidance).

    Args:
        cfg: Guidance scale; 1 leaves the negative out.
    """
    return types.Guider(model, positive, negative, cfg)
