"""The moving average of a network's weights, which samples better than the weights themselves."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn


class EMA:
    """Exponential moving average of the trained parameters, by name.

    The decay in effect is ``min(decay, (1 + n) / (10 + n))`` at the n-th update, as in the latent diffusion code, so
    that the random start is soon forgotten.
    """

    def __init__(self, module: nn.Module, decay: float) -> None:
        self.decay = decay
        self.updates = 0
        self.shadow = {
            name: parameter.detach().clone() for name, parameter in module.named_parameters() if parameter.requires_grad
        }

    @torch.no_grad()
    def update(self, module: nn.Module) -> None:
        """Take in the weights after an optimiser step."""
        self.updates += 1
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        parameters = dict(module.named_parameters())
        for name, average in self.shadow.items():
            average.lerp_(parameters[name].detach(), 1 - decay)

    @torch.no_grad()
    def swap(self, module: nn.Module) -> None:
        """Exchange the average and the network's weights; a second call undoes the first."""
        parameters = dict(module.named_parameters())
        for name, average in self.shadow.items():
            kept = parameters[name].detach().clone()
            parameters[name].copy_(average)
            average.copy_(kept)

    def state_dict(self) -> dict[str, object]:
        return {"updates": self.updates, "shadow": self.shadow}

    def load_state_dict(self, state: Mapping[str, object]) -> None:
        updates, shadow = state["updates"], state["shadow"]
        assert isinstance(updates, int) and isinstance(shadow, dict)
        self.updates = updates
        for name, average in self.shadow.items():
            average.copy_(tensor_of(shadow, name))


def tensor_of(tensors: Mapping[str, Tensor], name: str) -> Tensor:
    """One tensor of a saved state.

    Raises:
        KeyError: The state was saved from another network.
    """
    if name not in tensors:
        raise KeyError(f"the saved average has no '{name}'; it belongs to another network, so start in an empty folder")
    return tensors[name]
