"""How the weights move."""

from typing import Annotated

from graphengine.api import Range, Seed, node
from graphengine.diffusion.training import loop

from .inputs import Share
from .ports import Settings


@node(category="training", title="Training Settings")
def TrainingSettings(
    learning_rate: Annotated[float, Range(0.0, 1.0, 1e-6)] = 2e-3,
    adam_share: Annotated[float, Range(0.0, 10.0, 0.01)] = 0.7,
    weight_decay: Share = 0.01,
    warm_up: Annotated[int, Range(0, 100_000)] = 100,
    decay_from: Share = 0.0,
    floor: Share = 0.03,
    ema_decay: Annotated[float, Range(0.0, 1.0, 0.0001)] = 0.9985,
    clip: Annotated[float, Range(0.0, 1000.0, 0.1)] = 1.0,
    seed: Seed = 0,
) -> Settings:
    """How the weights move: Muon for matrices between hidden features, AdamW for all others.

    Args:
        learning_rate: Muon's, at its highest.
        adam_share: AdamW's rate, relative to Muon's.
        weight_decay: How strongly matrices are drawn to zero.
        warm_up: Steps in which the rate rises from nothing.
        decay_from: The share of the time after which the rate falls, along half a cosine.
        floor: What the rate falls to, relative to its highest.
        ema_decay: Of the moving average of the weights, which is what is kept.
        clip: Longest gradient that is not shortened.
        seed: Of the batches and their noise.
    """
    return loop.Settings(learning_rate, adam_share, weight_decay, warm_up, decay_from, floor, ema_decay, clip, seed)
