import math

import pytest
import torch
from torch.nn import functional as F

from graphengine.diffusion.denoisers.layers import (
    GEGLU,
    CrossAttention,
    Downsample,
    ResBlock,
    SpatialTransformer,
    Upsample,
    timestep_embedding,
)


def test_a_timestep_is_embedded_as_cosines_then_sines_of_falling_frequencies():
    timesteps, width = [0.0, 7.5, 999.0], 8
    expected = [
        [function(t * 10000 ** (-i / 4)) for function in (math.cos, math.sin) for i in range(4)] for t in timesteps
    ]
    embedded = timestep_embedding(torch.tensor(timesteps), width)
    torch.testing.assert_close(embedded, torch.tensor(expected), atol=1e-4, rtol=0)


def test_an_embedding_of_odd_width_ends_on_a_zero():
    embedded = timestep_embedding(torch.tensor([3]), 7)
    assert embedded.shape == (1, 7)
    assert embedded[0, -1] == 0


def test_a_fresh_residual_block_is_the_identity():
    block = ResBlock(8, 8, embedding_width=6, norm_groups=4)
    x = torch.randn(2, 8, 3, 5)
    assert torch.equal(block(x, torch.randn(2, 6)), x)


@pytest.mark.parametrize("linear", [False, True])
def test_a_fresh_transformer_is_the_identity(linear):
    transformer = SpatialTransformer(8, context_width=6, heads=2, depth=1, norm_groups=4, linear=linear)
    x = torch.randn(2, 8, 3, 5)
    assert torch.equal(transformer(x, torch.randn(2, 7, 6)), x)


def test_convolutional_and_linear_projections_are_the_same_map():
    torch.manual_seed(0)
    convolutional, linear = (SpatialTransformer(8, 6, 2, 1, 4, linear=linear) for linear in (False, True))
    for parameter in convolutional.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    weights = convolutional.state_dict()
    linear.load_state_dict({name: w.flatten(1) if w.dim() == 4 else w for name, w in weights.items()})
    x, context = torch.randn(2, 8, 3, 5), torch.randn(2, 7, 6)
    torch.testing.assert_close(convolutional(x, context), linear(x, context))


def test_down_sampling_rounds_up_and_up_sampling_meets_the_size_asked_for():
    x = torch.randn(1, 4, 5, 7)
    smaller = Downsample(4)(x)
    assert smaller.shape == (1, 4, 3, 4)
    assert Upsample(4)(smaller).shape == (1, 4, 6, 8)
    assert Upsample(4)(smaller, size=(5, 7)).shape == x.shape


def test_the_second_half_of_the_projection_gates_the_first():
    layer = GEGLU(4, 6)
    x = torch.randn(3, 4)
    projected = F.linear(x, layer.proj.weight, layer.proj.bias)
    gate = projected[:, 6:]
    torch.testing.assert_close(layer(x), projected[:, :6] * gate * 0.5 * (1 + torch.erf(gate / math.sqrt(2))))


class Doubling:
    """Doubles keys' and values' tokens apart, and adds to the output."""

    def __init__(self, keys, values, added):
        self.keys, self.values, self.added, self.layers = keys, values, added, []

    def context(self, layer, context):
        self.layers.append(layer)
        return self.keys * context, self.values * context

    def output(self, layer, queries, values, attended):
        return attended + self.added * queries


def test_hooks_change_keys_values_and_output_one_after_the_other():
    torch.manual_seed(0)
    layer = CrossAttention(8, 6, heads=2)
    layer.layer = "here"
    x, context = torch.randn(2, 5, 8), torch.randn(2, 3, 6)
    first, second = Doubling(2.0, 3.0, 0.5), Doubling(5.0, 7.0, 0.25)
    result = layer(x, context, hooks=(first, second))

    queries = layer.to_q(x)
    heads = [
        t.unflatten(-1, (2, 4)).transpose(1, 2) for t in (queries, layer.to_k(10 * context), layer.to_v(21 * context))
    ]
    attended = F.scaled_dot_product_attention(*heads).transpose(1, 2).flatten(2)
    torch.testing.assert_close(result, layer.to_out(attended + 0.75 * queries))
    assert set(first.layers) == set(second.layers) == {"here"}
