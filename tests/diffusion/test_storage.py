import pytest
import torch

from graphengine.diffusion.storage import DTYPES, pack, unpack


@pytest.mark.parametrize("dtype", list(DTYPES.values()), ids=str)
@pytest.mark.parametrize("shape", [(), (0, 3), (2, 3)])
def test_a_tensor_comes_back_as_it_was(dtype, shape):
    value = (torch.rand(shape) * 9).to(dtype)
    name, size, data = pack(value)
    again = unpack(name, size, data)
    assert again.dtype == dtype and torch.equal(again, value)


def test_only_the_part_of_a_view_is_kept():
    _, _, data = pack(torch.zeros(1000)[:2])
    assert len(data) == 8


def test_an_unknown_type_is_refused():
    with pytest.raises(ValueError, match="type 'C64' cannot be read"):
        unpack("C64", [1], b"12345678")
