"""Two networks of one build as one: each weight a mix of both."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor

from graphengine.diffusion.types import Part
from graphengine.diffusion.weights.build import read_weight

Shares = Callable[[str], tuple[float, float]]
"""For a parameter's name: the factors of the first network's weight and of the second's."""


@dataclass(frozen=True, eq=False)
class MergePatch:
    """A ``WeightPatch``: another network's weights, patched as that network is, mixed in.

    Attributes:
        other: The other network.
        shares: By parameter name, the factors of the weight itself and of the other's.
    """

    other: Part
    shares: Mapping[str, tuple[float, float]]

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(self.shares)

    def names(self) -> frozenset[str]:
        return self._names

    def apply(self, name: str, weight: Tensor) -> Tensor:
        own, others = self.shares[name]
        return weight * own + read_weight(self.other, name, torch.float32, weight.device) * others


def merged(part: Part, other: Part, shares: Shares) -> Part:
    """A network with the weights of two.

    Raises:
        ValueError: They are not of one build.
    """
    sizes, theirs = ({name: stored.shape for name, stored in one.weights.items()} for one in (part, other))
    if sizes != theirs:
        names = sorted(name for name in sizes.keys() | theirs.keys() if sizes.get(name) != theirs.get(name))
        raise ValueError(
            f"{part.name} and {other.name} are not built alike: they differ in {len(names)} weights, such as {names[0]}"
        )
    mixed = {name: shares(name) for name in sizes}
    changed = {name: factors for name, factors in mixed.items() if factors != (1.0, 0.0)}
    return replace(part, patches=(*part.patches, MergePatch(other, changed))) if changed else part
