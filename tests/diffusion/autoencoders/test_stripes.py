import pytest
import torch
from torch import nn
from torch.nn import functional as F

from graphengine.diffusion.autoencoders import stripes


@pytest.fixture(autouse=True)
def every_map_is_large(monkeypatch):
    monkeypatch.setattr(stripes, "LARGE", 1)
    monkeypatch.setattr(stripes, "ROWS", 3)
    torch.manual_seed(0)


def map_of(height, layout=torch.contiguous_format):
    return torch.randn(2, 8, height, 5).to(memory_format=layout)


@pytest.mark.parametrize("height", [1, 3, 4, 7, 12])
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
@torch.no_grad()
def test_stripes_of_a_normed_convolution_are_the_whole(height, layout):
    norm, conv, x = nn.GroupNorm(4, 8, eps=1e-6), nn.Conv2d(8, 6, 3, padding=1), map_of(height, layout) * 3 + 1
    nn.init.normal_(norm.weight)
    nn.init.normal_(norm.bias)
    striped = stripes.normed_conv(norm, conv, x)
    torch.testing.assert_close(striped, conv(F.silu(norm(x))), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("height", [1, 3, 4, 7, 12])
@torch.no_grad()
def test_stripes_of_an_upsampling_convolution_are_the_whole(height):
    conv, x = nn.Conv2d(8, 6, 3, padding=1), map_of(height)
    whole = conv(F.interpolate(x, scale_factor=2.0, mode="nearest"))
    torch.testing.assert_close(stripes.upsampled_conv(conv, x), whole, atol=1e-6, rtol=1e-6)


@torch.no_grad()
def test_stripes_in_half_precision_are_as_near_to_the_exact_map_as_the_whole_is():
    norm, conv, x = nn.GroupNorm(4, 8), nn.Conv2d(8, 6, 3, padding=1), map_of(9) + 1
    exact = conv(F.silu(norm(x)))
    striped = stripes.normed_conv(norm.bfloat16(), conv.bfloat16(), x.bfloat16())
    assert striped.dtype is torch.bfloat16
    assert (striped - exact).abs().max() < 0.03


def test_gradients_pass_through_the_whole_map():
    norm, conv, x = nn.GroupNorm(4, 8), nn.Conv2d(8, 6, 3, padding=1), map_of(9).requires_grad_()
    stripes.normed_conv(norm, conv, x).sum().backward()
    assert x.grad is not None
