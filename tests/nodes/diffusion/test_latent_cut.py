"""Latents put together and cut; shapes, order and what is left over are those of ComfyUI 0.8.0."""

import pytest
import torch

from graphengine.api import NodeError
from graphengine.diffusion.types import Latents


def latents(batch=1, height=8, width=8, **more):
    numbers = torch.arange(batch * 4 * height * width, dtype=torch.float32)
    return Latents(numbers.view(batch, 4, height, width), **more)


@pytest.mark.parametrize(("dim", "axis"), [("x", 3), ("y", 2), ("t", 1)])
def test_latents_are_put_beside_others(call, dim, axis):
    first, second = latents(3), Latents(-1 - latents(2).samples)
    after = call("latent_cut", "LatentConcat", first, second, dim).samples
    before = call("latent_cut", "LatentConcat", first, second, f"-{dim}").samples
    going_round = second.samples[[0, 1, 0]]
    assert torch.equal(after, torch.cat([first.samples, going_round], dim=axis))
    assert torch.equal(before, torch.cat([going_round, first.samples], dim=axis))


def test_latents_that_do_not_fit_together_are_told(call):
    with pytest.raises(NodeError, match="do not fit"):
        call("latent_cut", "LatentConcat", latents(), latents(height=9), "x")


@pytest.mark.parametrize(
    ("index", "amount", "first", "count"),
    [(0, 1, 0, 1), (2, 3, 2, 3), (-3, 2, 5, 2), (-1, 5, 7, 1), (100, 1, 7, 1), (-100, 2, 0, 2), (5, 100, 5, 3)],
)
@pytest.mark.parametrize("dim", ["x", "y"])
def test_a_strip_is_taken_out(call, dim, index, amount, first, count):
    whole = latents(2)
    cut = call("latent_cut", "LatentCut", whole, dim, index, amount).samples
    assert torch.equal(cut, whole.samples.narrow(3 if dim == "x" else 2, first, count))


@pytest.mark.parametrize(("size", "count", "used"), [(1, 8, 1), (2, 4, 2), (3, 2, 3), (100, 1, 8)])
def test_strips_become_a_batch(call, size, count, used):
    whole = latents(2)
    strips = call("latent_cut", "LatentCutToBatch", whole, "x", size).samples
    assert strips.shape == (2 * count, 4, 8, used)
    assert torch.equal(strips[count - 1], whole.samples[0, ..., (count - 1) * used : count * used])
    assert torch.equal(strips[count], whole.samples[1, ..., :used])
    rows = call("latent_cut", "LatentCutToBatch", Latents(whole.samples.mT), "y", size).samples
    assert torch.equal(rows.mT, strips)
    assert call("latent_cut", "LatentCutToBatch", whole, "t", size) is whole


def test_latents_are_put_into_batches_of_one_size_and_keep_their_noise(call):
    masked = latents(2, mask=torch.zeros(1, 16, 16))
    one, two = call("latent_batch", "RebatchLatents", [latents(3), masked], 3)
    assert torch.equal(one.samples, latents(3).samples) and one.batch_index == (0, 1, 2) and one.mask is None
    assert torch.equal(two.samples, masked.samples) and two.batch_index == (0, 1) and not two.mask.any()
    (whole,) = call("latent_batch", "RebatchLatents", [latents(3), masked], 5)
    assert whole.mask.mean((1, 2)).tolist() == [1, 1, 1, 0, 0] and whole.batch_index == (0, 1, 2, 0, 1)
    with pytest.raises(NodeError, match="several sizes"):
        call("latent_batch", "RebatchLatents", [latents(), latents(height=9)], 2)
