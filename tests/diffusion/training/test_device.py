"""Lower precision is for devices that gain by it."""

import pytest
import torch
from torch import nn

from graphengine.diffusion.training.device import half


@pytest.mark.parametrize(("fast", "dtype"), [(True, torch.bfloat16), (False, torch.float32)])
def test_training_computes_in_bfloat16_only_where_the_processor_does(monkeypatch, fast, dtype):
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: fast)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: False)
    network = nn.Linear(4, 4)
    with half(network):
        assert network(torch.zeros(1, 4)).dtype is dtype
