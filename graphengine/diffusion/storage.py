"""Tensors as bytes and back, for caches."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

# as safetensors files name types
DTYPES: Mapping[str, torch.dtype] = {
    "BOOL": torch.bool, "U8": torch.uint8, "I8": torch.int8, "I16": torch.int16, "I32": torch.int32,
    "I64": torch.int64, "F16": torch.float16, "BF16": torch.bfloat16, "F32": torch.float32, "F64": torch.float64,
}  # fmt: skip
NAMES = {dtype: name for name, dtype in DTYPES.items()}


def pack(value: Tensor) -> tuple[str, Sequence[int], bytes]:
    """Type as safetensors files name it, shape, and the values in row order."""
    flat = value.detach().cpu().contiguous().reshape(-1)
    if value.dtype not in NAMES:
        raise TypeError(f"tensors of type {value.dtype} have no name in safetensors files")
    return NAMES[value.dtype], list(value.shape), flat.view(torch.uint8).numpy().tobytes()


def unpack(dtype: str, shape: Sequence[int], data: bytes) -> Tensor:
    """The tensor on the CPU.

    Args:
        dtype: As safetensors files name it.
        shape: Of the tensor.
        data: Its values in row order.

    Raises:
        ValueError: The type is not known.
    """
    if dtype not in DTYPES:
        raise ValueError(f"tensors of type {dtype!r} cannot be read; known are {', '.join(DTYPES)}")
    if not data:
        return torch.empty(tuple(shape), dtype=DTYPES[dtype])
    return torch.frombuffer(bytearray(data), dtype=DTYPES[dtype]).reshape(tuple(shape))
