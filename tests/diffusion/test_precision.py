import pytest
import torch
from torch import nn

from graphengine.diffusion import precision
from graphengine.diffusion.precision import Precision, parameters
from graphengine.diffusion.types import Part

CPU = torch.device("cpu")


class Sized:
    """A stored tensor of which only the size matters."""

    dtype = "F16"

    def __init__(self, *shape):
        self.shape = shape


def part(role, *shape):
    return Part("some network", "sd1", lambda: nn.Identity(), {"weight": Sized(*shape)}, "id", role=role)


def test_parameters_are_counted_from_shapes():
    assert parameters(part("denoiser", 3, 5)) == 15


@pytest.mark.parametrize(
    ("fast", "size", "dtype"), [(True, 10**6, "float32"), (True, 10**9, "bfloat16"), (False, 10**9, "float32")]
)
def test_a_processor_computes_only_big_networks_in_bfloat16_and_only_where_it_can(monkeypatch, fast, size, dtype):
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: fast)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: False)
    assert Precision().dtype(part("denoiser", size), CPU) == getattr(torch, dtype)


@pytest.mark.parametrize("mode", ["fp32", "bf16", "fp16"])
def test_a_mode_holds_for_every_network(mode):
    assert Precision(mode).dtype(part("denoiser", 9), CPU) == precision.DTYPES[mode]


@pytest.mark.parametrize(("mode", "device"), [("fp16", "cpu"), ("fp16", "cuda"), ("auto", "mps")])
def test_an_autoencoder_is_never_computed_in_float16(mode, device):
    assert Precision(mode).dtype(part("autoencoder", 9), torch.device(device)) == torch.float32


def test_an_unknown_mode_is_refused():
    with pytest.raises(ValueError, match="no precision 'fp8'; choose from auto, fp32"):
        Precision("fp8")
