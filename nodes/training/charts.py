"""Loss curves as pictures."""

from collections.abc import Sequence
from typing import Annotated

import numpy as np
import torch
from PIL import Image as Pil
from PIL import ImageDraw, ImageFont

from graphengine.api import Range, node
from graphengine.diffusion.picture_files import from_pil
from graphengine.ports import Image

from .ports import Curve

PAPER, INK, GRID, POINTS, LINE = "#ffffff", "#30343b", "#e5e7eb", "#f3cfa5", "#c2600a"
LEFT, RIGHT, TOP, BOTTOM = 64, 20, 34, 26  # margins of a plot
TICKS = 6

Side = Annotated[int, Range(200, 4096, 8)]


@node(category="training/look", title="Loss Curves")
def LossCurve(width: Side = 800, height: Side = 260, log_scale: bool = True, *curve: Curve) -> Image:
    """Draw the losses of trainings, one above the other: every step, and their running mean.

    Args:
        width: In pixels.
        height: Of each plot, in pixels.
        log_scale: Draw factors, not differences, as equal.
        curve: Linked to the trainings.
    """
    plots = [from_pil(_plot(one, width, height, log_scale)).image for one in curve]
    return torch.cat(plots)[None] if plots else torch.ones(1, height, width, 3)


def _plot(curve: Curve, width: int, height: int, log_scale: bool) -> Pil.Image:
    picture = Pil.new("RGB", (width, height), PAPER)
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(13)
    steps, losses = np.array(curve.steps, float), np.array(curve.losses, float)
    means = running_mean(losses)
    draw.text((LEFT, 9), f"{curve.name}: {len(steps):,} steps, loss {means[-1]:.4g} at the end", INK, font)
    scale = np.log10 if log_scale and losses.min() > 0 else np.positive
    low, high = scale(np.quantile(losses, [0.0, 0.995]))
    pad = max(0.04 * (high - low), 1e-9)
    low, high = low - pad, high + pad

    def x(step: float) -> float:
        return LEFT + (width - LEFT - RIGHT) * step / max(steps[-1], 1)

    def y(loss: float) -> float:
        share = (scale(loss) - low) / (high - low)
        return float(height - BOTTOM - (height - TOP - BOTTOM) * min(max(share, 0), 1))

    first, last = (10**low, 10**high) if scale is np.log10 else (low, high)
    for value in ticks(first, last, log=scale is np.log10):
        draw.line([(LEFT, y(value)), (width - RIGHT, y(value))], GRID)
        draw.text((LEFT - 8, y(value)), f"{value:.3g}", INK, font, anchor="rm")
    for step in ticks(0, steps[-1]):
        draw.line([(x(step), TOP), (x(step), height - BOTTOM)], GRID)
        draw.text((x(step), height - BOTTOM + 5), f"{step:,.0f}", INK, font, anchor="mt")
    draw.point([(x(step), y(loss)) for step, loss in zip(steps, losses, strict=True)], POINTS)
    draw.line([(x(step), y(mean)) for step, mean in zip(steps, means, strict=True)], LINE, width=2)
    return picture


def running_mean(losses: np.ndarray) -> np.ndarray:
    """Of the last fiftieth of all steps; of those there are at the beginning."""
    window = max(1, len(losses) // 50)
    sums = np.concatenate([[0.0], losses.cumsum()])
    last = np.arange(1, len(losses) + 1)
    first = np.maximum(0, last - window)
    return (sums[last] - sums[first]) / (last - first)


def ticks(low: float, high: float, log: bool = False) -> Sequence[float]:
    """Round numbers from ``low`` to ``high``: multiples of 1, 2 or 5 times a power of ten; on a log scale these."""
    if log and high > 3 * low:
        powers = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
        found = [digit * 10.0**power for power in powers for digit in (1, 2, 5)]
        return [value for value in found if low <= value <= high]
    rough = max(high - low, 1e-12) / TICKS
    power = 10 ** np.floor(np.log10(rough))
    step = next(digit * power for digit in (1, 2, 5, 10) if digit * power >= rough)
    return [float(value) for value in np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step]
