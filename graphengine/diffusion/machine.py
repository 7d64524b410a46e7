"""What this machine computes with, in lines for people and for reports."""

import platform
from collections.abc import Iterator
from typing import Any

import torch

from graphengine.diffusion.precision import BIG
from graphengine.diffusion.residency import Residency


def lines(settings: Any) -> Iterator[str]:
    """Torch, device, threads, memory for models, number types; settings as ``Residency.create`` takes them."""
    devices = Residency.create(settings)
    yield f"torch: {torch.__version__}, {torch.get_num_threads()} threads, {platform.machine()}"
    yield f"device: {devices.device}"
    yield f"memory for models: {devices.memory_budget / 2**30:.1f} GiB"
    if devices.device.type == "cpu":
        fast = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
        found = f"bf16 for networks of more than {BIG / 1e6:.0f} M parameters" if fast else "fp32 (no fast bf16)"
        yield f"precision {devices.precision.mode}: {found if devices.precision.mode == 'auto' else 'as asked'}"
    else:
        yield f"precision: {devices.precision.mode}"
