"""Where a network is, and the lower precision that it trains with there."""

import torch
from torch import nn


def device_of(module: nn.Module) -> torch.device:
    """The device of a network's parameters."""
    return next(module.parameters()).device


def half(module: nn.Module) -> torch.autocast:
    """Compute the network's matrix products in bfloat16, which keeps float32's range, so that no loss needs scaling."""
    return torch.autocast(device_of(module).type, torch.bfloat16)
