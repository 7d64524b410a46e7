"""Tensors as bytes and back, for caches and files that store arrays by type, shape and content."""

from collections.abc import Sequence

import torch
from torch import Tensor

from graphengine.diffusion.weights.mapped import DTYPES

NAMES = {dtype: str(dtype).removeprefix("torch.") for dtype in DTYPES.values()}


def pack(value: Tensor) -> tuple[str, Sequence[int], bytes]:
    """Type (``float32``, ``bfloat16``, ...), shape, and bytes in row order; from any device."""
    plain = value.detach().to("cpu").contiguous()
    data = plain.reshape(-1).view(torch.uint8).numpy().tobytes() if plain.numel() else b""
    return NAMES[value.dtype], value.shape, data


def unpack(dtype: str, shape: Sequence[int], data: bytes) -> Tensor:
    """The tensor on the CPU; ``dtype`` as safetensors files name it (``F32``, ``BF16``, ...)."""
    if not data:
        return torch.empty(tuple(shape), dtype=DTYPES[dtype])
    return torch.frombuffer(bytearray(data), dtype=DTYPES[dtype]).view(tuple(shape))
