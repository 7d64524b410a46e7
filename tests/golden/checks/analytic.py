"""The closed formula that stands in for a network in the sampler cases."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from graphengine.diffusion.sampling.discrete import DiscreteSchedule
from graphengine.diffusion.types import Prediction


def analytic_network(
    schedule: DiscreteSchedule, std: float, prediction: Prediction
) -> Callable[..., Tensor]:
    """The best eps or v network, at fractional steps too, for latents near plus or minus the context."""
    log_ac = schedule.alphas_cumprod.double().log().numpy()

    def network(x: Tensor, timestep: Tensor, context: Tensor, **_: Any) -> Tensor:
        t = np.clip(timestep.double().numpy(), 0, len(log_ac) - 1)
        a = torch.from_numpy(np.exp(np.interp(t, np.arange(len(log_ac)), log_ac)))[:, None, None, None]
        x64, m, s2 = x.double(), context.double(), std**2
        r, v = x64 / a.sqrt(), (1 - a) / a
        x0 = (s2 * r + v * m * torch.tanh(m * r / (s2 + v))) / (s2 + v)
        eps = (x64 - a.sqrt() * x0) / (1 - a).sqrt()
        return (eps if prediction is Prediction.EPS else a.sqrt() * eps - (1 - a).sqrt() * x0).float()

    return network
