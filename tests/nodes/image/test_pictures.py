import numpy as np
import pytest
import torch
from PIL import Image

from graphengine.api import NodeError


def pictures(batch=2, height=12, width=16, channels=3):
    return torch.rand(batch, height, width, channels, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def image_nodes(nodes):
    """All nodes of the pack by name."""
    found = {}
    for module in ("scale", "transform", "batch", "postprocess", "composite"):
        found |= vars(nodes("image", module))
    return found


@pytest.mark.parametrize("kind", ["soft", "hard"])
@pytest.mark.parametrize(("width", "height"), [(7, 30), (40, 12), (33, 41), (6, 5)])  # all its versions go across first
def test_lanczos_is_that_of_pil_in_eight_bits_as_everybody_uses_it(image_nodes, kind, width, height):
    noise = np.random.default_rng(3).random((12, 16))
    pixels = (noise * 255 if kind == "soft" else (noise > 0.5) * 255).astype(np.uint8)
    images = torch.from_numpy(pixels / 255).float()[None, ..., None].expand(1, 12, 16, 3)
    scaled = image_nodes["ImageScale"](images, "lanczos", width, height)[0, ..., 0] * 255
    expected = np.array(Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS)).astype(np.float32)
    assert abs(scaled.numpy() - expected).max() <= 2  # of 255: two passes that are rounded


@pytest.mark.parametrize("method", ["nearest-exact", "bilinear", "area", "bicubic", "lanczos"])
def test_scaling_a_flat_picture_leaves_it_flat(image_nodes, method):
    scaled = image_nodes["ImageScale"](torch.full((1, 9, 9, 3), 0.3), method, 5, 14)
    assert scaled.shape == (1, 14, 5, 3)
    assert torch.allclose(scaled, torch.tensor(0.3), atol=1e-6)


def test_a_side_of_zero_follows_from_the_other(image_nodes):
    scale = image_nodes["ImageScale"]
    assert scale(pictures(), "area", 32, 0).shape == (2, 24, 32, 3)
    assert scale(pictures(), "area", 0, 24).shape == (2, 24, 32, 3)
    assert scale(pictures(), "area", 0, 0).shape == (2, 12, 16, 3)


def test_cropping_while_scaling_keeps_the_middle(image_nodes):
    images = pictures()
    assert torch.equal(image_nodes["ImageScale"](images, "bilinear", 12, 12, "center"), images[:, :, 2:14])


@pytest.mark.parametrize(("width", "height"), [(2, 72), (72, 2), (1, 90), (4, 90)])
def test_of_the_most_narrow_picture_cropping_leaves_something(image_nodes, width, height):
    narrow = torch.full((1, height, width, 3), 0.3)
    scaled = image_nodes["ImageScale"](narrow, "bilinear", height, width, "center")
    assert torch.allclose(scaled, torch.full((1, width, height, 3), 0.3))


def test_other_ways_to_give_a_size(image_nodes):
    images = pictures()
    assert image_nodes["ImageScaleBy"](images, "area", 0.5).shape == (2, 6, 8, 3)
    assert image_nodes["ImageScaleToMaxDimension"](images, "area", 32).shape == (2, 24, 32, 3)
    height, width = image_nodes["ImageScaleToTotalPixels"](images, "area", 0.01).shape[1:3]
    assert width * height == pytest.approx(0.01 * 2**20, rel=0.02) and width / height == pytest.approx(4 / 3, rel=0.02)


@pytest.mark.parametrize(  # as ComfyUI 0.8.0 gave them
    ("width", "height", "megapixels", "steps", "expected"),
    [
        (100, 60, 0.01, 1, (132, 79)), (100, 60, 0.01, 8, (136, 80)), (100, 60, 0.01, 16, (128, 80)),
        (777, 333, 0.5, 8, (1104, 472)), (777, 333, 0.5, 64, (1088, 448)), (777, 333, 1.0, 7, (1561, 672)),
        (333, 777, 0.05, 32, (160, 352)),
    ],
)  # fmt: skip
def test_sides_become_multiples_where_they_are_to(image_nodes, width, height, megapixels, steps, expected):
    plain = torch.zeros(1, height, width, 3)
    scaled = image_nodes["ImageScaleToTotalPixels"](plain, "bilinear", megapixels, steps)
    assert (scaled.shape[2], scaled.shape[1]) == expected


def test_scaling_to_nothing_is_refused(image_nodes):
    with pytest.raises(NodeError, match="16 x 12 would become 0 x 0") as caught:
        image_nodes["ImageScaleBy"](pictures(), "area", 0.01)
    assert caught.value.input == "scale_by"


def test_a_padded_picture_cropped_is_the_picture_again(image_nodes):
    images = pictures()
    padded, mask = image_nodes["ImagePadForOutpaint"](images, 8, 16, 24, 32, 0)
    assert padded.shape == (2, 12 + 48, 16 + 32, 3) and mask.shape == (1, 60, 48)
    assert torch.equal(image_nodes["ImageCrop"](padded, 16, 12, 8, 16), images)
    assert padded[0, 0, 0].tolist() == [0.5, 0.5, 0.5]
    assert mask[0, 16:28, 8:24].sum() == 0 and mask.sum() == 60 * 48 - 12 * 16


def test_feathering_falls_with_the_square_of_the_distance(image_nodes):
    _, mask = image_nodes["ImagePadForOutpaint"](pictures(1, 20, 20), 8, 0, 0, 0, 4)
    assert mask[0, 10, 6:14].tolist() == [1, 1, 1, 0.5625, 0.25, 0.0625, 0, 0]


def test_flipping_twice_and_turning_four_times_give_the_picture_back(image_nodes):
    images = pictures()
    flip, rotate = image_nodes["ImageFlip"], image_nodes["ImageRotate"]
    for way in ("x-axis: vertically", "y-axis: horizontally"):
        assert torch.equal(flip(flip(images, way), way), images)
    assert flip(images, "x-axis: vertically")[0, 0, 0].equal(images[0, -1, 0])
    assert torch.equal(rotate(rotate(images, "90 degrees"), "270 degrees"), images)
    assert torch.equal(rotate(images, "none"), images)


def test_turning_is_clockwise(image_nodes):
    images = pictures(1)
    turned = image_nodes["ImageRotate"](images, "90 degrees")
    assert np.array_equal(turned[0].numpy(), np.rot90(images[0].numpy(), -1))


def test_batches_are_joined_and_taken_apart(image_nodes):
    one, two = pictures(1), pictures(2, 24, 32)
    joined = image_nodes["ImageBatch"](one, two)
    assert joined.shape == (3, 12, 16, 3)
    assert torch.equal(image_nodes["ImageFromBatch"](joined, 0, 1), one)
    assert image_nodes["ImageFromBatch"](joined, 2, 5).shape[0] == 1
    assert torch.equal(image_nodes["RepeatImageBatch"](one, 3)[2:], one)
    assert image_nodes["GetImageSize"](joined) == (16, 12, 3)
    with pytest.raises(NodeError, match="no picture 3 in a batch of 3"):
        image_nodes["ImageFromBatch"](joined, 3)


def test_an_empty_image_has_its_colour(image_nodes):
    image = image_nodes["EmptyImage"](2, 3, 4, 0xFF8000)
    assert image.shape == (4, 3, 2, 3)
    assert image[3, 2, 1].tolist() == pytest.approx([1, 128 / 255, 0])


def test_blends_follow_the_published_formulas(image_nodes):
    base, top = pictures(), pictures().flip(0)
    blend = image_nodes["ImageBlend"]
    assert torch.equal(blend(base, top, 0.0, "screen"), base)
    assert torch.allclose(blend(base, top, 1.0, "normal"), top)
    assert torch.allclose(blend(base, top, 1.0, "multiply"), base * top)
    assert torch.allclose(blend(base, top, 0.5, "screen"), (base + base + top - base * top) / 2)
    assert torch.allclose(blend(base, top, 1.0, "difference"), (base - top).clamp(min=0))
    half = torch.full_like(base, 0.5)
    assert torch.allclose(blend(base, half, 1.0, "soft_light"), base, atol=1e-6)
    assert torch.allclose(blend(half, top, 1.0, "overlay"), top, atol=1e-6)


def test_blurring_is_a_gaussian_filter(image_nodes):
    from scipy.ndimage import correlate1d

    images = pictures()
    weights = np.exp(-(np.arange(-3, 4) ** 2) / (2 * (0.7 * 3) ** 2))
    weights /= weights.sum()
    expected = correlate1d(correlate1d(images[1].numpy(), weights, 0, mode="mirror"), weights, 1, mode="mirror")
    blurred = image_nodes["ImageBlur"](images, 3, 0.7)
    assert np.allclose(blurred[1].numpy(), expected, atol=1e-6)
    sharpened = image_nodes["ImageSharpen"](images, 3, 0.7, 0.02)
    assert torch.allclose(sharpened, (images + 0.2 * (images - blurred)).clamp(0, 1), atol=1e-6)


def test_a_radius_larger_than_the_picture_is_refused(image_nodes):
    with pytest.raises(NodeError, match="radius of 12 is too much for a picture of 16 x 12"):
        image_nodes["ImageBlur"](pictures(), 12)


@pytest.mark.parametrize("dither", ["none", "floyd-steinberg", "bayer-2", "bayer-4", "bayer-8", "bayer-16"])
def test_a_quantized_picture_has_few_colours_and_the_same_mean(image_nodes, dither):
    ramp = torch.linspace(0, 1, 32)[None, None, :, None].repeat(1, 32, 1, 3)
    reduced = image_nodes["ImageQuantize"](ramp, 4, dither)
    assert len(reduced.reshape(-1, 3).unique(dim=0)) <= 4
    assert reduced.mean().item() == pytest.approx(0.5, abs=0.03)


def test_canny_finds_the_outline_of_a_square_and_nothing_else(image_nodes):
    image = torch.zeros(1, 40, 40, 3)
    image[:, 10:30, 10:30] = 1
    edges = image_nodes["Canny"](image, 0.4, 0.8)
    assert edges.shape == image.shape and set(edges.unique().tolist()) == {0.0, 1.0}
    rows, columns = torch.nonzero(edges[0, ..., 0], as_tuple=True)
    inner = (rows > 11) & (rows < 28) & (columns > 11) & (columns < 28)
    outer = (rows < 8) | (rows > 31) | (columns < 8) | (columns > 31)
    assert not inner.any() and not outer.any()
    assert edges[0, 20, :, 0].sum() in (2, 3, 4)  # thin: the two sides
    assert edges[0, 12:28, 8:12, 0].sum(1).min() >= 1  # unbroken


def test_a_weak_edge_counts_only_with_a_strong_one(image_nodes):
    image = torch.zeros(1, 40, 40, 3)
    image[:, :, 20:] = torch.linspace(0.05, 0.6, 40)[None, :, None, None]  # one edge, weak above, strong below
    image[:, :, 2:6] = 0.2  # a weak edge by itself
    edges = image_nodes["Canny"](image, 0.3, 0.8)[0, ..., 0]
    assert edges[:, :10].sum() == 0
    strong = image_nodes["Canny"](image, 0.8, 0.8)[0, ..., 0]
    assert edges[:, 15:25].sum() > strong[:, 15:25].sum() > 0


def test_thresholds_that_are_exchanged_are_refused(image_nodes):
    with pytest.raises(NodeError, match=r"low_threshold 0\.9 is above high_threshold 0\.2"):
        image_nodes["Canny"](pictures(), 0.9, 0.2)


def test_a_picture_laid_over_another_is_cut_off_at_the_edge(image_nodes):
    below, above = torch.zeros(2, 10, 10, 3), torch.ones(1, 6, 6, 3)
    laid = image_nodes["ImageCompositeMasked"](below, above, 7, 2)
    expected = torch.zeros(2, 10, 10, 3)
    expected[:, 2:8, 7:] = 1
    assert torch.equal(laid, expected) and not below.any()
    mask = torch.zeros(1, 6, 6)
    mask[:, :, 0] = 0.25
    laid = image_nodes["ImageCompositeMasked"](below, above, 0, 0, mask=mask)
    assert laid[0, 0, 0, 0] == 0.25 and laid.sum() == 2 * 6 * 3 * 0.25
    assert image_nodes["ImageCompositeMasked"](below, above, resize_source=True).min() == pytest.approx(1)


def test_transparency_is_split_off_and_joined_again(image_nodes):
    images = pictures(channels=4)
    colors, mask = image_nodes["SplitImageWithAlpha"](images)
    assert torch.allclose(image_nodes["JoinImageWithAlpha"](colors, mask), images)


def test_the_second_picture_is_opaque_or_loses_its_transparency_as_the_first_asks(image_nodes):
    """As in ComfyUI 0.8.0, where a batch has transparency if one of them has."""
    opaque, clear = pictures(), pictures(channels=4)
    batch = image_nodes["ImageBatch"](opaque, clear)
    assert torch.equal(batch[:2, ..., :3], opaque) and torch.equal(batch[2:], clear) and batch[:2, ..., 3].min() == 1
    batch = image_nodes["ImageBatch"](clear, opaque)
    assert torch.equal(batch[:2], clear) and torch.equal(batch[2:, ..., :3], opaque) and batch[2:, ..., 3].min() == 1
    for name in ("ImageBlend", "ImageCompositeMasked"):
        lay = image_nodes[name]
        assert torch.equal(lay(opaque, clear), lay(opaque, clear[..., :3]))
        assert torch.equal(lay(clear, opaque), lay(clear, torch.cat([opaque, torch.ones_like(opaque[..., :1])], -1)))


def test_one_picture_is_blended_with_each_of_several(image_nodes):
    """As in ComfyUI 0.8.0, which makes three of one and three."""
    one, three = pictures()[:1], pictures().repeat(2, 1, 1, 1)[:3]
    assert torch.allclose(image_nodes["ImageBlend"](one, three, 1.0, "multiply"), one * three)


def test_something_else_than_pictures_is_refused(image_nodes):
    with pytest.raises(NodeError, match=r"shape \(1, 4, 4\); pictures are") as caught:
        image_nodes["ImageInvert"](torch.zeros(1, 4, 4))
    assert caught.value.input == "image"


def test_no_node_changes_its_input(image_nodes):
    images = pictures()
    before = images.clone()
    for kind in ("ImageInvert", "ImageBlur", "ImageSharpen", "ImageQuantize", "Canny", "ImageFlip", "ImageRotate"):
        image_nodes[kind](images)
    assert torch.equal(images, before)
