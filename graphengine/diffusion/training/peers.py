"""Training in several processes: each works on its own batch, and all take the same step on the mean gradient."""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, distributed, nn


@dataclass(frozen=True)
class Peers:
    """The processes that train together; one process alone needs no process group."""

    rank: int = 0
    count: int = 1

    def average(self, values: Tensor) -> None:
        """Replace a tensor by its mean over all processes."""
        if self.count > 1:
            distributed.all_reduce(values)
            values /= self.count


class FlatGradients:
    """All gradients of a network as views of one vector, with one more number at its end that travels along."""

    def __init__(self, parameters: Iterable[nn.Parameter]) -> None:
        self.parameters = list(parameters)
        count = sum(parameter.numel() for parameter in self.parameters)
        self.vector = torch.zeros(count + 1, device=self.parameters[0].device)

    def clear(self) -> None:
        """Zero all gradients, and make them views again should something have replaced them."""
        self.vector.zero_()
        start = 0
        for parameter in self.parameters:
            parameter.grad = self.vector[start : start + parameter.numel()].view_as(parameter)
            start += parameter.numel()

    def average(self, peers: Peers, extra: float) -> float:
        """Average the gradients over all processes; returns the mean of ``extra``."""
        self.vector[-1] = extra
        peers.average(self.vector)
        return float(self.vector[-1])

    def clip(self, largest_norm: float) -> float:
        """Scale the gradients down to a norm of at most ``largest_norm``; returns the norm they had."""
        gradients = self.vector[:-1]
        norm = float(gradients.norm())
        if norm > largest_norm:
            gradients *= largest_norm / norm
        return norm
