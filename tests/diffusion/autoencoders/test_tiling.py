import pytest
import torch
from torch.nn import functional as F

from graphengine.diffusion.autoencoders.tiling import decode_tiled, encode_tiled


def grow(x):
    return F.interpolate(x, scale_factor=8, mode="nearest")


def shrink(x):
    return F.avg_pool2d(x, 8)


def pictures(height, width):
    torch.manual_seed(0)
    return torch.randn(2, 3, height, width)


@pytest.mark.parametrize("size", [(8, 8), (8, 5), (3, 7)])
def test_one_tile_gives_exactly_what_the_network_gives(size):
    x = pictures(*size)
    assert torch.equal(decode_tiled(torch.sin, x, tile=8, overlap=2), x.sin())


@pytest.mark.parametrize("size", [(20, 9), (9, 20), (8, 11), (5, 33), (16, 16)])
@pytest.mark.parametrize("overlap", [0, 3, 7])
def test_a_network_without_context_is_not_changed_by_tiling(size, overlap):
    x = pictures(*size)
    torch.testing.assert_close(decode_tiled(grow, x, tile=8, overlap=overlap), grow(x))


@pytest.mark.parametrize("size", [(64, 40), (32, 104)])
def test_encoding_tiles_shrink(size):
    x = pictures(*size)
    torch.testing.assert_close(encode_tiled(shrink, x, tile=32, overlap=8), shrink(x))


def test_no_piece_is_larger_than_a_tile():
    seen = []

    def network(x):
        seen.append(x.shape[-2:])
        return x

    decode_tiled(network, pictures(19, 30), tile=8, overlap=2)
    assert set(seen) == {(8, 8)}
    assert len(seen) == 3 * 5


def test_the_seam_between_tiles_is_a_gradual_blend():
    numbers = iter([0.0, 1.0])

    def network(x):
        return torch.full_like(x, next(numbers))

    row = decode_tiled(network, torch.zeros(1, 1, 8, 12), tile=8, overlap=4)[0, 0, 0]
    torch.testing.assert_close(row, torch.tensor([0, 0, 0, 0, 0.2, 0.4, 0.6, 0.8, 1, 1, 1, 1]))


def test_a_video_is_tiled_over_its_last_two_sides():
    x = torch.randn(1, 2, 3, 12, 12)
    torch.testing.assert_close(decode_tiled(torch.cos, x, tile=8, overlap=2), x.cos())


def test_an_overlap_as_large_as_the_tile_is_an_error():
    with pytest.raises(ValueError, match="tiles of 8 with an overlap of 8; the overlap must be from 0 to 7"):
        decode_tiled(grow, pictures(16, 16), tile=8, overlap=8)


def test_a_tile_that_starts_inside_an_output_cell_is_an_error():
    with pytest.raises(ValueError, match=r"multiples of what an output cell spans"):
        encode_tiled(shrink, pictures(64, 64), tile=32, overlap=12)
