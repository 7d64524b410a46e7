"""Pictures as ComfyUI 0.8.0 makes them of the same pictures; it shows four decimals."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from graphengine.api import NodeError

COMPUTED = load_file(Path(__file__).parents[2] / "data/comfyui/pictures.safetensors")
GIVEN = {name.removeprefix("in "): value for name, value in COMPUTED.items() if name.startswith("in ")}
MASKS = {name: value[..., 0] for name, value in GIVEN.items()}
EIGHT_BITS = 2 / 255  # as which its lanczos goes between pictures


def cases(kind):
    """The words of the names of what a kind gave, but for the kind and the number of the output."""
    return sorted({name.rsplit(" ", 1)[0] for name in COMPUTED if name.startswith(kind)})


def check(case, made, tolerance=6e-5):
    outputs = made if isinstance(made, tuple) else (made,)
    assert f"{case} {len(outputs)}" not in COMPUTED
    for number, output in enumerate(outputs):
        expected = COMPUTED[f"{case} {number}"]
        assert output.shape == expected.shape
        assert (output - expected).abs().max() < tolerance


@pytest.mark.parametrize("case", cases("Morphology"))
def test_light_parts_are_grown_and_shrunk(nodes, case):
    _, operation, size = case.split()
    check(case, nodes("image", "morphology").Morphology(GIVEN["k1"], operation, int(size)))


def test_noise_is_added(nodes):
    check("ImageAddNoise", nodes("image", "morphology").ImageAddNoise(GIVEN["k5"], 2**63 + 5, 0.3))


def test_colours_are_parted_and_put_together(nodes):
    colors = nodes("image", "colors")
    check("ImageRGBToYUV", tuple(colors.ImageRGBToYUV(GIVEN["k5"])))
    check("ImageYUVToRGB", colors.ImageYUVToRGB(GIVEN["ks"], GIVEN["kd"], GIVEN["k1"]))
    again = colors.ImageYUVToRGB(*colors.ImageRGBToYUV(GIVEN["k5"]))
    assert torch.allclose(again, GIVEN["k5"], atol=1e-5)
    with pytest.raises(NodeError, match="different sizes"):
        colors.ImageYUVToRGB(GIVEN["k1"], GIVEN["k2"], GIVEN["k1"])


@pytest.mark.parametrize("case", cases("ImageStitch"))
def test_pictures_are_put_beside_each_other(nodes, case):
    _, first, second, direction, match, spacing, color = case.split()
    stitch = nodes("image", "stitch").ImageStitch
    made = stitch(GIVEN[first], direction, match == "True", int(spacing), color, GIVEN[second])
    check(case, made, EIGHT_BITS if match == "True" else 6e-5)
    assert stitch(GIVEN[first], direction, match == "True", int(spacing), color) is GIVEN[first]


@pytest.mark.parametrize("case", cases("ResizeAndPadImage"))
def test_pictures_are_fitted_into_a_frame(nodes, case):
    _, name, width, height, color, method = case.split()
    made = nodes("image", "stitch").ResizeAndPadImage(GIVEN[name], int(width), int(height), color, method)
    check(case, made)


def test_a_picture_much_wider_than_its_frame_keeps_a_row_of_pixels(nodes):
    made = nodes("image", "stitch").ResizeAndPadImage(torch.zeros(1, 2, 50, 3), 5, 5, "white", "area")
    assert (made == 0).all(-1).sum().item() == 5


@pytest.mark.parametrize("case", cases("PorterDuffImageComposite"))
def test_pictures_with_transparency_are_laid_over_each_other(nodes, case):
    composite = nodes("image", "porter_duff").PorterDuffImageComposite
    mode = case.split()[1]
    if mode == "sizes":
        made = composite(GIVEN["k3"], MASKS["km"], GIVEN["k1"], MASKS["k2"], "SRC_OVER")
    else:
        made = composite(GIVEN["ks"], MASKS["ksa"], GIVEN["kd"], MASKS["kda"], mode)
    check(case, tuple(made))


def test_pictures_are_put_into_batches_of_one_size(nodes):
    rebatch = nodes("image", "batch").RebatchImages
    three, one = GIVEN["k5"], GIVEN["k1"]
    assert [len(batch) for batch in rebatch([three], 2)] == [2, 1]
    assert [len(batch) for batch in rebatch([one, three], 3)] == [3, 1]
    assert torch.equal(torch.cat(rebatch([one, three], 3)), torch.cat([one, three]))
    with pytest.raises(NodeError, match="several sizes"):
        rebatch([one, GIVEN["k2"]], 2)


@pytest.mark.parametrize(
    ("width", "height", "expected"),  # sizes that it chose
    [(40, 250, (672, 1568)), (73, 160, (688, 1504)), (64, 100, (832, 1248)), (100, 100, (1024, 1024)),
     (19, 16, (1104, 944)), (33, 16, (1456, 720)), (35, 16, (1504, 688)), (250, 40, (1568, 672))],
)  # fmt: skip
def test_pictures_get_a_size_that_flux_kontext_knows(nodes, width, height, expected):
    scaled = nodes("image", "scale").FluxKontextImageScale(torch.rand(1, height, width, 3))
    assert (scaled.shape[2], scaled.shape[1]) == expected


def test_of_a_smaller_batch_the_last_picture_is_stitched_again(nodes):
    three = GIVEN["k5"]
    stitched = nodes("image", "stitch").ImageStitch(three, image2=three[:2])
    assert torch.equal(stitched[:, :, 7:], three[[0, 1, 1]])
