"""A network whose clean estimate is the mean of its context: what a condition says, wherever it holds."""

from typing import Any

import torch
from torch import Tensor, nn

from graphengine.diffusion.sampling.denoiser import Predictor
from graphengine.diffusion.sampling.discrete import DiscreteSchedule, alphas_cumprod_of, make_betas
from graphengine.diffusion.types import Condition, Control, ControlNet, LatentFormat, Model, Part, Prediction

AC = alphas_cumprod_of(make_betas("linear")).float()
SCHEDULE = DiscreteSchedule(AC)


class Says:
    """The network, with a record of the shapes it was called with."""

    def __init__(self) -> None:
        self.calls: list[tuple[int, ...]] = []

    def __call__(self, x: Tensor, timestep: Tensor, context: Tensor, *, residuals: Any = None, **_: Any) -> Tensor:
        self.calls.append(tuple(x.shape))
        said = context.mean(dim=(1, 2))[:, None, None, None].expand(len(x), 4, *x.shape[-2:])
        return said if residuals is None else said + residuals.middle


def says(value: float, tokens: int = 3, **options: Any) -> Condition:
    return Condition(context=torch.full((1, tokens, 2), value), **options)


def predictor(network: Any) -> Predictor:
    return Predictor(network, Prediction.X0, SCHEDULE)


def part(name: str = "network") -> Part:
    return Part(name=name, family="sd1", build=nn.Identity, weights={}, identity=name)


def model(**options: Any) -> Model:
    return Model(part(), Prediction.X0, AC, LatentFormat(scale=0.5, shift=1.0), **options)


def control(strength: float = 1.0, *, average: bool = False, **options: Any) -> Control:
    return Control(ControlNet(part("control"), average=average), torch.zeros(1, 8, 8, 3), strength, **options)
