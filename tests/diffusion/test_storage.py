"""Tensors survive being bytes."""

import pytest
import torch
from safetensors import deserialize, serialize

from graphengine.diffusion.storage import pack, unpack


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.uint8, torch.bool])
@pytest.mark.parametrize("shape", [(), (3,), (2, 3, 4), (0, 5)])
def test_a_tensor_is_the_same_after_a_round_trip_through_a_safetensors_file(dtype, shape):
    value = (torch.arange(24).remainder(7)[: torch.Size(shape).numel()] - 1).reshape(shape).to(dtype)
    name, size, data = pack(value)
    [(_, stored)] = deserialize(serialize({"t": {"dtype": name, "shape": list(size), "data": data}}))
    again = unpack(stored["dtype"], stored["shape"], stored["data"])
    assert again.dtype == value.dtype
    assert torch.equal(again, value)


def test_a_view_is_stored_in_row_order():
    value = torch.arange(6.0).reshape(2, 3).T
    assert torch.equal(unpack("F32", value.shape, pack(value)[2]), value)
