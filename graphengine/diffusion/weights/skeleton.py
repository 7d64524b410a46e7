"""Build a network without memory and without drawing the random weights that a file's are about to replace."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode


class _WithoutInitialisation(TorchFunctionMode):
    """Leaves tensors as they are where ``torch.nn.init`` would fill them.

    On meta tensors that filling computes nothing, and yet its first call imports a second's worth of torch.
    """

    def __torch_function__(
        self, func: Callable[..., Any], _types: Sequence[type], args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        if getattr(func, "__module__", None) == "torch.nn.init":
            return args[0] if args else kwargs["tensor"]
        return func(*args, **kwargs)


def skeleton(build: Callable[[], nn.Module]) -> nn.Module:
    """What ``build`` makes, on the meta device, with no values in it."""
    with torch.device("meta"), _WithoutInitialisation():
        return build()
