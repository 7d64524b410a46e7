"""Which number type each network computes in: one policy instead of scattered casts."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import torch

from graphengine.diffusion.types import Part

Mode = Literal["auto", "fp32", "bf16", "fp16"]
BIG = 50_000_000  # parameters; below it float32 is fast enough on a processor, and exact
DTYPES: Mapping[str, torch.dtype] = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass(frozen=True)
class Precision:
    """The policy.

    Attributes:
        mode: One type for everything, or ``auto``: the fastest that the device computes without harm. An autoencoder
            never gets float16, whose range its activations leave.
    """

    mode: Mode = "auto"

    def __post_init__(self) -> None:
        if self.mode not in get_args(Mode):
            raise ValueError(f"no precision {self.mode!r}; choose from {', '.join(get_args(Mode))}")

    def dtype(self, part: Part, device: torch.device) -> torch.dtype:
        """The type this part computes in on this device."""
        dtype = BEST.get(device.type, _accelerator)(part, device) if self.mode == "auto" else DTYPES[self.mode]
        if dtype is torch.float16 and part.role == "autoencoder":
            return torch.float32
        return dtype


def parameters(part: Part) -> int:
    """How many numbers its weights are."""
    return sum(math.prod(tensor.shape) for tensor in part.weights.values())


def fast_bfloat16(device: torch.device) -> bool:
    """Whether a device computes bfloat16 itself; where it is emulated, float32 is many times faster."""
    if device.type == "cpu":
        return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return device.type != "cuda" or torch.cuda.is_bf16_supported(including_emulation=False)


def _processor(part: Part, device: torch.device) -> torch.dtype:
    return torch.bfloat16 if fast_bfloat16(device) and parameters(part) > BIG else torch.float32


def _apple(_part: Part, _device: torch.device) -> torch.dtype:
    return torch.float16


def _accelerator(_part: Part, device: torch.device) -> torch.dtype:
    return torch.bfloat16 if fast_bfloat16(device) else torch.float16


BEST: Mapping[str, Callable[[Part, torch.device], torch.dtype]] = {"cpu": _processor, "mps": _apple}
