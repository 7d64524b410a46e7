import pytest
import torch

from graphengine.diffusion.sampling.brownian import BrownianTree
from graphengine.diffusion.sampling.noise import brownian_noise, gaussian_noise, start_noise


def test_start_noise_is_torchs_from_the_seed():
    expected = torch.randn(2, 4, 3, 5, generator=torch.Generator().manual_seed(42))
    assert torch.equal(start_noise((2, 4, 3, 5), 42), expected)


def test_a_batch_index_picks_draws_that_are_made_one_after_another():
    generator = torch.Generator().manual_seed(7)
    draws = [torch.randn(1, 4, 2, 2, generator=generator) for _ in range(4)]
    noise = start_noise((3, 4, 2, 2), 7, batch_index=(3, 1, 3))
    assert torch.equal(noise, torch.cat([draws[3], draws[1], draws[3]]))
    with pytest.raises(ValueError, match="2 entries for 3 images"):
        start_noise((3, 4, 2, 2), 7, batch_index=(0, 1))


def test_the_noise_along_the_way_is_not_that_of_the_start():
    x = torch.zeros(1, 4, 2, 2)
    source = gaussian_noise(x, 5)
    first, second = source(torch.tensor(2.0), torch.tensor(1.0)), source(torch.tensor(1.0), torch.tensor(0.5))
    assert torch.equal(first, start_noise(x.shape, 6))
    assert not torch.equal(first, second)


@pytest.mark.parametrize("seed", [0, 123456789, 2**64 - 1])
def test_the_largest_and_smallest_seeds_work(seed):
    x = torch.zeros(1, 4, 2, 2)
    assert gaussian_noise(x, seed)(torch.tensor(1.0), torch.tensor(0.5)).shape == x.shape
    assert torch.isfinite(brownian_noise(x, 0.1, 2.0, seed)(torch.tensor(1.0), torch.tensor(0.5))).all()


@pytest.mark.parametrize("seed", [0, 1234])
def test_the_brownian_path_is_torchsdes(seed):
    torchsde = pytest.importorskip("torchsde")
    reference = torchsde.BrownianTree(0.03, torch.zeros(2, 3), 14.6, entropy=seed)
    tree = BrownianTree((2, 3), 0.03, 14.6, seed)
    for time in (14.6, 9.0, 0.5, 0.03, 3.14159, 14.599999):
        torch.testing.assert_close(tree(time), reference(0.03, time), atol=1e-5, rtol=0)


def test_brownian_increments_add_up_and_have_unit_variance():
    x = torch.zeros(1, 4, 64, 64)
    source = brownian_noise(x, 0.03, 14.6, 1)
    sigmas = torch.tensor([14.0, 9.0, 4.0])
    whole = source(sigmas[0], sigmas[2]) * 10**0.5
    parts = source(sigmas[0], sigmas[1]) * 5**0.5 + source(sigmas[1], sigmas[2]) * 5**0.5
    torch.testing.assert_close(whole, parts, atol=1e-4, rtol=1e-4)
    assert float(source(sigmas[0], sigmas[1]).std()) == pytest.approx(1, abs=0.03)
