"""Changes of how the positive and the negative pass become one estimate."""

from dataclasses import replace
from typing import Annotated, NamedTuple

from graphengine.api import Range, node
from graphengine.diffusion.sampling import steering
from graphengine.ports import Model


class Patched(NamedTuple):
    patched_model: Model


@node(category="advanced/model")
def RescaleCFG(model: Model, multiplier: Annotated[float, Range(0.0, 1.0, 0.01)] = 0.7) -> Model:
    """Keep the contrast that the positive text gives, however strong guidance is (Lin et al. 2023).

    Args:
        multiplier: How much of it; 0 is plain guidance.
    """
    return replace(model, guiders=(*model.guiders, steering.rescaled(multiplier)))


@node(category="sampling/custom_sampling", title="Adaptive Projected Guidance")
def APG(
    model: Model,
    eta: Annotated[float, Range(-10.0, 10.0, 0.01)] = 1.0,
    norm_threshold: Annotated[float, Range(0.0, 50.0, 0.1)] = 5.0,
    momentum: Annotated[float, Range(-5.0, 1.0, 0.01)] = 0.0,
) -> Model:
    """Guide strongly without loud colours (Sadat et al. 2024). Without effect at a guidance of 1.

    Args:
        eta: How much stays of the guidance that lies along the estimate, which makes colours loud; 1 is all of it.
        norm_threshold: Guidance is cut to this length; 0 does not cut it.
        momentum: How much the guidance of earlier steps counts; below 0 it is taken away.
    """

    def make() -> steering.Before:
        return steering.Projected(eta, norm_threshold, momentum)

    return replace(model, before_guidance=(*model.before_guidance, make))


@node(category="advanced/guidance", title="Tangential Damping CFG")
def TCFG(model: Model) -> Patched:
    """Take from the negative what leads away from both texts (Kwon et al. 2025)."""
    return Patched(replace(model, before_guidance=(*model.before_guidance, lambda: steering.damped)))


@node(category="advanced/guidance")
def CFGZeroStar(model: Model) -> Patched:
    """Scale the negative to what it has in common with the positive (Fan et al. 2025)."""
    return Patched(replace(model, after_guidance=(*model.after_guidance, steering.zero_star)))


@node(category="advanced/guidance")
def CFGNorm(model: Model, strength: Annotated[float, Range(0.0, 100.0, 0.01)] = 1.0) -> Patched:
    """Keep guided estimates from growing larger than the positive ones.

    Args:
        strength: Factor of the result.
    """
    return Patched(replace(model, after_guidance=(*model.after_guidance, steering.no_longer(strength))))


@node(category="model_patches/unet", kind="Epsilon Scaling")
def EpsilonScaling(model: Model, scaling_factor: Annotated[float, Range(0.5, 1.5, 0.001)] = 1.005) -> Model:
    """Take a little less noise away than was estimated, which makes up for errors that add up (Ning et al. 2023).

    Args:
        scaling_factor: What the noise is divided by.
    """
    return replace(model, after_guidance=(*model.after_guidance, steering.less_noise(scaling_factor)))


@node(category="model_patches/unet")
def PerturbedAttentionGuidance(model: Model, scale: Annotated[float, Range(0.0, 100.0, 0.01)] = 3.0) -> Model:
    """Lead away from a picture without structure (Ahn et al. 2024); one more pass in each step.

    Args:
        scale: How strongly; 0 is off.
    """
    return replace(model, after_guidance=(*model.after_guidance, steering.away_from_unattended(scale)))
