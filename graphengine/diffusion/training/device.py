"""Where a network is, and the lower precision that it trains with there."""

import torch
from torch import nn

from graphengine.diffusion.precision import fast_bfloat16


def device_of(module: nn.Module) -> torch.device:
    """The device of a network's parameters."""
    return next(module.parameters()).device


def half(module: nn.Module) -> torch.autocast:
    """Compute the network's matrix products in bfloat16 where that is faster.

    It keeps float32's range, so that no loss needs scaling.
    """
    device = device_of(module)
    return torch.autocast(device.type, torch.bfloat16, enabled=fast_bfloat16(device))
