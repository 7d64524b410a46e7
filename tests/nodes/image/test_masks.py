import numpy as np
import pytest
import torch
from scipy import ndimage

from graphengine.api import NodeError


@pytest.fixture
def masks(nodes):
    return nodes("image", "masks")


def random(*shape):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("tapered", [True, False])
@pytest.mark.parametrize("expand", [-2, 3])
def test_growing_is_grey_dilation_and_shrinking_grey_erosion(masks, tapered, expand):
    mask = random(2, 15, 17)
    footprint = ndimage.generate_binary_structure(2, 1 if tapered else 2)
    operation = ndimage.grey_dilation if expand > 0 else ndimage.grey_erosion
    expected = mask.numpy()
    for _ in range(abs(expand)):
        expected = np.stack([operation(one, footprint=footprint) for one in expected])
    assert np.array_equal(masks.GrowMask(mask, expand, tapered).numpy(), expected)


def test_growing_further_than_the_mask_ends_soon(masks):
    mask = torch.zeros(1, 4, 4)
    mask[0, 0, 0] = 1
    assert masks.GrowMask(mask, 16384).min() == 1


def test_combining_works_on_the_covered_part(masks):
    below, above = torch.full((1, 6, 6), 0.75), torch.full((1, 3, 3), 0.5)
    for operation, value in (
        ("multiply", 0.375), ("add", 1.0), ("subtract", 0.25), ("and", 0.0), ("or", 1.0), ("xor", 1.0),
    ):  # fmt: skip
        combined = masks.MaskComposite(below, above, 4, 1, operation)
        expected = below.clone()
        expected[:, 1:4, 4:] = value
        assert torch.equal(combined, expected), operation


def test_feathering_rises_in_equal_steps(masks):
    mask = masks.FeatherMask(torch.ones(1, 5, 6), left=4, bottom=2)
    assert mask[0, 0].tolist() == [0.25, 0.5, 0.75, 1, 1, 1]
    assert mask[0, :, 5].tolist() == [1, 1, 1, 1, 0.5]


def test_simple_masks(masks):
    assert masks.SolidMask(0.25, 3, 2).tolist() == [[[0.25] * 3] * 2]
    mask = random(2, 5, 6)
    assert torch.equal(masks.InvertMask(masks.InvertMask(mask)), 1 - (1 - mask))
    assert torch.equal(masks.CropMask(mask, 1, 2, 3, 100), mask[:, 2:, 1:4])
    assert torch.equal(masks.ThresholdMask(mask, 0.5), (mask > 0.5).float())
    assert torch.equal(masks.ImageToMask(masks.MaskToImage(mask), "blue"), mask)
    assert masks.InvertMask(mask[0]).shape == (1, 5, 6)


def test_a_colour_becomes_a_mask(masks):
    image = torch.zeros(1, 1, 2, 3)
    image[0, 0, 1] = torch.tensor([255, 128, 1]) / 255
    assert masks.ImageColorToMask(image, 0xFF8001).tolist() == [[[0, 1]]]


def test_bad_masks_are_refused_with_their_shape(masks):
    with pytest.raises(NodeError, match=r"'mask' has the shape \(0, 4, 4\)"):
        masks.InvertMask(torch.zeros(0, 4, 4))
    with pytest.raises(NodeError, match=r"\(9, 0\), outside of the mask of 6 x 5") as caught:
        masks.CropMask(random(1, 5, 6), x=9)
    assert caught.value.input == "x"
    with pytest.raises(NodeError, match="no transparency"):
        masks.ImageToMask(random(1, 2, 2, 3), "alpha")
